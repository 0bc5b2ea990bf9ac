//! What the tests of the workspace share.

mod redis;

pub use redis::RedisServer;
