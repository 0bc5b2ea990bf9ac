//! The manager of a hub that has a feed: what goes to its connections goes to its readers, too.

use std::sync::Arc;

use futures_util::future::Either;

use super::{Answer, Claims, Following, HubLifetimeManager, Readers, Target};
use crate::{
    connection::Peer,
    ids::{ConnectionId, GroupName, UserId},
    invocation::Unexpected,
    protocol::{CompletionResult, EncodedMessage, Headers, HubProtocol, JsonHubProtocol},
};

/// Stands around another manager.
pub(crate) struct Publishing {
    pub(crate) inner: Arc<dyn HubLifetimeManager>,
    pub(crate) readers: Arc<Readers>,
}

impl HubLifetimeManager for Publishing {
    fn connect(&self, peer: Arc<Peer>) -> Answer<()> {
        self.inner.connect(peer)
    }

    fn disconnect(&self, peer: &Peer) {
        self.inner.disconnect(peer);
    }

    /// Events are made of what JSON clients get.
    fn protocols(&self) -> u8 {
        self.inner.protocols() | (1 << JsonHubProtocol.slot())
    }

    fn log_protocols(&self) -> u8 {
        self.inner.log_protocols() | (1 << JsonHubProtocol.slot())
    }

    fn protocols_of(&self, id: &ConnectionId) -> u8 {
        self.inner.protocols_of(id)
    }

    fn send(&self, target: &Target, message: &EncodedMessage) -> Answer<()> {
        let sent = self.inner.send(target, message);
        let Some(json) = message.get(&JsonHubProtocol).filter(|_| !is_recorded(target, message)) else { return sent };
        if !self.readers.publish(target, json, message.loss().copied()) {
            return sent;
        }
        // Readers are behind: they run before the sender queues more.
        Either::Right(Box::pin(async move {
            tokio::task::yield_now().await;
            sent.await
        }))
    }

    fn send_to(&self, id: &ConnectionId, message: &EncodedMessage) -> Answer<bool> {
        self.inner.send_to(id, message)
    }

    fn ask(&self, id: &ConnectionId, result_id: &str, message: &EncodedMessage) -> Answer<bool> {
        self.inner.ask(id, result_id, message)
    }

    fn add_to_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        self.inner.add_to_group(id, group)
    }

    fn add_with_history(&self, id: &ConnectionId, group: &GroupName, last: usize) -> Answer<()> {
        self.inner.add_with_history(id, group, last)
    }

    fn resume(&self, id: &ConnectionId, claims: Claims) {
        self.inner.resume(id, claims);
    }

    fn remove_from_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        self.inner.remove_from_group(id, group)
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
        self.inner.follow(user, groups)
    }

    fn client_gone(&self, id: &ConnectionId) {
        self.inner.client_gone(id);
    }
}

/// Whether it reaches readers by the log that it is recorded in.
fn is_recorded(target: &Target, message: &EncodedMessage) -> bool {
    message.durable().is_some() && matches!(target, Target::Groups { .. } | Target::Users(_))
}
