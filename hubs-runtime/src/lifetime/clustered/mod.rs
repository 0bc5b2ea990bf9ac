//! The manager of a hub whose connections are in several processes. It delivers to the connections of its own process at
//! once and publishes for the others, in the envelopes and on the channels of ASP.NET Core's package for Redis.
//!
//! | File | What it owns |
//! |---|---|
//! | `channels`, `envelope` | what is on the wire |
//! | `members`, `shared` | what is subscribed, and for whom |
//! | `following` | what readers of the feed need |
//! | `commands` | group commands that wait to be done |
//! | `owed` | answers for which other nodes wait |
//! | `owners` | whether the nodes of asked clients still run |
//! | `receiving` | what comes from other nodes |

mod channels;
mod commands;
mod envelope;
mod following;
mod members;
mod owed;
mod owners;
mod receiving;
mod shared;
#[cfg(test)]
mod tests;

use std::{
    future::ready,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    FutureExt, TryFutureExt,
    future::{Either, try_join_all},
};

pub(super) use self::envelope::Invocation;
use self::{
    channels::Channels,
    commands::Commands,
    envelope::{ADD, Asker, GroupCommand, REMOVE},
    members::Members,
    owed::OwedAnswers,
    owners::Owners,
};
use super::{
    Answer, Following, HubLifetimeManager, LocalConnections, LocalLifetimeManager, Readers, Target, done, result_id,
};
use crate::{
    backplane::{Backplane, BackplaneError, Pending, Subscription},
    connection::Peer,
    counters::BackplaneMessages,
    ids::{ConnectionId, GroupName, UserId},
    invocation::{PendingCalls, SendError, Unexpected},
    protocol::{ALL_PROTOCOLS, CompletionResult, EncodedMessage, Headers, Outcome, Outgoing, RawPayload},
};

/// What a node is answered whose question went to a client that has left, with ASP.NET Core, too.
const DISCONNECTED: &str = "Connection disconnected.";

/// What a hub knows of its cluster.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    pub(crate) backplane: Arc<dyn Backplane>,
    /// The hub's name in the names of its channels.
    pub(crate) hub: String,
    /// For which protocols messages to clients of other nodes are encoded: one bit for each slot.
    pub(crate) protocols: u8,
    /// How long a command to another node may take.
    pub(crate) command_timeout: Duration,
}

pub(crate) struct ClusteredLifetimeManager {
    shared: Arc<Shared>,
}

struct Shared {
    cluster: Cluster,
    channels: Channels,
    local: LocalLifetimeManager,
    connections: Arc<LocalConnections>,
    pending: Arc<PendingCalls>,
    /// Who reads the hub's feed.
    readers: Option<Arc<Readers>>,
    members: Members,
    commands: Arc<Commands>,
    owed: OwedAnswers,
    owners: Owners,
    /// Tells the ids of this node's questions from those of others.
    suffix: String,
    /// The channels of every node, once a client has connected.
    started: OnceLock<Started>,
    /// The manager that stands around this one, which does what other nodes ask for.
    outer: OnceLock<Weak<dyn HubLifetimeManager>>,
}

/// What every node hears that has clients, or asks for something.
struct Started {
    all: Subscription,
    commands: Subscription,
    acks: Subscription,
    returns: Subscription,
}

impl ClusteredLifetimeManager {
    pub(crate) fn new(
        cluster: Cluster,
        connections: Arc<LocalConnections>,
        pending: Arc<PendingCalls>,
        readers: Option<Arc<Readers>>,
    ) -> Self {
        let local = LocalLifetimeManager::new(Arc::clone(&connections));
        // Without random bytes, an answer might be taken for that of another node's client.
        let suffix = format!("-{:016x}", getrandom::u64().unwrap_or_default());
        let shared = Shared {
            channels: Channels::new(&cluster.hub),
            cluster,
            local,
            connections,
            pending,
            readers,
            members: Members::default(),
            commands: Arc::default(),
            owed: OwedAnswers::default(),
            owners: Owners::default(),
            suffix,
            started: OnceLock::new(),
            outer: OnceLock::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Has another manager, which stands around this one, do what other nodes ask for.
    pub(crate) fn stands_in(&self, outer: &Arc<dyn HubLifetimeManager>) {
        let _ = self.shared.outer.set(Arc::downgrade(outer));
    }
}

impl Shared {
    /// Publishes for other nodes. `None` where it is not known how many got it.
    fn publish(&self, channel: &str, payload: Bytes) -> Pending<Option<usize>> {
        let (sent, counters) =
            (self.cluster.backplane.publish(channel, payload), Arc::clone(self.connections.counters()));
        Box::pin(async move {
            let sent = sent.await;
            counters.backplane(if sent.is_ok() { BackplaneMessages::Published } else { BackplaneMessages::Failed });
            sent
        })
    }

    /// Publishes one payload on each channel. The answer is there when the backplane has taken all of them.
    fn publish_each(&self, channels: impl IntoIterator<Item = String>, payload: &Bytes) -> Option<Answer<()>> {
        let publish = |channel: String| self.publish(&channel, payload.clone()).map_err(SendError::from);
        let mut sent: Vec<_> = channels.into_iter().map(publish).collect();
        Some(Either::Right(match sent.len() {
            0 => return None,
            1 => sent.remove(0).map_ok(drop).boxed(),
            _ => try_join_all(sent).map_ok(drop).boxed(),
        }))
    }

    fn envelope(message: &EncodedMessage, excluded: &[ConnectionId], asker: Option<Asker>) -> Bytes {
        let excluded = excluded.iter().map(|id| id.as_str().to_owned()).collect();
        let blobs = message.blobs().map(|(name, blob)| (name.to_owned(), blob.clone())).collect();
        Invocation { excluded, blobs, asker }.write()
    }

    /// Publishes a message for the connections of other nodes.
    fn publish_to(&self, target: &Target, message: &EncodedMessage) -> Option<Answer<()>> {
        let channels = &self.channels;
        match target {
            Target::All { except } => self.publish_each([channels.all()], &Self::envelope(message, except, None)),
            Target::Connections(ids) => {
                let others = ids.iter().filter(|id| !self.members.contains(id)).map(|id| channels.connection(id));
                self.publish_each(others, &Self::envelope(message, &[], None))
            }
            Target::Groups { names, except } => {
                let named = names.iter().filter(|name| names.len() == 1 || !name.as_str().is_empty());
                self.publish_each(named.map(|name| channels.group(name)), &Self::envelope(message, except, None))
            }
            Target::Users(users) => {
                let named = users.iter().filter(|user| users.len() == 1 || !user.as_str().is_empty());
                self.publish_each(named.map(|user| channels.user(user)), &Self::envelope(message, &[], None))
            }
        }
    }

    /// Has the node of a connection add it to a group, or remove it.
    fn command(self: &Arc<Self>, action: i64, connection: &ConnectionId, group: &GroupName) -> Answer<()> {
        let mut command = self.commands.start();
        let payload = GroupCommand {
            id: command.id,
            node: self.cluster.backplane.node().to_owned(),
            action,
            group: group.as_str().to_owned(),
            connection: connection.as_str().to_owned(),
        };
        let (acks, channel) = (self.start().acks.confirmed(), self.channels.group_commands());
        let (shared, limit) = (Arc::clone(self), self.cluster.command_timeout);
        Either::Right(Box::pin(async move {
            acks.await?;
            if shared.publish(&channel, payload.write()).await? == Some(0) {
                // There is no other node, so there is no such connection.
                return Ok(());
            }
            match tokio::time::timeout(limit, &mut command.done).await {
                Ok(_) => Ok(()),
                Err(_) => Err(BackplaneError::TimedOut(limit).into()),
            }
        }))
    }

    /// Sends the answer of a client to the node that has asked.
    fn answer(&self, asker: &Asker, protocol: &'static str, message: Vec<u8>) {
        let completion = envelope::Completion { protocol: protocol.to_owned(), message: message.into() };
        let sent = self.publish(&asker.channel, completion.write());
        tokio::spawn(async move {
            if let Err(error) = sent.await {
                tracing::warn!(%error, "the answer of a client did not reach the node that had asked");
            }
        });
    }

    /// Tells all that wait for answers of a connection that there will be none.
    fn fail_answers_of(&self, id: &ConnectionId) {
        for asker in self.owed.take_all(id) {
            self.fail_answer(&asker, DISCONNECTED);
        }
    }

    fn fail_answer(&self, asker: &Asker, error: &str) {
        let protocol = ALL_PROTOCOLS[0];
        let message = Outgoing::Completion { id: &asker.invocation_id, outcome: Outcome::Error(error) };
        let mut bytes = Vec::new();
        if protocol.encode(&message, &mut bytes).is_ok() {
            self.answer(asker, protocol.name(), bytes);
        }
    }
}

/// Resolves when all subscriptions are in force.
fn confirmed(subscriptions: Vec<impl Future<Output = Result<(), BackplaneError>> + Send + 'static>) -> Answer<()> {
    Either::Right(try_join_all(subscriptions).map_ok(drop).map_err(SendError::from).boxed())
}

impl HubLifetimeManager for ClusteredLifetimeManager {
    fn connect(&self, peer: Arc<Peer>) -> Answer<()> {
        let shared = &self.shared;
        shared.connections.registry.connect(Arc::clone(&peer));
        let started = shared.start();
        let own = shared.subscribe_connection(&peer.id);
        let subscriptions = shared.members.add(&peer, own, |user: &UserId| shared.subscribe_user(user));
        let own = subscriptions.iter().map(|subscription| subscription.confirmed().boxed());
        let Started { all, commands, acks, returns } = started;
        let common = [all, commands, acks, returns].map(|subscription| subscription.confirmed().boxed());
        confirmed(common.into_iter().chain(own).collect())
    }

    fn disconnect(&self, peer: &Peer) {
        self.shared.local.disconnect(peer);
        self.shared.members.remove(peer);
        self.client_gone(&peer.id);
    }

    /// Those that clients of any node may speak.
    fn protocols(&self) -> u8 {
        self.shared.cluster.protocols | self.shared.local.protocols()
    }

    fn protocols_of(&self, id: &ConnectionId) -> u8 {
        match self.shared.local.protocols_of(id) {
            0 => self.protocols(),
            known => known,
        }
    }

    fn send(&self, target: &Target, message: &EncodedMessage) -> Answer<()> {
        let here = self.shared.local.send(target, message);
        let Some(there) = self.shared.publish_to(target, message) else { return here };
        Either::Right(Box::pin(async move { here.await.and(there.await) }))
    }

    fn send_to(&self, id: &ConnectionId, message: &EncodedMessage) -> Answer<bool> {
        if self.shared.members.contains(id) {
            return self.shared.local.send_to(id, message);
        }
        let payload = Shared::envelope(message, &[], None);
        let sent = self.shared.publish(&self.shared.channels.connection(id), payload);
        Either::Right(Box::pin(async move { Ok(sent.await? != Some(0)) }))
    }

    fn ask(&self, id: &ConnectionId, result_id: &str, message: &EncodedMessage) -> Answer<bool> {
        let shared = &self.shared;
        if shared.members.contains(id) {
            return shared.local.send_to(id, message);
        }
        // The answer must find its way back, also to a node without connections of its own.
        let started = shared.start().returns.confirmed();
        let channel = shared.channels.returns(shared.cluster.backplane.node());
        let asker = Asker { invocation_id: result_id.to_owned(), channel };
        let payload = Shared::envelope(message, &[], Some(asker));
        let (shared, channel) = (Arc::clone(shared), shared.channels.connection(id));
        Either::Right(Box::pin(async move {
            started.await?;
            let is_there = shared.publish(&channel, payload).await? != Some(0);
            if is_there {
                shared.watch_owners();
            }
            Ok(is_there)
        }))
    }

    fn add_to_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        let shared = Arc::clone(&self.shared);
        // Another node would not answer, and this one need not subscribe.
        if let Err(error) = shared.connections.check_name(group) {
            return Either::Left(ready(Err(error)));
        }
        let Some((subscription, is_new)) = shared.members.join(id, group, || shared.subscribe_group(group)) else {
            return shared.command(ADD, id, group);
        };
        let (id, group) = (id.clone(), group.clone());
        Either::Right(Box::pin(async move {
            let join = || shared.connections.join(&id, &group);
            let joined = match subscription.confirmed().await {
                // If it has left again, or is gone, nothing is joined.
                Ok(()) => shared.members.confirm(&id, &group, &subscription, join).unwrap_or(Ok(())),
                Err(error) => Err(error.into()),
            };
            if joined.is_err() && is_new {
                // The next join begins anew.
                shared.members.leave(&id, &group, || {});
            }
            joined
        }))
    }

    fn remove_from_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        let shared = &self.shared;
        if !shared.members.contains(id) {
            return shared.command(REMOVE, id, group);
        }
        shared.members.leave(id, group, || shared.connections.leave(id, group));
        done(())
    }

    fn result_id(&self, number: u64) -> String {
        format!("{}{}", result_id::write(number), self.shared.suffix)
    }

    fn result_number(&self, id: &str) -> Option<u64> {
        result_id::read(id.strip_suffix(&self.shared.suffix)?)
    }

    fn forward_answer(
        &self,
        id: &str,
        peer: &Peer,
        result: &CompletionResult<'_>,
        headers: Headers<'_>,
    ) -> Result<(), Unexpected> {
        let asker = self.shared.owed.take(id, &peer.id)?;
        let format = peer.protocol.payload_format();
        let value = match result {
            CompletionResult::Value(value) => Some(RawPayload::new(format, Bytes::copy_from_slice(value))),
            _ => None,
        };
        let outcome = match (result, &value) {
            (CompletionResult::Error(text), _) => Outcome::Error(text),
            (_, Some(value)) => Outcome::Value(value),
            (_, None) => Outcome::Void,
        };
        let pairs: Vec<_> = headers.iter().collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        let plain = Outgoing::Completion { id, outcome };
        let message = Outgoing::WithHeaders { headers: &pairs, message: &plain };
        let mut bytes = Vec::new();
        match peer.protocol.encode(if pairs.is_empty() { &plain } else { &message }, &mut bytes) {
            Ok(()) => self.shared.answer(&asker, peer.protocol.name(), bytes),
            Err(error) => self.shared.fail_answer(&asker, &error.to_string()),
        }
        Ok(())
    }

    fn owes_answers(&self, id: &ConnectionId) -> bool {
        self.shared.owed.has(id)
    }

    fn follow(&self, user: Option<&UserId>, groups: &[GroupName]) -> Following {
        self.shared.follow(user, groups)
    }

    fn client_gone(&self, id: &ConnectionId) {
        self.shared.fail_answers_of(id);
    }
}
