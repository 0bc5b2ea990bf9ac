//! A Redis with a replica, and three Sentinels that watch over them.

use std::fs;

use crate::RedisServer;

const NAME: &str = "mymaster";
const SENTINELS: usize = 3;

/// A master, a replica and three Sentinels. All are killed when this is dropped.
#[derive(Debug)]
pub struct RedisSentinels {
    servers: [RedisServer; 2],
    sentinels: Vec<RedisServer>,
}

impl RedisSentinels {
    /// Starts them, and returns when the Sentinels know each other and the replica.
    ///
    /// # Panics
    ///
    /// Redis is not installed, or a server ends.
    pub fn start() -> Self {
        let master = RedisServer::start();
        let mut replica = RedisServer::stopped();
        replica.options.extend(["--replicaof", "127.0.0.1", &master.port().to_string()].map(str::to_owned));
        master.command("CONFIG SET repl-diskless-sync-delay 0");
        replica.restart_until(&["Finished with success"]);
        let mut sentinels: Vec<_> = (0..SENTINELS).map(|_| sentinel(master.port())).collect();
        std::thread::scope(|scope| {
            for sentinel in &mut sentinels {
                // Each finds the two others.
                scope.spawn(|| sentinel.restart_until(&["+slave", "+sentinel", "+sentinel"]));
            }
        });
        Self { servers: [master, replica], sentinels }
    }

    /// The server that was the master at the start.
    pub fn master(&mut self) -> &mut RedisServer {
        &mut self.servers[0]
    }

    /// The addresses of the Sentinels.
    pub fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(RedisServer::url).collect()
    }

    /// The name of the master.
    pub fn name(&self) -> &str {
        NAME
    }
}

fn sentinel(master: u16) -> RedisServer {
    let mut sentinel = RedisServer::stopped();
    let config = format!(
        "port {}\nbind 127.0.0.1\nsentinel monitor {NAME} 127.0.0.1 {master} 2\n\
         sentinel down-after-milliseconds {NAME} 500\nsentinel failover-timeout {NAME} 3000\n",
        sentinel.port()
    );
    fs::write(sentinel.folder.path().join("sentinel.conf"), config).expect("a file");
    sentinel.options = ["sentinel.conf", "--sentinel"].map(str::to_owned).to_vec();
    sentinel
}
