//! Who is in a group: what each member shows of itself, over all nodes of the cluster. Must not know proxies or methods.
//!
//! | File | What it owns |
//! |---|---|
//! | `parts` | the members of a group: those of this node, and what other nodes have told of theirs |
//! | `view` | what watchers see of them, and when a member has left |
//! | `group` | one group: what is told to watchers and to other nodes, and when |
//! | `nodes` | which other nodes run |
//! | `table` | all groups of a hub, and its connections in them |
//! | `told` | what nodes tell each other |
//! | `running` | the task that sends what is due |

mod group;
mod nodes;
mod parts;
mod running;
mod table;
#[cfg(test)]
mod tests;
mod told;
mod view;

use std::{
    any::Any,
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::Notify, task::JoinHandle, time::Instant};

pub(crate) use self::view::Seen;
use self::{table::Table, view::View};
use super::{Cluster, LocalConnections};
use crate::{
    backplane::Subscription,
    ids::{ConnectionId, GroupName},
    invocation::SendError,
    protocol::{Payload as _, PayloadFormat},
};

/// The key of a member.
type Key = Arc<str>;

/// The longest key, in bytes.
const LONGEST_KEY: usize = 256;

/// What members of a group show.
pub(crate) trait Meta: Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<M: Serialize + DeserializeOwned + Send + Sync + 'static> Meta for M {}

/// How a hub shows who is in a group.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The other nodes, if there are any.
    pub(crate) cluster: Option<Cluster>,
    /// How long a member is shown whose connections have ended.
    pub(crate) leave_delay: Duration,
    /// Up to how many members watchers are told who they are.
    pub(crate) list_limit: usize,
    /// How large what one member shows may be, in bytes of JSON.
    pub(crate) member_size: usize,
}

/// Who is in the groups of a hub. It is made when presence is first used.
pub(crate) struct Presence<M> {
    shared: Arc<Shared<M>>,
}

struct Shared<M> {
    table: Mutex<Table<M>>,
    connections: Weak<LocalConnections>,
    /// Told when something is due earlier than before.
    wake: Arc<Notify>,
    task: Mutex<Option<JoinHandle<()>>>,
    /// What all nodes hear.
    notices: Mutex<Option<Subscription>>,
}

/// What presence has to know of the hub's connections, whatever their members show.
pub(crate) trait Attendance: Send + Sync {
    /// A connection has ended.
    fn gone(&self, connection: &ConnectionId);
    /// A connection is not in a group any more.
    fn left(&self, connection: &ConnectionId, group: &GroupName);
    /// How often connections of this process are shown as members.
    fn tracked(&self) -> usize;
    /// This process is about to end: other nodes are told at once who has left.
    fn end(&self) -> BoxFuture<'static, ()>;
    fn any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<M: Meta> Presence<M> {
    pub(super) fn new(settings: Settings, connections: &Arc<LocalConnections>) -> Self {
        let shared = Shared {
            table: Mutex::new(Table::new(settings, Instant::now())),
            connections: Arc::downgrade(connections),
            wake: Arc::default(),
            task: Mutex::default(),
            notices: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Shows a connection of this process as a member of a group. A connection of another one is passed over.
    pub(crate) fn track(
        &self,
        connection: &ConnectionId,
        group: &GroupName,
        key: Option<String>,
        meta: M,
    ) -> Result<(), SendError> {
        let Some(connections) = self.shared.connections.upgrade() else { return Ok(()) };
        let Some(peer) = connections.peer(connection) else { return Ok(()) };
        let user = || peer.user.as_ref().map_or(connection.as_str(), |user| user.as_str()).to_owned();
        let key = key.unwrap_or_else(user);
        if key.len() > LONGEST_KEY {
            return Err(SendError::MemberKeyTooLong { length: key.len(), limit: LONGEST_KEY });
        }
        let mut written = Vec::new();
        meta.encode(PayloadFormat::Json, &mut written)?;
        let limit = self.shared.table.lock().settings.member_size;
        if written.len() > limit {
            return Err(SendError::MemberTooLarge { length: written.len(), limit });
        }
        self.enter(&connections, connection, group, Some((key.into(), meta)))
    }

    /// Lets a connection of this process see who is in a group. If it was shown, it is shown no more.
    pub(crate) fn watch(&self, connection: &ConnectionId, group: &GroupName) -> Result<(), SendError> {
        let Some(connections) = self.shared.connections.upgrade() else { return Ok(()) };
        if connections.peer(connection).is_none() {
            return Ok(());
        }
        self.enter(&connections, connection, group, None)
    }

    fn enter(
        &self,
        connections: &LocalConnections,
        connection: &ConnectionId,
        group: &GroupName,
        shown: Option<(Key, M)>,
    ) -> Result<(), SendError> {
        connections.check_name(group)?;
        let mut table = self.shared.table.lock();
        if !table.is_in(connection, group) {
            connections.check_groups(table.places(connection))?;
        }
        table.enter(connection, group, shown, Instant::now());
        self.shared.follow(&mut table, group);
        drop(table);
        if connections.peer(connection).is_none() {
            // It has ended meanwhile, and may have been forgotten before.
            self.shared.table.lock().gone(connection, Instant::now());
        }
        self.shared.changed();
        Ok(())
    }

    /// A connection is neither shown nor sees who is in the group.
    pub(crate) fn untrack(&self, connection: &ConnectionId, group: &GroupName) {
        self.left(connection, group);
    }

    /// Gives the members of a group to `read`, once they are known on this node.
    pub(crate) async fn read<T>(&self, group: &GroupName, read: impl FnOnce(Vec<Seen<'_, M>>) -> T) -> T {
        self.is_known(group).await;
        let mut table = self.shared.table.lock();
        read(table.view(group, Instant::now()).map(View::list).unwrap_or_default())
    }

    /// How many members a group has, once that is known on this node.
    pub(crate) async fn count(&self, group: &GroupName) -> usize {
        self.is_known(group).await;
        self.shared.table.lock().view(group, Instant::now()).map_or(0, View::len)
    }

    /// Waits until it is known who is in a group, on all nodes that answer.
    async fn is_known(&self, name: &GroupName) {
        let mut known = {
            let mut table = self.shared.table.lock();
            if table.settings.cluster.is_none() {
                return;
            }
            let now = Instant::now();
            let group = table.group(name, now);
            group.hold(now);
            let known = group.known.subscribe();
            table.touch(name, now);
            self.shared.follow(&mut table, name);
            known
        };
        self.shared.changed();
        // An error: the group is not followed any more.
        let _ = known.wait_for(|known| *known).await;
    }
}

impl<M: Meta> Attendance for Presence<M> {
    fn gone(&self, connection: &ConnectionId) {
        self.shared.table.lock().gone(connection, Instant::now());
        self.shared.changed();
    }

    fn left(&self, connection: &ConnectionId, group: &GroupName) {
        self.shared.table.lock().leave(connection, group, Instant::now());
        self.shared.changed();
    }

    fn tracked(&self) -> usize {
        self.shared.table.lock().tracked()
    }

    fn end(&self) -> BoxFuture<'static, ()> {
        self.shared.end()
    }

    fn any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<M> Drop for Shared<M> {
    fn drop(&mut self) {
        self.wake.notify_one();
    }
}

impl<M> fmt::Debug for Presence<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").finish_non_exhaustive()
    }
}
