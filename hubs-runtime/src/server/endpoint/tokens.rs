//! The connections that a later request can name: those whose transport is open, and those whose client has sent before it
//! opened one, a bounded number. Also which tokens have been used, until they expire: a token opens one connection. A
//! negotiation leaves nothing here. Knows no HTTP.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;

use super::{
    clock::Clock,
    elsewhere::Claim,
    signed::{Claims, Nonce, Signer, Token},
};
use crate::{
    connection::Handover,
    hub::LatestPrincipal,
    ids::{ConnectionId, ShrinkSpare, UserId},
    lifetime::Counted,
    server::HubOptions,
    transport::{Feed, long_polling::Polls, negotiate::Identity},
};

/// How many bytes may come for a connection that waits for its transport: a handshake, which costs a stranger nothing but
/// a request.
const EARLY_CAPACITY: usize = 1024;

/// How many used tokens are remembered at most. When there are more, those that expire first are forgotten, and no token
/// that expires as early is accepted any more.
const MAXIMUM_USED: usize = 64 * 1024;

/// All connections of one route that requests can name. Cheap to clone.
#[derive(Clone)]
pub(super) struct Tokens {
    shared: Arc<Shared>,
}

struct Shared {
    signer: Signer,
    clock: Clock,
    /// How long a token is good for opening a transport.
    timeout: Duration,
    maximum_early: usize,
    maximum_used: usize,
    /// How many bytes a client may send ahead, before its transport and later.
    feed_capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connections: HashMap<Nonce, Entry>,
    /// Those that wait for their transport, the first to expire first.
    early: BTreeSet<(u64, Nonce)>,
    /// Tokens that have been used and not yet expired, other than those of `connections`.
    used: BTreeSet<(u64, Nonce)>,
    /// Tokens that expire then, or earlier, open nothing.
    closed_until: u64,
}

struct Entry {
    /// Whom the connection belongs to.
    user: Option<UserId>,
    /// The user as it was renewed, where that is not in the line.
    latest: Option<LatestPrincipal>,
    line: Line,
    /// The token that opened its transport, where later requests name it. It was checked then.
    token: Option<Box<Token>>,
}

impl Entry {
    /// For a request of `user` with its token, which says `claims`.
    fn found(&self, claims: Claims, user: Option<&UserId>) -> Result<Found, Unfound> {
        if self.user.as_ref() != user {
            return Err(Unfound::OtherUser);
        }
        Ok(Found { claims, line: self.line.clone(), latest: self.latest() })
    }

    /// The user of the connection, where a later request may renew it.
    fn latest(&self) -> Option<LatestPrincipal> {
        match &self.line {
            Line::Polls(_, latest) => Some(latest.clone()),
            _ => self.latest.clone(),
        }
    }
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
    pub(super) claims: Claims,
    pub(super) line: Line,
    /// The user of the connection, where a later request may renew it.
    pub(super) latest: Option<LatestPrincipal>,
}

/// Why a request gets no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfound {
    /// The token was not made here, or was used, or has expired.
    Unknown,
    /// The connection belongs to another user.
    OtherUser,
    /// It has its transport.
    AlreadyAttached,
    /// Too many connections wait for their transport whose clients have sent already.
    TooMany,
}

/// Keeps the token of one attached connection; dropping it makes the token unknown.
pub(super) struct Attachment {
    id: ConnectionId,
    /// `None` if the connection has no token.
    named: Option<(Tokens, Claims)>,
    /// It is counted for as long.
    _counted: Counted,
    /// This node owns it, where others could.
    _claim: Option<Claim>,
}

impl Tokens {
    /// Tokens open a transport for [`HubOptions::disconnect_timeout`]. At most
    /// [`HubOptions::maximum_pending_connections`] clients may send before they have opened one.
    pub(super) fn new(options: &HubOptions, signer: Signer) -> Self {
        let shared = Shared {
            signer,
            clock: Clock::start(),
            timeout: options.disconnect_timeout,
            maximum_early: options.maximum_pending_connections,
            maximum_used: MAXIMUM_USED,
            feed_capacity: options.application_max_buffer_size,
            state: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The names of a new connection. Nothing is kept.
    pub(super) fn issue(
        &self,
        version: u32,
        resumable: bool,
        user: Option<&UserId>,
    ) -> Result<Identity, getrandom::Error> {
        let timeout = u64::try_from(self.shared.timeout.as_millis()).unwrap_or(u64::MAX);
        self.shared.signer.issue(version, self.shared.clock.now().saturating_add(timeout), resumable, user)
    }

    /// The connection with this token, for a request of `user`.
    pub(super) fn find(&self, token: &str, user: Option<&UserId>) -> Result<Found, Unfound> {
        let token = Token::decode(token).ok_or(Unfound::Unknown)?;
        if let Some(found) = self.opened_by(&token, user) {
            return found;
        }
        let claims = self.shared.signer.read(&token).ok_or(Unfound::Unknown)?;
        let state = self.swept();
        if let Some(entry) = state.connections.get(&claims.nonce) {
            return entry.found(claims, user);
        }
        if !state.opens(&claims, self.shared.clock.now()) {
            return Err(Unfound::Unknown);
        }
        drop(state);
        if !self.shared.signer.admits(&claims, user) {
            return Err(Unfound::OtherUser);
        }
        Ok(Found { claims, line: Line::Unused, latest: None })
    }

    /// The connection whose transport was opened with this very token: it need not be checked again, which takes longer than
    /// all else that a request costs here.
    fn opened_by(&self, token: &Token, user: Option<&UserId>) -> Option<Result<Found, Unfound>> {
        let state = self.swept();
        let entry = state.connections.get(&token.nonce())?;
        entry.token.as_ref().filter(|own| own.is(token))?;
        Some(entry.found(token.claims()?, user))
    }

    /// What a token says that was made here or by another node, whatever has become of its connection, for a request of
    /// `user`.
    pub(super) fn read(&self, token: &str, user: Option<&UserId>) -> Result<Claims, Unfound> {
        let token = Token::decode(token).ok_or(Unfound::Unknown)?;
        let claims = self.shared.signer.read(&token).ok_or(Unfound::Unknown)?;
        if self.shared.signer.admits(&claims, user) { Ok(claims) } else { Err(Unfound::OtherUser) }
    }

    /// The connection of this process with this nonce, for a request of `user` that another node has passed on.
    /// Also gives what later requests renew its user by.
    pub(super) fn attached(
        &self,
        nonce: &Nonce,
        user: Option<&UserId>,
    ) -> Result<(Line, Option<LatestPrincipal>), Unfound> {
        let state = self.swept();
        let entry = state.connections.get(nonce).ok_or(Unfound::Unknown)?;
        if entry.user.as_ref() != user {
            return Err(Unfound::OtherUser);
        }
        Ok((entry.line.clone(), entry.latest()))
    }

    /// Where bytes for a connection go that still waits for its transport; made for the first that come.
    pub(super) fn early_feed(&self, claims: &Claims, user: Option<UserId>) -> Result<Feed, Unfound> {
        let mut state = self.swept();
        if let Some(entry) = state.connections.get(&claims.nonce) {
            return match &entry.line {
                Line::Posted(feed) | Line::Events(feed) => Ok(feed.clone()),
                Line::Polls(polls, _) => Ok(polls.feed().clone()),
                Line::Unused | Line::WebSocket(_) => Err(Unfound::Unknown),
            };
        }
        if !state.opens(claims, self.shared.clock.now()) {
            return Err(Unfound::Unknown);
        }
        if state.early.len() >= self.shared.maximum_early {
            return Err(Unfound::TooMany);
        }
        let feed = Feed::new(self.shared.feed_capacity.min(EARLY_CAPACITY));
        state.early.insert((claims.expires, claims.nonce));
        state
            .connections
            .insert(claims.nonce, Entry { user, line: Line::Posted(feed.clone()), latest: None, token: None });
        Ok(feed)
    }

    /// Takes a waiting connection, which has been counted, for a transport, which `open` makes. `user` is who opens it.
    /// `token` is what `claims` were read from.
    pub(super) fn attach<R>(
        &self,
        token: &str,
        claims: &Claims,
        user: Option<UserId>,
        counted: Counted,
        open: impl FnOnce(Feed) -> (Line, R),
    ) -> Result<(Attachment, R), Unfound> {
        let mut state = self.swept();
        let feed = match state.connections.get(&claims.nonce) {
            Some(Entry { line: Line::Posted(feed), .. }) => feed.clone(),
            Some(_) => return Err(Unfound::AlreadyAttached),
            None if state.opens(claims, self.shared.clock.now()) => Feed::new(self.shared.feed_capacity),
            None => return Err(Unfound::Unknown),
        };
        state.early.remove(&(claims.expires, claims.nonce));
        let (line, opened) = open(feed.clone());
        let opener = if matches!(line, Line::WebSocket(_)) { None } else { Token::decode(token).map(Box::new) };
        state.connections.insert(claims.nonce, Entry { user, line, latest: None, token: opener });
        drop(state);
        feed.widen(self.shared.feed_capacity);
        let named = Some((self.clone(), claims.clone()));
        Ok((Attachment { id: claims.id(token), named, _counted: counted, _claim: None }, opened))
    }

    /// Lets later requests renew the user of a connection that is attached.
    pub(super) fn renew_by(&self, claims: &Claims, latest: LatestPrincipal) {
        if let Some(entry) = self.shared.state.lock().connections.get_mut(&claims.nonce) {
            entry.latest = Some(latest);
        }
    }

    #[cfg(feature = "jwt")]
    pub(super) fn signer(&self) -> &Signer {
        &self.shared.signer
    }

    /// Makes a token unknown, whatever becomes of its connection.
    pub(super) fn forget(&self, claims: &Claims) {
        let forgotten = {
            let mut state = self.shared.state.lock();
            let forgotten = state.connections.remove(&claims.nonce);
            state.connections.shrink_spare();
            state.early.remove(&(claims.expires, claims.nonce));
            state.remember_used(claims, self.shared.clock.now(), self.shared.maximum_used);
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
        let mut state = self.shared.state.lock();
        let now = self.shared.clock.now();
        while state.used.first().is_some_and(|(expires, _)| *expires <= now) {
            state.used.pop_first();
        }
        let mut posted = Vec::new();
        while state.early.first().is_some_and(|(expires, _)| *expires <= now) {
            let first = state.early.pop_first();
            let entry = first.and_then(|(_, nonce)| state.connections.remove(&nonce));
            if let Some(Entry { line: Line::Posted(feed), .. }) = entry {
                posted.push(feed);
            }
            state.connections.shrink_spare();
        }
        if posted.is_empty() {
            return state;
        }
        // Not under the lock: it wakes tasks.
        drop(state);
        posted.iter().for_each(Feed::abandon);
        self.shared.state.lock()
    }
}

impl State {
    /// Whether a token opens a transport, if no connection has it.
    fn opens(&self, claims: &Claims, now: u64) -> bool {
        claims.expires > now
            && claims.expires > self.closed_until
            && !self.used.contains(&(claims.expires, claims.nonce))
    }

    fn remember_used(&mut self, claims: &Claims, now: u64, maximum: usize) {
        if claims.expires <= now.max(self.closed_until) {
            return;
        }
        self.used.insert((claims.expires, claims.nonce));
        if self.used.len() > maximum
            && let Some((expires, _)) = self.used.pop_first()
        {
            self.closed_until = expires;
        }
    }
}

impl Attachment {
    /// A connection that came with its socket, without having negotiated: no request can name it.
    pub(super) fn unnamed(id: ConnectionId, counted: Counted) -> Self {
        Self { id, named: None, _counted: counted, _claim: None }
    }

    /// The same, which this node owns for as long.
    pub(super) fn claimed(mut self, claim: Option<Claim>) -> Self {
        self._claim = claim;
        self
    }

    /// The public name of the connection.
    pub(super) fn id(&self) -> &ConnectionId {
        &self.id
    }

    /// Makes the token unknown before the connection has ended.
    pub(super) fn release(&self) {
        if let Some((tokens, claims)) = &self.named {
            tokens.forget(claims);
        }
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
#[path = "tokens_tests.rs"]
mod tests;
