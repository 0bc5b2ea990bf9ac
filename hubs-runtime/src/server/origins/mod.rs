//! Which pages may connect: a browser names the page's origin with every upgrade and every POST, and lets a page of any
//! site open a WebSocket, cookies included. So an origin must be the server's own host or be allowed. Clients that are no
//! browsers send none and pass. Must not know hubs.

mod allowed;
mod origin;
mod proxies;
#[cfg(test)]
mod tests;

pub use allowed::AllowedOrigins;
