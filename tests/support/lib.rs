//! What the tests of the workspace share.

mod redis;
mod redis_cluster;
mod redis_sentinel;
mod redis_tls;

pub use redis::RedisServer;
pub use redis_cluster::RedisCluster;
pub use redis_sentinel::RedisSentinels;
pub use redis_tls::RedisTls;
