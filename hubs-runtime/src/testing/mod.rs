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
//!
//! # What a client receives
//!
//! [`TestServer::record`] connects a client that records what the hub calls on it. For each method of the client
//! interface it has a method that waits for the next call:
//!
//! ```
//! use hubs::{HubCallerContext, HubResult, Hubs, client_interface, hub, testing::TestServer};
//!
//! #[client_interface]
//! trait ChatClient {
//!     async fn receive_message(&self, from: String, text: String) -> HubResult<()>;
//!     async fn confirm(&self, question: String) -> HubResult<bool>;
//! }
//!
//! type Cx = HubCallerContext<ChatClientContract>;
//!
//! #[hub(client = ChatClient)]
//! trait ChatHub {
//!     async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
//!     async fn clear(&self, cx: &Cx) -> HubResult<bool>;
//! }
//!
//! struct Chat;
//!
//! impl ChatHub for Chat {
//!     async fn send(&self, cx: &Cx, text: String) -> HubResult<()> {
//!         cx.clients().all().receive_message("Ann".to_owned(), text).await?;
//!         Ok(())
//!     }
//!
//!     async fn clear(&self, cx: &Cx) -> HubResult<bool> {
//!         Ok(cx.clients().caller().confirm("Sure?".to_owned()).await?)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = TestServer::new(Hubs::new().map("/chat", ChatHubContract, Chat));
//! let ann = server.record(ChatHubContract).await?;
//! let ben = server.record(ChatHubContract).await?;
//!
//! ann.hub().send("hi".to_owned()).await?;
//! assert_eq!(ben.next_receive_message().await, ("Ann".to_owned(), "hi".to_owned()));
//!
//! ann.answer_confirm(|question| Ok(question == "Sure?"));
//! assert!(ann.hub().clear().await?);
//! # Ok(())
//! # }
//! ```
//!
//! # Paused time and databases
//!
//! While time is paused, tokio moves its clock to the next timer whenever no task can run. A task that waits for a
//! socket or a thread cannot run, so a hub that asks a database has its time-outs expire at once: a pool fails with its
//! "timed out waiting for a connection" although the database is well. In such a test, leave time running
//! (`#[tokio::test]` without `start_paused`); or do the work with the database first, and call `tokio::time::pause()`
//! after it.

mod client;
mod recorder;
mod server;
mod timeout;

pub use client::TestClient;
pub use recorder::{Recorded, Recorder, RecordingClient};
pub use server::{TestClientBuilder, TestServer};
pub use timeout::with_default_timeout;
