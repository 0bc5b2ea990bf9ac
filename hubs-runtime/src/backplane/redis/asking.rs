//! Requests to the node that responds on a channel: they and their answers are published. Must not know connections.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::{BufMut, Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::Respond;

/// The requests of this node that wait for an answer, and the channels on which it responds itself.
#[derive(Default)]
pub(super) struct Asking {
    last: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Bytes>>>,
    here: Mutex<HashMap<String, (u64, Respond)>>,
}

/// Forgets the request when it is dropped.
pub(super) struct Asked {
    pub(super) number: u64,
    asking: Arc<Asking>,
}

impl Asking {
    /// A new request, and its answer.
    pub(super) fn ask(self: &Arc<Self>) -> (Asked, oneshot::Receiver<Bytes>) {
        let number = self.next();
        let (answer, answered) = oneshot::channel();
        self.waiting.lock().insert(number, answer);
        (Asked { number, asking: Arc::clone(self) }, answered)
    }

    /// An answer has arrived.
    pub(super) fn answer(&self, mut message: Bytes) {
        let Some(number) = number(&mut message) else { return };
        let waiting = self.waiting.lock().remove(&number);
        if let Some(waiting) = waiting {
            let _ = waiting.send(message);
        }
    }

    pub(super) fn respond(&self, channel: &str, respond: Respond) -> u64 {
        let number = self.next();
        self.here.lock().insert(channel.to_owned(), (number, respond));
        number
    }

    pub(super) fn stop(&self, channel: &str, number: u64) {
        let mut here = self.here.lock();
        if here.get(channel).is_some_and(|(responder, _)| *responder == number) {
            let removed = here.remove(channel);
            drop(here);
            drop(removed);
        }
    }

    /// Who responds on this node.
    pub(super) fn here(&self, channel: &str) -> Option<Respond> {
        self.here.lock().get(channel).map(|(_, respond)| Arc::clone(respond))
    }

    fn next(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed)
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.asking.waiting.lock().remove(&self.number);
    }
}

/// A request that is answered on the channel `back`.
pub(super) fn request(number: u64, back: &str, payload: &Bytes) -> Bytes {
    let mut message = BytesMut::with_capacity(16 + back.len() + payload.len());
    message.put_u64(number);
    message.put_u64(back.len() as u64);
    message.put_slice(back.as_bytes());
    message.put_slice(payload);
    message.freeze()
}

/// The number of a request, the channel for its answer, and its payload.
pub(super) fn read_request(mut message: Bytes) -> Option<(u64, String, Bytes)> {
    let (asked, length) = (number(&mut message)?, number(&mut message)?);
    let length = usize::try_from(length).ok().filter(|length| *length <= message.len())?;
    let back = String::from_utf8(message.split_to(length).to_vec()).ok()?;
    Some((asked, back, message))
}

/// An answer.
pub(super) fn answer(number: u64, payload: &Bytes) -> Bytes {
    let mut message = BytesMut::with_capacity(8 + payload.len());
    message.put_u64(number);
    message.put_slice(payload);
    message.freeze()
}

fn number(message: &mut Bytes) -> Option<u64> {
    let bytes = message.get(..8)?.try_into().ok()?;
    let _ = message.split_to(8);
    Some(u64::from_be_bytes(bytes))
}
