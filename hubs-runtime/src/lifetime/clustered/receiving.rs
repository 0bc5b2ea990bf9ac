//! What comes from other nodes: calls of clients, group commands, and the answers to what this node has asked. Each is
//! handled at once, by putting it into queues: it never waits for a socket.

use std::sync::{Arc, Weak};

use bytes::Bytes;

use super::{
    DISCONNECTED, Shared, Started, Target,
    envelope::{self, ADD, Completion, GroupCommand, Invocation, Malformed, REMOVE},
};
use crate::{
    backplane::{Receive, Subscription},
    connection::End,
    counters::BackplaneMessages,
    ids::{ConnectionId, DisconnectError, GroupName, UserId},
    invocation::InvokeError,
    lifetime::{ClusteredLifetimeManager, HubLifetimeManager},
    protocol::{
        ALL_PROTOCOLS, CompletionResult, EncodedMessage, HubMessage, HubProtocol, JsonHubProtocol, PayloadFormat,
        protocol_named,
    },
};

/// SignalR's text for a client whose protocol the sender does not write.
const NO_PROTOCOL: &str =
    "This message was received from another server that did not have the requested protocol available.";

impl Shared {
    /// Subscribes to what every node hears, once.
    pub(super) fn start(self: &Arc<Self>) -> &Started {
        self.started.get_or_init(|| {
            let node = self.cluster.backplane.node().to_owned();
            Started {
                all: self.calls_on(&self.channels.all(), |excluded| Target::All { except: excluded }),
                commands: self.subscribe(&self.channels.group_commands(), Self::commanded),
                acks: self.subscribe(&self.channels.acks(&node), Self::acknowledged),
                returns: self.subscribe(&self.channels.returns(&node), Self::answered),
            }
        })
    }

    pub(super) fn subscribe_group(self: &Arc<Self>, group: &GroupName) -> Subscription {
        let (channel, group) = (self.channels.group(group), group.clone());
        self.calls_on(&channel, move |except| Target::Groups { names: vec![group.clone()], except })
    }

    pub(super) fn subscribe_user(self: &Arc<Self>, user: &UserId) -> Subscription {
        let (channel, user) = (self.channels.user(user), user.clone());
        self.calls_on(&channel, move |_| Target::Users(vec![user.clone()]))
    }

    pub(super) fn subscribe_connection(self: &Arc<Self>, id: &ConnectionId) -> Subscription {
        let (channel, id) = (self.channels.connection(id), id.clone());
        self.subscribe(&channel, move |shared, payload| {
            let Invocation { blobs, asker, .. } = Invocation::read(payload)?;
            if let Some(asker) = asker
                && !shared.owed.add(&id, asker.clone())
            {
                shared.fail_answer(&asker, "The client owes too many answers.");
                return Ok(());
            }
            shared.deliver(&Target::Connections(vec![id.clone()]), &blobs);
            if !shared.members.contains(&id) {
                // It has left meanwhile, and answers nothing.
                shared.fail_answers_of(&id);
            }
            Ok(())
        })
    }

    /// Delivers the calls of a channel to a target.
    fn calls_on(
        self: &Arc<Self>,
        channel: &str,
        target: impl Fn(Vec<ConnectionId>) -> Target + Send + Sync + 'static,
    ) -> Subscription {
        self.subscribe(channel, move |shared, payload| {
            let Invocation { excluded, blobs, .. } = Invocation::read(payload)?;
            let excluded = excluded.into_iter().map(ConnectionId::from).collect();
            shared.deliver(&target(excluded), &blobs);
            Ok(())
        })
    }

    fn subscribe(
        self: &Arc<Self>,
        channel: &str,
        take: impl Fn(&Arc<Self>, &Bytes) -> Result<(), Malformed> + Send + Sync + 'static,
    ) -> Subscription {
        let shared: Weak<Self> = Arc::downgrade(self);
        let name = channel.to_owned();
        let receive: Receive = Arc::new(move |payload: Bytes| {
            let Some(shared) = shared.upgrade() else { return };
            let counters = shared.connections.counters();
            counters.backplane(BackplaneMessages::Received);
            if let Err(error) = take(&shared, &payload) {
                counters.backplane(BackplaneMessages::Dropped);
                tracing::warn!(channel = name, bytes = payload.len(), %error, "what another node sent is dropped");
            }
        });
        self.cluster.backplane.subscribe(channel, receive)
    }

    /// Puts a call into the queues of its receivers, and ends those whose protocol the sender does not write.
    fn deliver(&self, target: &Target, blobs: &[(String, Bytes)]) {
        let slots = self.cluster.protocols | self.connections.protocols();
        let message = EncodedMessage::of_blobs(blobs.iter().map(|(name, blob)| (name.as_str(), blob)), slots);
        for peer in self.connections.without(target, &message) {
            tracing::warn!(connection = %peer.id, protocol = peer.protocol.name(), "{NO_PROTOCOL}");
            peer.outbox.end(End::Failed(DisconnectError::Internal(NO_PROTOCOL.to_owned())));
        }
        self.connections.send(target, &message);
        if let (Some(readers), Some(json)) = (&self.readers, message.get(&JsonHubProtocol)) {
            readers.publish(target, json, None);
        }
    }

    fn commanded(self: &Arc<Self>, payload: &Bytes) -> Result<(), Malformed> {
        let GroupCommand { id, node, action, group, connection } = GroupCommand::read(payload)?;
        let (connection, group) = (ConnectionId::from(connection), GroupName::from(group));
        if !self.members.contains(&connection) {
            return Ok(());
        }
        let own = || Arc::new(ClusteredLifetimeManager { shared: Arc::clone(self) }) as Arc<dyn HubLifetimeManager>;
        let manager = self.outer.get().and_then(Weak::upgrade).unwrap_or_else(own);
        let done = match action {
            ADD => Some(manager.add_to_group(&connection, &group)),
            REMOVE => Some(manager.remove_from_group(&connection, &group)),
            _ => None,
        };
        let (channel, shared) = (self.channels.acks(&node), Arc::clone(self));
        tokio::spawn(async move {
            let done = match done {
                Some(done) => done.await,
                None => Ok(()),
            };
            let sent = match done {
                Ok(()) => shared.publish(&channel, envelope::write_ack(id)).await.map(drop).map_err(Into::into),
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                tracing::warn!(%connection, group = group.as_str(), %error, "a command of another node failed");
            }
        });
        Ok(())
    }

    fn acknowledged(self: &Arc<Self>, payload: &Bytes) -> Result<(), Malformed> {
        self.commands.acknowledge(envelope::read_ack(payload)?);
        Ok(())
    }

    /// The answer of a client of another node, or that it has left.
    fn answered(self: &Arc<Self>, payload: &Bytes) -> Result<(), Malformed> {
        let Completion { protocol, message } = Completion::read(payload)?;
        let protocol = protocol_named(&protocol).ok_or(Malformed)?;
        let frame = protocol.frame(&message, 0, None).ok().flatten().ok_or(Malformed)?;
        let decoded = protocol.decode(&message[frame.body]).ok().flatten();
        let Some(HubMessage::Completion { id, result, headers, .. }) = decoded else { return Err(Malformed) };
        let manager = ClusteredLifetimeManager { shared: Arc::clone(self) };
        let number = manager.result_number(&id).ok_or(Malformed)?;
        if matches!(&result, CompletionResult::Error(text) if text == DISCONNECTED) {
            self.pending.lost(number);
            return Ok(());
        }
        let answer = InvokeError::of_completion(self.format_of(protocol), &result, headers);
        // A call that was given up is no error.
        let _ = self.pending.finish_remote(number, answer);
        Ok(())
    }

    /// How the clients of this hub write values: both forms of MessagePack have one name.
    fn format_of(&self, protocol: &'static dyn HubProtocol) -> PayloadFormat {
        let slots = self.cluster.protocols;
        let spoken = ALL_PROTOCOLS.into_iter().filter(|other| slots & (1 << other.slot()) != 0);
        let same = spoken.filter(|other| other.name() == protocol.name()).last();
        same.unwrap_or(protocol).payload_format()
    }
}
