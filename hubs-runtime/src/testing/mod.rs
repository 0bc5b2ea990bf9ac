//! An in-process test kit: hubs and typed clients over an in-memory transport. No ports, no sockets; works with paused
//! time (`#[tokio::test(start_paused = true)]`).
//!
//! ```
//! use hubs::{Hubs, HubResult, NoClient, hub, testing::{TestServer, with_default_timeout}};
//!
//! type Cx = hubs::HubCallerContext<NoClient>;
//!
//! #[hub]
//! trait Greeter {
//!     async fn greet(&self, cx: &Cx, name: String) -> HubResult<String>;
//! }
//!
//! struct Polite;
//!
//! impl Greeter for Polite {
//!     async fn greet(&self, _: &Cx, name: String) -> HubResult<String> {
//!         Ok(format!("Good day, {name}"))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = TestServer::new(Hubs::new().map("/greeter", GreeterContract, Polite));
//! let client = with_default_timeout(server.connect(GreeterContract, ())).await?;
//! assert_eq!(client.hub().greet("Ann".to_owned()).await?, "Good day, Ann");
//! # Ok(())
//! # }
//! ```

mod client;
mod server;
mod timeout;

pub use client::TestClient;
pub use server::{Connect, TestServer};
pub use timeout::with_default_timeout;
