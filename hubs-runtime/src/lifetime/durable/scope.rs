//! The log of one group or user, as far as this process follows it: its last entries, and who reads it. What changes the
//! order of entries for a reader happens under one lock.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use super::{ScopeId, Shared, follower::Follower, notices::Notice, position};
use crate::{
    backplane::{BackplaneError, Gap, LogEntry, LogPosition, Subscription},
    ids::ConnectionId,
    invocation::SendError,
    lifetime::{Target, clustered::Invocation},
    protocol::{EncodedMessage, JsonHubProtocol},
};

/// How many entries of a log are kept in this process for connections that come back, and how many bytes of them.
const KEPT: usize = 256;
const KEPT_BYTES: usize = 256 * 1024;

/// The header of a message that has its position.
const HEADER: &str = "log";

/// How many entries may come before the log's end is known.
const EARLY: usize = 1_000;

/// How long a log is followed that no connection reads here.
pub(super) const LINGER: Duration = Duration::from_secs(60);

pub(super) struct Scope {
    pub(super) id: ScopeId,
    /// The name of the log.
    pub(super) log: String,
    state: Mutex<State>,
    /// Whether its end was found, so that connections can read it.
    pub(super) ready: watch::Sender<Option<Result<(), BackplaneError>>>,
    /// Told when something is missing.
    pub(super) wake: Notify,
    pub(super) subscription: Mutex<Option<Subscription>>,
    /// How many readers of the feed need it.
    held: AtomicUsize,
}

pub(super) struct State {
    /// Once the log's end is known.
    pub(super) follower: Option<Follower>,
    /// What was heard before.
    early: Vec<LogEntry>,
    /// The last entries, the oldest first.
    pub(super) kept: VecDeque<Kept>,
    bytes: usize,
    /// The connections that read it.
    members: Target,
    /// Since when it has none.
    empty_since: Instant,
}

/// An entry as clients get it.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) position: LogPosition,
    pub(super) before: u32,
    pub(super) excluded: Vec<ConnectionId>,
    pub(super) message: EncodedMessage,
    /// The message without its header, for readers of the feed.
    event: Option<Bytes>,
    pub(super) bytes: usize,
}

impl Scope {
    pub(super) fn new(id: ScopeId, log: String) -> Self {
        let state = State {
            follower: None,
            early: Vec::new(),
            kept: VecDeque::new(),
            bytes: 0,
            members: Target::Connections(Vec::new()),
            empty_since: Instant::now(),
        };
        Self {
            id,
            log,
            state: Mutex::new(state),
            ready: watch::Sender::new(None),
            wake: Notify::new(),
            subscription: Mutex::default(),
            held: AtomicUsize::new(0),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Waits until the log's end is known.
    pub(super) fn is_ready(&self) -> impl Future<Output = Result<(), SendError>> + Send + use<> {
        let mut ready = self.ready.subscribe();
        async move {
            match ready.wait_for(Option::is_some).await {
                Ok(ready) => ready.clone().unwrap_or(Ok(())).map_err(SendError::from),
                Err(_) => Err(BackplaneError::Unavailable("the log is not followed any more".to_owned()).into()),
            }
        }
    }

    /// If its end could not be found, it is looked for at once, and who asks now waits for that.
    pub(super) fn try_again(&self) {
        let forget = |ready: &mut Option<Result<_, _>>| ready.take_if(|ready| ready.is_err()).is_some();
        if self.ready.send_if_modified(forget) {
            self.wake.notify_one();
        }
    }

    /// The connection reads it no more.
    pub(super) fn remove(&self, id: &ConnectionId) {
        let mut state = self.state();
        let Target::Connections(members) = &mut state.members else { return };
        if let Some(at) = members.iter().position(|member| member == id) {
            members.swap_remove(at);
            state.empty_since = Instant::now();
        }
    }

    /// Whether no connection has needed it for a while.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        state.members().is_empty() && self.held.load(Ordering::Acquire) == 0 && state.empty_since.elapsed() >= LINGER
    }

    pub(super) fn hold(&self) {
        self.held.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn let_go(&self) {
        let mut state = self.state();
        self.held.fetch_sub(1, Ordering::AcqRel);
        state.empty_since = Instant::now();
    }

    /// Takes an entry that was heard of.
    pub(super) fn heard(&self, entry: LogEntry, shared: &Shared) {
        let mut state = self.state();
        let Some(follower) = &mut state.follower else {
            if state.early.len() < EARLY {
                state.early.push(entry);
            }
            return;
        };
        let follows = follower.heard(entry);
        let must_read = follower.must_read();
        state.deliver(follows, self, shared);
        drop(state);
        if must_read {
            self.wake.notify_one();
        }
    }

    /// The log ends here, and is followed from now on.
    pub(super) fn begin(&self, end: LogPosition, shared: &Shared) {
        let mut state = self.state();
        state.follower = Some(Follower::new(end));
        let early = std::mem::take(&mut state.early);
        drop(state);
        early.into_iter().for_each(|entry| self.heard(entry, shared));
        self.ready.send_replace(Some(Ok(())));
    }

    /// The log does not go on from where it was followed: readers are told so, and it is followed from this position on.
    pub(super) fn begin_again(&self, end: LogPosition, gap: Gap, shared: &Shared) {
        let mut state = self.state();
        tracing::warn!(log = self.log, ?gap, "messages of a log are lost");
        state.follower = Some(Follower::new(end));
        state.kept.clear();
        state.bytes = 0;
        for member in state.members().to_vec() {
            shared.count_gap();
            if shared.is_aware(&member) {
                shared.tell(&member, &self.id, Notice::Missed(end, super::notices::reason(gap)));
            }
        }
    }
}

impl State {
    pub(super) fn members(&self) -> &[ConnectionId] {
        match &self.members {
            Target::Connections(members) => members,
            _ => &[],
        }
    }

    /// From now on the connection gets what is delivered.
    pub(super) fn add(&mut self, id: &ConnectionId) {
        if let Target::Connections(members) = &mut self.members
            && !members.contains(id)
        {
            members.push(id.clone());
        }
    }

    /// Gives entries to all readers, in order.
    pub(super) fn deliver(&mut self, entries: Vec<LogEntry>, scope: &Scope, shared: &Shared) {
        for entry in entries {
            let Some(kept) = Kept::new(&entry, scope, shared) else { continue };
            if let (Some(readers), Some(json)) = (&shared.readers, &kept.event) {
                readers.publish(&scope.id.target(), json, None);
            }
            if kept.excluded.iter().any(|id| self.members().contains(id)) {
                let members = self.members().iter().filter(|id| !kept.excluded.contains(id)).cloned().collect();
                shared.connections.send(&Target::Connections(members), &kept.message);
            } else {
                shared.connections.send(&self.members, &kept.message);
            }
            self.keep(kept);
        }
    }

    fn keep(&mut self, kept: Kept) {
        self.bytes += kept.bytes;
        self.kept.push_back(kept);
        while self.kept.len() > 1 && (self.kept.len() > KEPT || self.bytes > KEPT_BYTES) {
            let removed = self.kept.pop_front();
            self.bytes -= removed.map_or(0, |removed| removed.bytes);
        }
    }
}

impl Kept {
    /// The message of an entry, with its position in a header. `None` if another version of this library has written it.
    pub(super) fn new(entry: &LogEntry, scope: &Scope, shared: &Shared) -> Option<Self> {
        let Ok(Invocation { excluded, blobs, .. }) = Invocation::read(&entry.payload) else {
            tracing::warn!(log = scope.log, "an entry of a log cannot be read and is left out");
            return None;
        };
        let slots = shared.durability.protocols | shared.connections.protocols();
        let plain = EncodedMessage::of_blobs(blobs.iter().map(|(name, blob)| (name.as_str(), blob)), slots);
        let header = format!("{};{}", position::write(entry.position), scope.id.wire());
        Some(Self {
            position: entry.position,
            before: entry.before,
            excluded: excluded.into_iter().map(ConnectionId::from).collect(),
            message: plain.with_header(HEADER, &header),
            event: shared.readers.as_ref().and_then(|_| plain.get(&JsonHubProtocol).cloned()),
            bytes: entry.payload.len(),
        })
    }
}

/// A log that readers of the feed need, until this is dropped.
pub(super) struct Held(pub(super) Arc<Scope>);

impl Held {
    pub(super) fn ready(&self) -> impl Future<Output = Result<(), SendError>> + Send + use<> {
        self.0.is_ready()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.let_go();
    }
}
