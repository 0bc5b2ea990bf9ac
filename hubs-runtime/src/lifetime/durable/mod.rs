//! The manager of a hub whose clients have durable methods: what is sent to a group or a user is recorded in a log before
//! it is delivered, and a client that comes back gets what it has missed. It stands around another manager, which delivers
//! everything else.
//!
//! | File | What it owns |
//! |---|---|
//! | `position` | positions as clients keep them |
//! | `follower` | the order of the entries that are heard of |
//! | `scope` | the log of one group or user, as far as this process follows it |
//! | `entering` | how a connection becomes a reader of a log |
//! | `reading` | the task that reads a log where something is missing |
//! | `recording` | how a message gets into a log |
//! | `claims` | how far a client says that it has read |
//! | `notices` | what clients are told of their logs |

mod claims;
mod entering;
pub(crate) mod follower;
mod notices;
mod position;
mod reading;
mod recording;
mod scope;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, AtomicUsize},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::Either};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

pub(crate) use self::claims::Claims;
use self::{entering::Entering, notices::Notice, scope::Scope};
use super::{Answer, Following, HubLifetimeManager, LocalConnections, Readers, Target};
use crate::{
    backplane::{Backplane, LogLimits},
    connection::Peer,
    ids::{ConnectionId, GroupName, ShrinkSpare, UserId},
    invocation::{SendError, Unexpected},
    protocol::{CompletionResult, EncodedMessage, Headers},
};

/// The log of what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ScopeId {
    Group(GroupName),
    User(UserId),
}

impl ScopeId {
    /// As clients name it: a client has one user.
    pub(super) fn wire(&self) -> String {
        match self {
            Self::Group(name) => format!("g:{}", name.as_str()),
            Self::User(_) => "u".to_owned(),
        }
    }

    /// The name of the log, and of the channel on which its entries are told.
    fn log(&self, hub: &str) -> String {
        match self {
            Self::Group(name) => format!("{hub}:log:g:{}", name.as_str()),
            Self::User(user) => format!("{hub}:log:u:{}", user.as_str()),
        }
    }

    fn target(&self) -> Target {
        match self {
            Self::Group(name) => Target::Groups { names: vec![name.clone()], except: Vec::new() },
            Self::User(user) => Target::Users(vec![user.clone()]),
        }
    }
}

/// What a hub knows of its logs.
#[derive(Debug, Clone)]
pub(crate) struct Durability {
    pub(crate) backplane: Arc<dyn Backplane>,
    /// Whether other nodes follow and write the same logs.
    pub(crate) is_shared: bool,
    /// The hub's name in the names of its logs.
    pub(crate) hub: String,
    /// For which protocols entries are encoded: one bit for each slot.
    pub(crate) protocols: u8,
    pub(crate) limits: LogLimits,
    /// How long a message may take to be recorded.
    pub(crate) publish_timeout: Duration,
}

pub(crate) struct DurableLifetimeManager {
    inner: Arc<dyn HubLifetimeManager>,
    shared: Arc<Shared>,
}

struct Shared {
    durability: Durability,
    connections: Arc<LocalConnections>,
    readers: Option<Arc<Readers>>,
    scopes: Mutex<HashMap<ScopeId, Arc<Scope>>>,
    clients: Mutex<HashMap<ConnectionId, Client>>,
    /// How many times a connection began to read a log.
    entries: AtomicU64,
    /// Bytes of messages that wait to be recorded.
    waiting: Arc<AtomicUsize>,
    /// Each read of a log takes one.
    reads: Semaphore,
}

/// A connection of this process.
struct Client {
    peer: Weak<Peer>,
    /// Whether it reads notices.
    is_aware: bool,
    claims: Claims,
    /// The logs that it reads, or is about to.
    reads: Vec<Reading>,
}

/// A log that a connection reads, or is about to.
struct Reading {
    scope: Arc<Scope>,
    /// Which entry into the log it was: one that was overtaken by another counts no more.
    number: u64,
}

impl DurableLifetimeManager {
    pub(crate) fn new(
        inner: Arc<dyn HubLifetimeManager>,
        durability: Durability,
        connections: Arc<LocalConnections>,
        readers: Option<Arc<Readers>>,
    ) -> Self {
        let (scopes, clients, entries, waiting) = Default::default();
        let reads = Semaphore::new(reading::AT_ONCE);
        let shared = Shared { durability, connections, readers, scopes, clients, entries, waiting, reads };
        Self { inner, shared: Arc::new(shared) }
    }

    /// Adds a connection to a group, as the inner manager does, and to the readers of its log. With `history` a connection
    /// that has no position of its own gets the last messages first.
    fn join(&self, id: &ConnectionId, group: &GroupName, history: usize) -> Answer<()> {
        let joined = self.inner.add_to_group(id, group);
        let Some(peer) = self.shared.peer(id) else { return joined };
        let (shared, scope) = (Arc::clone(&self.shared), ScopeId::Group(group.clone()));
        Either::Right(
            async move {
                joined.await?;
                shared.enter(Entering { peer, scope, history }).await
            }
            .boxed(),
        )
    }
}

impl Shared {
    /// The connection of this process with this id.
    fn peer(&self, id: &ConnectionId) -> Option<Arc<Peer>> {
        self.clients.lock().get(id)?.peer.upgrade()
    }

    /// Lets a connection read a log no more.
    fn leave(&self, id: &ConnectionId, scope: &ScopeId) {
        let mut clients = self.clients.lock();
        let Some(client) = clients.get_mut(id) else { return };
        if let ScopeId::Group(group) = scope {
            client.claims.forget(group);
        }
        let Some(at) = client.reads.iter().position(|read| read.scope.id == *scope) else { return };
        let (left, is_aware) = (client.reads.swap_remove(at), client.is_aware);
        drop(clients);
        left.scope.remove(id);
        if is_aware {
            self.tell(id, scope, Notice::Left);
        }
    }
}

impl HubLifetimeManager for DurableLifetimeManager {
    fn connect(&self, peer: Arc<Peer>) -> Answer<()> {
        let client =
            Client { peer: Arc::downgrade(&peer), is_aware: false, claims: Claims::default(), reads: Vec::new() };
        self.shared.clients.lock().insert(peer.id.clone(), client);
        let connected = self.inner.connect(Arc::clone(&peer));
        let Some(user) = peer.user.clone() else { return connected };
        let shared = Arc::clone(&self.shared);
        Either::Right(
            async move {
                let (scope, history) = (ScopeId::User(user), 0);
                let entered = match connected.await {
                    Ok(()) => shared.enter(Entering { peer: Arc::clone(&peer), scope: scope.clone(), history }).await,
                    failed => failed,
                };
                if entered.is_err() {
                    // The connection goes on, so its user's log has to be read as soon as it can be.
                    tokio::spawn(shared.enter_later(peer, scope));
                }
                entered
            }
            .boxed(),
        )
    }

    fn disconnect(&self, peer: &Peer) {
        let mut clients = self.shared.clients.lock();
        let is_same = |client: &Client| std::ptr::eq(client.peer.as_ptr(), peer);
        let left = if clients.get(&peer.id).is_some_and(is_same) { clients.remove(&peer.id) } else { None };
        clients.shrink_spare();
        drop(clients);
        for read in left.map(|client| client.reads).unwrap_or_default() {
            read.scope.remove(&peer.id);
        }
        self.inner.disconnect(peer);
    }

    fn protocols(&self) -> u8 {
        self.inner.protocols()
    }

    fn log_protocols(&self) -> u8 {
        self.shared.durability.protocols | self.inner.protocols()
    }

    fn protocols_of(&self, id: &ConnectionId) -> u8 {
        self.inner.protocols_of(id)
    }

    fn send(&self, target: &Target, message: &EncodedMessage) -> Answer<()> {
        match (message.durable(), target) {
            (Some(durable), Target::Groups { names, except }) => {
                let scopes = names.iter().cloned().map(ScopeId::Group);
                self.shared.record_all(scopes, message, except, durable)
            }
            (Some(durable), Target::Users(users)) => {
                self.shared.record_all(users.iter().cloned().map(ScopeId::User), message, &[], durable)
            }
            _ => self.inner.send(target, message),
        }
    }

    fn send_to(&self, id: &ConnectionId, message: &EncodedMessage) -> Answer<bool> {
        self.inner.send_to(id, message)
    }

    fn ask(&self, id: &ConnectionId, result_id: &str, message: &EncodedMessage) -> Answer<bool> {
        self.inner.ask(id, result_id, message)
    }

    fn add_to_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        self.join(id, group, 0)
    }

    fn add_with_history(&self, id: &ConnectionId, group: &GroupName, last: usize) -> Answer<()> {
        self.join(id, group, last)
    }

    fn remove_from_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        self.shared.leave(id, &ScopeId::Group(group.clone()));
        self.inner.remove_from_group(id, group)
    }

    fn resume(&self, id: &ConnectionId, claims: Claims) {
        self.shared.resume(id, claims);
    }

    fn result_id(&self, number: u64) -> String {
        self.inner.result_id(number)
    }

    fn result_number(&self, id: &str) -> Option<u64> {
        self.inner.result_number(id)
    }

    fn forward_answer(
        &self,
        id: &str,
        peer: &Peer,
        result: &CompletionResult<'_>,
        headers: Headers<'_>,
    ) -> Result<(), Unexpected> {
        self.inner.forward_answer(id, peer, result, headers)
    }

    fn owes_answers(&self, id: &ConnectionId) -> bool {
        self.inner.owes_answers(id)
    }

    fn follow(&self, user: Option<&UserId>, groups: &[GroupName]) -> Following {
        let scopes = groups.iter().cloned().map(ScopeId::Group).chain(user.cloned().map(ScopeId::User));
        let held: Vec<_> = scopes.map(|scope| self.shared.hold(&scope)).collect();
        let ready = held.iter().map(|held| held.ready()).collect::<Vec<_>>();
        let ready = async move {
            for ready in ready {
                ready.await?;
            }
            Ok::<(), SendError>(())
        };
        self.inner.follow(user, groups).and(held, ready)
    }

    fn client_gone(&self, id: &ConnectionId) {
        self.inner.client_gone(id);
    }
}

impl fmt::Debug for DurableLifetimeManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableLifetimeManager").field("durability", &self.shared.durability).finish_non_exhaustive()
    }
}
