//! A message encoded once for each protocol that needs it, shared by all who receive it.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{ALL_PROTOCOLS, EncodeError, HubProtocol, Outgoing, PROTOCOLS};
use crate::ids::Loss;

/// A framed message in every protocol that has receivers.
#[derive(Debug, Clone, Default)]
pub struct EncodedMessage {
    slots: [Option<Bytes>; PROTOCOLS],
    loss: Option<Loss>,
    durable: Option<Durable>,
}

/// That a message is kept in the logs of its groups and users.
#[derive(Debug, Clone, Default)]
pub(crate) struct Durable {
    /// Names it, so that it is recorded once although it is sent again.
    pub(crate) key: Option<Arc<SendKey>>,
}

/// What names the messages of one call, or of one caller of `Clients::with_key`.
#[derive(Debug)]
pub(crate) struct SendKey {
    text: String,
    /// How many messages it has named, by where they go.
    named: Mutex<HashMap<String, u32>>,
}

impl SendKey {
    pub(crate) fn new(text: String) -> Self {
        Self { text, named: Mutex::default() }
    }

    /// The name of the next message that goes there.
    #[cfg(feature = "server")]
    pub(crate) fn of(&self, scope: &str) -> String {
        let mut named = self.named.lock();
        let number = named.entry(scope.to_owned()).or_default();
        *number += 1;
        format!("{}:{number}", self.text)
    }
}

impl EncodedMessage {
    /// Encodes `message` for the protocols whose slot's bit is set in `mask`.
    pub fn new(message: &Outgoing<'_>, mask: u8) -> Result<Self, EncodeError> {
        let mut encoded = Self::default();
        for protocol in ALL_PROTOCOLS {
            if mask & (1 << protocol.slot()) != 0 {
                let mut out = Vec::with_capacity(128);
                protocol.encode(message, &mut out)?;
                encoded.slots[protocol.slot()] = Some(Bytes::from(out));
            }
        }
        Ok(encoded)
    }

    /// A message that is written already, for peers of the slot of JSON alone.
    #[cfg(feature = "server")]
    pub(crate) fn of_json(bytes: Bytes, loss: Option<Loss>) -> Self {
        let mut encoded = Self { loss, ..Self::default() };
        encoded.slots[super::JsonHubProtocol.slot()] = Some(bytes);
        encoded
    }

    /// A message that another process has encoded: its framed bytes by the names of the protocols. Those of the forms of one
    /// protocol have one name; `slots` has the bits of the forms that this process speaks.
    #[cfg(feature = "server")]
    pub(crate) fn of_blobs<'a>(blobs: impl Iterator<Item = (&'a str, &'a Bytes)>, slots: u8) -> Self {
        let mut encoded = Self::default();
        for (name, blob) in blobs {
            let spoken = ALL_PROTOCOLS.into_iter().filter(|protocol| slots & (1 << protocol.slot()) != 0);
            for protocol in spoken.filter(|protocol| protocol.name() == name) {
                encoded.slots[protocol.slot()] = Some(blob.clone());
            }
        }
        encoded
    }

    /// Whether it was encoded for all protocols of these slots: one bit for each.
    #[cfg(feature = "server")]
    pub(crate) fn is_for_all(&self, slots: u8) -> bool {
        (0..PROTOCOLS).all(|slot| slots & (1 << slot) == 0 || self.slots[slot].is_some())
    }

    /// The framed bytes in every protocol it was encoded for, with the protocol's name.
    #[cfg(feature = "server")]
    pub(crate) fn blobs(&self) -> impl Iterator<Item = (&'static str, &Bytes)> {
        ALL_PROTOCOLS.into_iter().filter_map(|protocol| Some((protocol.name(), self.get(protocol)?)))
    }

    /// The same message, which may be lost in this way.
    pub(crate) fn with_loss(mut self, loss: Option<Loss>) -> Self {
        self.loss = loss;
        self
    }

    /// The same message, kept in logs.
    pub(crate) fn with_durable(mut self, durable: Option<Durable>) -> Self {
        self.durable = durable;
        self
    }

    /// Whether the message is kept in logs.
    #[cfg(feature = "server")]
    pub(crate) fn durable(&self) -> Option<&Durable> {
        self.durable.as_ref()
    }

    /// The same message, which is a call without headers, with this header.
    #[cfg(feature = "server")]
    pub(crate) fn with_header(&self, name: &str, value: &str) -> Self {
        let mut with = Self::default();
        for protocol in ALL_PROTOCOLS {
            let message = self.get(protocol).and_then(|message| protocol.with_header(message, name, value));
            with.slots[protocol.slot()] = message.map(Bytes::from);
        }
        with
    }

    /// How the message may be lost; `None` if it must arrive.
    pub(crate) fn loss(&self) -> Option<&Loss> {
        self.loss.as_ref()
    }

    /// The message in `protocol`, if it was asked for.
    pub fn get(&self, protocol: &dyn HubProtocol) -> Option<&Bytes> {
        self.slots[protocol.slot()].as_ref()
    }
}
