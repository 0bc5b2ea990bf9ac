//! Follows a Redis Cluster: which master serves which slots. Must not know what is sent to them.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::future::select_ok;
use redis::{AsyncConnectionConfig, RedisError, Value};
use tokio::time::{sleep, timeout};

use super::{
    super::{
        BackplaneError,
        connect::{Address, Servers, problem},
        link::{Link, describe},
    },
    Kept, Links, Table, link,
    slots::{LAST, ranges},
};

/// How often a cluster is asked who serves what: while all is well, and while it is not. It is asked at once when a server
/// says that it does not serve a slot, but never more often than the third.
const ASKED: (Duration, Duration, Duration) =
    (Duration::from_secs(10), Duration::from_millis(500), Duration::from_millis(100));

/// The first and last of some slots, and their master.
type Range = (u16, u16, Address);

impl Links {
    /// Asks the servers who serves what, for ever.
    pub(super) async fn follow(&self) {
        while self.is_cluster() {
            match self.ask().await {
                Ok(ranges) => self.lay_out(ranges),
                Err(error) => self.table.read().other.link.queue.close(error),
            }
            sleep(ASKED.2).await;
            let wait = if self.is_up() { ASKED.0 } else { ASKED.1 };
            let _ = timeout(wait, self.signals.stale.notified()).await;
        }
    }

    /// The first answer of any server.
    async fn ask(&self) -> Result<Vec<Range>, BackplaneError> {
        let mut servers = self.seeds.clone();
        servers.extend(self.table.read().masters.keys().map(|(host, port)| self.seeds[0].at(host, *port)));
        let asked = servers.iter().map(|server| {
            Box::pin(async move {
                let mut connection = server.open(AsyncConnectionConfig::new(), &self.common.settings).await?;
                let reply = redis::cmd("CLUSTER").arg("SLOTS").query_async(&mut connection.commands).await;
                let reply: Value = reply.map_err(|error: RedisError| match error.code() {
                    Some("ERR") => problem("the server is not part of a cluster"),
                    _ => error,
                })?;
                let ranges = ranges(reply).into_iter().flatten().map(|range| {
                    let host = if range.host.is_empty() { server.host() } else { &range.host };
                    (range.first, range.last, server.at(host, range.port))
                });
                Ok::<_, RedisError>(ranges.collect())
            })
        });
        let limit = self.common.command_timeout;
        match timeout(limit, select_ok(asked)).await {
            Ok(Ok((ranges, _))) => Ok(ranges),
            Ok(Err(error)) => Err(describe(&error, limit)),
            Err(_) => Err(BackplaneError::TimedOut(limit)),
        }
    }

    /// Keeps a connection to each master, and moves what another one serves now.
    fn lay_out(&self, ranges: Vec<Range>) {
        let mut held = self.table.write();
        let table = &mut *held;
        let mut before = mem::take(&mut table.masters);
        table.slots.clear();
        let mut served = 0;
        for (first, last, address) in ranges {
            served += usize::from(last) - usize::from(first) + 1;
            let place = address.place();
            let start = || {
                let new = || Kept::running(link(&self.common, &self.signals), Servers::One(address));
                before.remove(&place).unwrap_or_else(new)
            };
            let link = Arc::clone(&table.masters.entry(place.clone()).or_insert_with(start).link);
            table.slots.insert(last, (first, link));
        }
        let is_whole = served > usize::from(LAST);
        table.other.link.is_up.store(is_whole, Ordering::SeqCst);
        if !is_whole {
            let text = "no server of the cluster serves some of the slots".to_owned();
            table.other.link.queue.close(BackplaneError::Unavailable(text));
        }
        let entered = table.settle(before);
        drop(held);
        entered.iter().for_each(|link| link.down());
        // A server that refused a subscription may take it now.
        let table = self.table.read();
        table
            .links()
            .filter(|link| !link.is_up.load(Ordering::SeqCst))
            .for_each(|link| link.channels.wake.notify_one());
        drop(table);
        self.signals.up.notify_one();
    }
}

impl Table {
    /// Moves channels and commands to the connections that serve them. Returns those that have new channels.
    fn settle(&self, gone: HashMap<(String, u16), Kept>) -> Vec<Arc<Link>> {
        let gone: Vec<_> = gone.into_values().collect();
        let mut entered: Vec<Arc<Link>> = Vec::new();
        for from in self.links().chain(gone.iter().map(|kept| &kept.link)) {
            for (name, moving) in from.channels.take(|name| !Arc::ptr_eq(self.of(name), from)) {
                let to = self.of(&name);
                to.channels.take_over(name, moving);
                if !entered.iter().any(|link| Arc::ptr_eq(link, to)) {
                    entered.push(Arc::clone(to));
                }
            }
        }
        for from in gone.iter().map(|kept| &kept.link).chain([&self.other.link]) {
            for command in from.queue.drain() {
                self.of(&command.name).queue.take_over(command);
            }
        }
        entered
    }
}
