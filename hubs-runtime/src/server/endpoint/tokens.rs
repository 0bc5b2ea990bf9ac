//! The connections that have a token: those negotiated and waiting for their transport, a bounded number for a bounded
//! time, and those attached, so that no second transport gets hold of them and later requests find them. Knows no HTTP.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{
    connection::Handover,
    hub::LatestPrincipal,
    ids::{ConnectionId, ConnectionToken, ShrinkSpare, UserId},
    server::HubOptions,
    transport::{Feed, long_polling::Polls, negotiate::Identity},
};

/// How many bytes may come for a connection that waits for its transport: a handshake, which costs a stranger nothing but
/// a request.
const EARLY_CAPACITY: usize = 1024;

/// All connections of one hub that have a token. Cheap to clone.
#[derive(Clone)]
pub(super) struct Tokens {
    state: Arc<Mutex<State>>,
    timeout: Duration,
    maximum_pending: usize,
    /// How many bytes a client may send ahead, before its transport and later.
    feed_capacity: usize,
}

#[derive(Default)]
struct State {
    tokens: HashMap<ConnectionToken, Entry>,
    /// Those that wait, by the number given to each, so the first to expire comes first.
    pending: BTreeMap<u64, (Option<Instant>, ConnectionToken)>,
    next_number: u64,
}

struct Entry {
    /// Whom the connection belongs to.
    user: Option<UserId>,
    line: Line,
    /// While it waits for its transport.
    pending: Option<Pending>,
}

struct Pending {
    number: u64,
    id: ConnectionId,
    /// Whether its client uses stateful reconnect.
    resumable: bool,
}

/// How later requests reach a connection.
#[derive(Clone)]
pub(super) enum Line {
    /// It waits for its transport.
    Unused,
    /// It waits for its transport, and the client has sent already.
    Posted(Feed),
    /// Not at all: all goes over the socket. Another may take over where stateful reconnect is used.
    WebSocket(Option<Arc<Handover>>),
    /// By sending.
    Events(Feed),
    /// By polling and by sending; every poll says whose it is.
    Polls(Polls, LatestPrincipal),
}

/// A connection that a request names.
pub(super) struct Found {
    pub(super) user: Option<UserId>,
    pub(super) line: Line,
    /// Whether its client has asked for stateful reconnect. Only known while it waits for its transport.
    pub(super) resumable: bool,
}

/// Why a transport is not attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttachError {
    Unknown,
    AlreadyAttached,
}

/// Keeps the token of one attached connection; dropping it makes the token unknown.
pub(super) struct Attachment {
    tokens: Tokens,
    token: ConnectionToken,
    id: ConnectionId,
}

impl Tokens {
    /// At most [`HubOptions::maximum_pending_connections`] wait, each for at most [`HubOptions::disconnect_timeout`].
    pub(super) fn new(options: &HubOptions) -> Self {
        Self {
            state: Arc::default(),
            timeout: options.disconnect_timeout,
            maximum_pending: options.maximum_pending_connections,
            feed_capacity: options.application_max_buffer_size,
        }
    }

    /// Lets a negotiated connection wait for its transport. False if too many do.
    pub(super) fn add(&self, identity: Identity, user: Option<UserId>, resumable: bool) -> bool {
        let Identity { id, token } = identity;
        let mut state = self.swept();
        if state.pending.len() >= self.maximum_pending {
            return false;
        }
        let number = state.next_number;
        state.next_number += 1;
        state.pending.insert(number, (Instant::now().checked_add(self.timeout), token.clone()));
        state
            .tokens
            .insert(token, Entry { user, line: Line::Unused, pending: Some(Pending { number, id, resumable }) });
        true
    }

    /// The connection with this token.
    pub(super) fn find(&self, token: &str) -> Option<Found> {
        let state = self.swept();
        let entry = state.tokens.get(token)?;
        let resumable = entry.pending.as_ref().is_some_and(|pending| pending.resumable);
        Some(Found { user: entry.user.clone(), line: entry.line.clone(), resumable })
    }

    /// Where bytes for a connection go that still waits for its transport; made for the first that come.
    pub(super) fn early_feed(&self, token: &str) -> Option<Feed> {
        let mut state = self.swept();
        let entry = state.tokens.get_mut(token)?;
        if let Line::Unused = entry.line {
            entry.line = Line::Posted(Feed::new(self.feed_capacity.min(EARLY_CAPACITY)));
        }
        match &entry.line {
            Line::Posted(feed) | Line::Events(feed) => Some(feed.clone()),
            Line::Polls(polls, _) => Some(polls.feed().clone()),
            Line::Unused | Line::WebSocket(_) => None,
        }
    }

    /// Takes a waiting connection for a transport, which `open` makes. `user` is who opens it.
    pub(super) fn attach<R>(
        &self,
        token: &str,
        user: Option<UserId>,
        open: impl FnOnce(Feed) -> (Line, R),
    ) -> Result<(Attachment, R), AttachError> {
        let mut state = self.swept();
        let (token, entry) = state.tokens.remove_entry(token).ok_or(AttachError::Unknown)?;
        let Some(Pending { number, id, .. }) = entry.pending else {
            state.tokens.insert(token, entry);
            return Err(AttachError::AlreadyAttached);
        };
        state.pending.remove(&number);
        let feed = if let Line::Posted(feed) = entry.line { feed } else { Feed::new(self.feed_capacity) };
        let (line, opened) = open(feed.clone());
        state.tokens.insert(token.clone(), Entry { user, line, pending: None });
        drop(state);
        feed.widen(self.feed_capacity);
        Ok((Attachment { tokens: self.clone(), token, id }, opened))
    }

    /// Registers a connection that comes with its socket, without having negotiated.
    pub(super) fn attach_new(&self, identity: Identity, user: Option<UserId>) -> Attachment {
        let Identity { id, token } = identity;
        self.swept().tokens.insert(token.clone(), Entry { user, line: Line::WebSocket(None), pending: None });
        Attachment { tokens: self.clone(), token, id }
    }

    /// Makes a token unknown, whatever becomes of its connection.
    pub(super) fn forget(&self, token: &str) {
        let forgotten = {
            let mut state = self.state.lock();
            let forgotten = state.tokens.remove(token);
            state.tokens.shrink_spare();
            forgotten
        };
        drop(forgotten);
    }

    /// Forgets what has expired.
    pub(super) fn sweep(&self) {
        drop(self.swept());
    }

    /// The state without what has expired: every request clears up, so that nothing needs a task or a timer.
    fn swept(&self) -> parking_lot::MutexGuard<'_, State> {
        let mut state = self.state.lock();
        let now = Instant::now();
        let mut posted = Vec::new();
        while let Some(first) = state.pending.first_entry() {
            // Without a time it waits for ever.
            if first.get().0.is_none_or(|deadline| deadline > now) {
                break;
            }
            let (_, token) = first.remove();
            if let Some(Entry { line: Line::Posted(feed), .. }) = state.tokens.remove(&token) {
                posted.push(feed);
            }
            state.tokens.shrink_spare();
        }
        if posted.is_empty() {
            return state;
        }
        // Not under the lock: it wakes tasks.
        drop(state);
        posted.iter().for_each(Feed::abandon);
        self.state.lock()
    }
}

impl Attachment {
    /// The public name of the connection.
    pub(super) fn id(&self) -> &ConnectionId {
        &self.id
    }

    /// Makes the token unknown before the connection has ended.
    pub(super) fn release(&self) {
        self.tokens.forget(self.token.as_str());
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(15);

    fn identity(name: &str) -> Identity {
        Identity { id: ConnectionId::new(format!("id of {name}")), token: name.into() }
    }

    fn attach(tokens: &Tokens, token: &str) -> Result<Attachment, AttachError> {
        tokens.attach(token, None, |_| (Line::WebSocket(None), ())).map(|(attachment, ())| attachment)
    }

    fn waits(tokens: &Tokens, token: &str) -> Option<bool> {
        tokens.find(token).map(|found| matches!(found.line, Line::Unused | Line::Posted(_)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_taken_once_and_known_while_its_connection_lives() {
        let tokens = Tokens::new(&HubOptions::default().maximum_pending_connections(10_usize));
        assert_eq!(waits(&tokens, "a"), None);
        assert_eq!(attach(&tokens, "a").unwrap_err(), AttachError::Unknown);
        assert!(tokens.add(identity("a"), Some("ann".into()), false));
        assert_eq!(waits(&tokens, "a"), Some(true));
        assert_eq!(tokens.find("a").unwrap().user.unwrap().as_str(), "ann");
        let attachment = attach(&tokens, "a").unwrap();
        assert_eq!(attachment.id().as_str(), "id of a");
        assert_eq!(waits(&tokens, "a"), Some(false));
        assert_eq!(attach(&tokens, "a").unwrap_err(), AttachError::AlreadyAttached);
        advance(TIMEOUT * 2).await;
        assert_eq!(waits(&tokens, "a"), Some(false), "only those that wait expire");
        drop(attachment);
        assert_eq!(waits(&tokens, "a"), None);
        assert_eq!(attach(&tokens, "A").unwrap_err(), AttachError::Unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_comes_is_forgotten() {
        let tokens = Tokens::new(&HubOptions::default().maximum_pending_connections(10_usize));
        assert!(tokens.add(identity("a"), None, false));
        advance(TIMEOUT / 2).await;
        assert!(tokens.add(identity("b"), None, false));
        let early = tokens.early_feed("b").unwrap();
        advance(TIMEOUT / 2 - Duration::from_millis(1)).await;
        assert_eq!(waits(&tokens, "a"), Some(true));
        advance(Duration::from_millis(1)).await;
        assert_eq!(attach(&tokens, "a").unwrap_err(), AttachError::Unknown);
        assert_eq!(waits(&tokens, "b"), Some(true));
        advance(TIMEOUT).await;
        assert_eq!(waits(&tokens, "b"), None);
        let body = futures_util::stream::empty::<Result<bytes::Bytes, ()>>();
        assert_eq!(early.take_all(body).await, Err(crate::transport::NotTaken::Gone { partly: false }));
        let state = tokens.state.lock();
        assert_eq!((state.tokens.len(), state.pending.len()), (0, 0));
    }

    #[test]
    fn a_connection_that_waits_is_small() {
        let size =
            size_of::<Entry>() + size_of::<(u64, (Option<Instant>, ConnectionToken))>() + size_of::<ConnectionToken>();
        assert!(size <= 160, "{size} bytes, besides two names of 22 bytes");
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_wait() {
        let tokens = Tokens::new(&HubOptions::default().maximum_pending_connections(2_usize));
        assert!(tokens.add(identity("a"), None, false));
        advance(TIMEOUT / 2).await;
        assert!(tokens.add(identity("b"), None, false));
        assert!(!tokens.add(identity("c"), None, false));
        assert_eq!(waits(&tokens, "c"), None);
        let attached = attach(&tokens, "a").unwrap();
        assert!(tokens.add(identity("c"), None, false), "an attached connection does not wait");
        assert!(!tokens.add(identity("d"), None, false));
        advance(TIMEOUT).await;
        assert!(tokens.add(identity("d"), None, false), "those that waited have expired");
        let _direct = tokens.attach_new(identity("e"), None);
        assert_eq!(waits(&tokens, "e"), Some(false));
        assert_eq!(attached.id().as_str(), "id of a");
    }
}
