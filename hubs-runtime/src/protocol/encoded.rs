//! A message encoded once for each protocol that needs it, shared by all who receive it.

use bytes::Bytes;

use super::{ALL_PROTOCOLS, EncodeError, HubProtocol, Outgoing, PROTOCOLS};
use crate::ids::Loss;

/// A framed message in every protocol that has receivers.
#[derive(Debug, Clone, Default)]
pub struct EncodedMessage {
    slots: [Option<Bytes>; PROTOCOLS],
    loss: Option<Loss>,
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

    /// The same message, which may be lost in this way.
    pub(crate) fn with_loss(mut self, loss: Option<Loss>) -> Self {
        self.loss = loss;
        self
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
