//! The connections that have a token: those negotiated and waiting for their transport, a bounded number for a bounded
//! time, and those attached, so that no second transport gets hold of them. Knows no HTTP.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{
    ids::{ConnectionId, ConnectionToken},
    transport::negotiate::Identity,
};

/// All connections of one hub that have a token. Cheap to clone.
#[derive(Clone)]
pub(super) struct Tokens {
    state: Arc<Mutex<State>>,
    timeout: Duration,
    maximum_pending: usize,
}

#[derive(Default)]
struct State {
    tokens: HashMap<ConnectionToken, Entry>,
    /// Those that wait, by the number given to each, so the first to expire comes first.
    pending: BTreeMap<u64, (Instant, ConnectionToken)>,
    next_number: u64,
}

enum Entry {
    Pending { number: u64, id: ConnectionId },
    Attached,
}

/// What is known of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenState {
    Unknown,
    Pending,
    Attached,
}

/// Why a transport is not attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttachError {
    Unknown,
    AlreadyAttached,
}

/// Keeps the token of one attached connection; dropping it makes the token unknown.
pub(crate) struct Attachment {
    state: Arc<Mutex<State>>,
    token: ConnectionToken,
    id: ConnectionId,
}

impl Tokens {
    /// At most `maximum_pending` connections wait, each for at most `timeout`.
    pub(super) fn new(timeout: Duration, maximum_pending: usize) -> Self {
        Self { state: Arc::default(), timeout, maximum_pending }
    }

    /// Lets a negotiated connection wait for its transport. False if too many do.
    pub(super) fn add(&self, identity: Identity) -> bool {
        let mut state = self.swept();
        if state.pending.len() >= self.maximum_pending {
            return false;
        }
        let number = state.next_number;
        state.next_number += 1;
        state.pending.insert(number, (Instant::now() + self.timeout, identity.token.clone()));
        state.tokens.insert(identity.token, Entry::Pending { number, id: identity.id });
        true
    }

    /// What is known of `token`.
    pub(super) fn state(&self, token: &str) -> TokenState {
        match self.swept().tokens.get(token) {
            None => TokenState::Unknown,
            Some(Entry::Pending { .. }) => TokenState::Pending,
            Some(Entry::Attached) => TokenState::Attached,
        }
    }

    /// Takes a waiting connection for a transport.
    pub(super) fn attach(&self, token: &str) -> Result<Attachment, AttachError> {
        let mut state = self.swept();
        let (token, number, id) = match state.tokens.get_key_value(token) {
            None => return Err(AttachError::Unknown),
            Some((_, Entry::Attached)) => return Err(AttachError::AlreadyAttached),
            Some((token, Entry::Pending { number, id })) => (token.clone(), *number, id.clone()),
        };
        state.pending.remove(&number);
        state.tokens.insert(token.clone(), Entry::Attached);
        Ok(Attachment { state: Arc::clone(&self.state), token, id })
    }

    /// Registers a connection that comes with its transport, without having negotiated.
    pub(super) fn attach_new(&self, identity: Identity) -> Attachment {
        let Identity { id, token } = identity;
        self.swept().tokens.insert(token.clone(), Entry::Attached);
        Attachment { state: Arc::clone(&self.state), token, id }
    }

    /// The state without what has expired: every request clears up, so that nothing needs a task or a timer.
    fn swept(&self) -> parking_lot::MutexGuard<'_, State> {
        let mut state = self.state.lock();
        let now = Instant::now();
        while let Some(first) = state.pending.first_entry() {
            if first.get().0 > now {
                break;
            }
            let (_, token) = first.remove();
            state.tokens.remove(&token);
        }
        state
    }
}

impl Attachment {
    /// The public name of the connection.
    pub(super) fn id(&self) -> &ConnectionId {
        &self.id
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.state.lock().tokens.remove(&self.token);
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

    #[tokio::test(start_paused = true)]
    async fn a_token_is_taken_once_and_known_while_its_connection_lives() {
        let tokens = Tokens::new(TIMEOUT, 10);
        assert_eq!(tokens.state("a"), TokenState::Unknown);
        assert_eq!(tokens.attach("a").unwrap_err(), AttachError::Unknown);
        assert!(tokens.add(identity("a")));
        assert_eq!(tokens.state("a"), TokenState::Pending);
        let attachment = tokens.attach("a").unwrap();
        assert_eq!(attachment.id().as_str(), "id of a");
        assert_eq!(tokens.state("a"), TokenState::Attached);
        assert_eq!(tokens.attach("a").unwrap_err(), AttachError::AlreadyAttached);
        advance(TIMEOUT * 2).await;
        assert_eq!(tokens.state("a"), TokenState::Attached, "only those that wait expire");
        drop(attachment);
        assert_eq!(tokens.state("a"), TokenState::Unknown);
        assert_eq!(tokens.attach("A").unwrap_err(), AttachError::Unknown);
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_comes_is_forgotten() {
        let tokens = Tokens::new(TIMEOUT, 10);
        assert!(tokens.add(identity("a")));
        advance(TIMEOUT / 2).await;
        assert!(tokens.add(identity("b")));
        advance(TIMEOUT / 2 - Duration::from_millis(1)).await;
        assert_eq!(tokens.state("a"), TokenState::Pending);
        advance(Duration::from_millis(1)).await;
        assert_eq!(tokens.attach("a").unwrap_err(), AttachError::Unknown);
        assert_eq!(tokens.state("b"), TokenState::Pending);
        advance(TIMEOUT).await;
        assert_eq!(tokens.state("b"), TokenState::Unknown);
        let state = tokens.state.lock();
        assert_eq!((state.tokens.len(), state.pending.len()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_wait() {
        let tokens = Tokens::new(TIMEOUT, 2);
        assert!(tokens.add(identity("a")));
        advance(TIMEOUT / 2).await;
        assert!(tokens.add(identity("b")));
        assert!(!tokens.add(identity("c")));
        assert_eq!(tokens.state("c"), TokenState::Unknown);
        let attached = tokens.attach("a").unwrap();
        assert!(tokens.add(identity("c")), "an attached connection does not wait");
        assert!(!tokens.add(identity("d")));
        advance(TIMEOUT).await;
        assert!(tokens.add(identity("d")), "those that waited have expired");
        let _direct = tokens.attach_new(identity("e"));
        assert_eq!(tokens.state("e"), TokenState::Attached);
        assert_eq!(attached.id().as_str(), "id of a");
    }
}
