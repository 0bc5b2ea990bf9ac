//! A Redis Cluster of three masters, where each can have a replica.

use std::time::Duration;

use crate::{RedisServer, redis::free_port};

/// The masters and the slots of a cluster.
const MASTERS: u16 = 3;
const SLOTS: u16 = 16_384;
/// How often the servers are asked whether they agree: for 30 s.
const TRIES: usize = 1_500;

/// The servers of a cluster. All are killed when this is dropped.
#[derive(Debug)]
pub struct RedisCluster {
    servers: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts three masters, and returns when they agree who serves which slots.
    ///
    /// # Panics
    ///
    /// Redis is not installed, or a server ends.
    pub fn start() -> Self {
        let servers: Vec<_> = (0..MASTERS).map(|_| server()).collect();
        for (number, server) in (0..MASTERS).zip(&servers) {
            let (first, end) = (first_slot(number), first_slot(number + 1));
            server.command(&format!("CLUSTER ADDSLOTSRANGE {first} {}", end - 1));
        }
        let cluster = Self { servers };
        cluster.meet();
        cluster
    }

    /// Adds a replica to each master.
    ///
    /// # Panics
    ///
    /// Redis is not installed, or a server ends.
    pub fn add_replicas(&mut self) {
        self.servers.extend((0..MASTERS).map(|_| server()));
        self.meet();
        let (masters, replicas) = self.servers.split_at(usize::from(MASTERS));
        for (master, replica) in masters.iter().zip(replicas) {
            let id = id(master);
            until(|| replica.command(&format!("CLUSTER REPLICATE {id}")).contains("OK"));
        }
        until(|| replicas.iter().all(|replica| replica.command("INFO replication").contains("master_link_status:up")));
        // The masters must know it before they can let a replica follow.
        let known = |server: &RedisServer| server.command("CLUSTER NODES").matches("slave").count();
        until(|| self.servers.iter().all(|server| known(server) == replicas.len()));
    }

    /// Has all servers know each other, and waits until they do.
    fn meet(&self) {
        for server in &self.servers[1..] {
            let port = server.command("CONFIG GET cluster-port").lines().nth(4).expect("a port").to_owned();
            self.servers[0].command(&format!("CLUSTER MEET 127.0.0.1 {} {port}", server.port()));
        }
        let known = format!("cluster_known_nodes:{}", self.servers.len());
        let agrees = |info: &str| info.contains("cluster_state:ok") && info.contains(&known);
        until(|| self.servers.iter().all(|server| agrees(&server.command("CLUSTER INFO"))));
    }

    /// The addresses of the masters at the start.
    pub fn urls(&self) -> Vec<String> {
        self.servers.iter().take(usize::from(MASTERS)).map(RedisServer::url).collect()
    }

    /// The slot of a name, as Redis says it.
    ///
    /// # Panics
    ///
    /// The first server does not run.
    pub fn slot(&self, name: &str) -> u16 {
        let reply = self.servers[0].command(&format!("CLUSTER KEYSLOT {name}"));
        reply.lines().next().and_then(|line| line.strip_prefix(':')?.parse().ok()).expect("a slot")
    }

    /// The number of the server that was the master of the name at the start.
    pub fn master(&self, name: &str) -> usize {
        master(self.slot(name))
    }

    /// Kills the server that was the master of the slot at the start.
    pub fn kill_master(&mut self, slot: u16) {
        let number = master(slot);
        self.servers[number].kill();
    }

    /// Moves a slot, with its keys, from the master that had it at the start to the next one.
    ///
    /// # Panics
    ///
    /// A server does not run, or refuses.
    pub fn move_slot(&self, slot: u16) {
        let (from, to) = (&self.servers[master(slot)], &self.servers[(master(slot) + 1) % usize::from(MASTERS)]);
        let (from_id, to_id) = (id(from), id(to));
        let ok = |server: &RedisServer, command: &str| {
            let reply = server.command(command);
            assert!(reply.starts_with("+OK"), "{command}: {reply}");
        };
        ok(to, &format!("CLUSTER SETSLOT {slot} IMPORTING {from_id}"));
        ok(from, &format!("CLUSTER SETSLOT {slot} MIGRATING {to_id}"));
        let keys = from.command(&format!("CLUSTER GETKEYSINSLOT {slot} 1000"));
        let keys: Vec<_> = keys.lines().filter(|line| !line.starts_with(['*', '$', '+'])).collect();
        if !keys.is_empty() {
            ok(from, &format!("MIGRATE 127.0.0.1 {} \"\" 0 5000 KEYS {}", to.port(), keys.join(" ")));
        }
        for server in [to, from].into_iter().chain(&self.servers) {
            ok(server, &format!("CLUSTER SETSLOT {slot} NODE {to_id}"));
        }
    }
}

fn first_slot(master: u16) -> u16 {
    SLOTS / MASTERS * master + if master == MASTERS { SLOTS % MASTERS } else { 0 }
}

/// The number of the master that has the slot at the start.
fn master(slot: u16) -> usize {
    usize::from((0..MASTERS).rev().find(|master| first_slot(*master) <= slot).unwrap_or(0))
}

fn server() -> RedisServer {
    let mut server = RedisServer::stopped();
    // A master that a busy machine does not let run for a moment is not taken for dead.
    let options = format!("--cluster-enabled yes --cluster-node-timeout 3000 --cluster-port {}", free_port());
    server.options.extend(options.split(' ').map(str::to_owned));
    server.options.extend(["--repl-diskless-sync-delay", "0"].map(str::to_owned));
    server.restart();
    server
}

fn id(server: &RedisServer) -> String {
    server.command("CLUSTER MYID").lines().nth(1).expect("its id").to_owned()
}

#[expect(clippy::disallowed_methods, reason = "the servers are real, and so is the time that they take")]
fn until(mut holds: impl FnMut() -> bool) {
    for _ in 0..TRIES {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the servers of the cluster do not agree");
}
