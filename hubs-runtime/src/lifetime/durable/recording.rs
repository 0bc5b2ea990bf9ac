//! How a message gets into the logs of its groups or users: it is appended, and made known to the nodes that follow them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{
    FutureExt,
    future::{Either, try_join_all},
};
use tokio::time::Instant;

use super::{Answer, ScopeId, Shared};
use crate::{
    backplane::{Appended, BackplaneError, LogEntry, LogKey, LogPosition, Pending},
    ids::ConnectionId,
    invocation::SendError,
    lifetime::clustered::Invocation,
    protocol::{Durable, EncodedMessage},
};

/// How many bytes of messages may wait to be recorded, over the whole hub.
const WAITING: usize = 4 * 1024 * 1024;

/// The time between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// The size of what stands before a payload: epoch, number, tag, and the tag before.
const HEAD: usize = 24;

/// Bytes that wait to be recorded, until this is dropped.
struct Waiting(Arc<AtomicUsize>, usize);

/// One message on its way into one log.
struct Recording {
    scope: ScopeId,
    log: String,
    payload: Bytes,
    /// The same in each try.
    key: String,
    kept_for: Duration,
    _waiting: Waiting,
}

impl Shared {
    /// Records a message in each log. The answer is there when all of them have it, or one has failed.
    pub(super) fn record_all(
        self: &Arc<Self>,
        scopes: impl Iterator<Item = ScopeId>,
        message: &EncodedMessage,
        except: &[ConnectionId],
        durable: &Durable,
    ) -> Answer<()> {
        let excluded = except.iter().map(|id| id.as_str().to_owned()).collect();
        let blobs = message.blobs().map(|(name, blob)| (name.to_owned(), blob.clone())).collect();
        let payload = Invocation { excluded, blobs, asker: None }.write();
        let recorded: Vec<_> = scopes.map(|scope| self.record(scope, payload.clone(), durable)).collect();
        Either::Right(try_join_all(recorded).map(|done| done.map(drop)).boxed())
    }

    fn record(
        self: &Arc<Self>,
        scope: ScopeId,
        payload: Bytes,
        durable: &Durable,
    ) -> impl Future<Output = Result<(), SendError>> + Send + use<> {
        let started = self.start(scope, payload, durable).map(|recording| {
            // Queued here, so that messages are recorded in the order of the calls.
            let first = self.append(&recording);
            // A task of its own, so that a future that is dropped stops nothing half way.
            tokio::spawn(Arc::clone(self).finish(recording, first))
        });
        async move {
            let ended = started?.await;
            ended.unwrap_or_else(|_| Err(BackplaneError::Unavailable("this process is ending".to_owned()).into()))
        }
    }

    fn start(&self, scope: ScopeId, payload: Bytes, durable: &Durable) -> Result<Recording, SendError> {
        let size = payload.len();
        let waiting = Waiting(Arc::clone(&self.waiting), size);
        if self.waiting.fetch_add(size, Ordering::AcqRel) + size > WAITING {
            self.count_recorded(false);
            return Err(BackplaneError::Overloaded.into());
        }
        let random = || getrandom::u64().map_err(|_| BackplaneError::Refused("no random numbers".to_owned()));
        let (key, kept_for) = match &durable.key {
            Some(key) => (key.of(&scope.wire()), self.durability.limits.age),
            None => (format!("{:016x}{:016x}", random()?, random()?), 2 * self.durability.publish_timeout),
        };
        let log = scope.log(&self.durability.hub);
        Ok(Recording { scope, log, payload, key, kept_for, _waiting: waiting })
    }

    fn append(&self, recording: &Recording) -> Pending<Appended> {
        let Recording { log, payload, key, kept_for, .. } = recording;
        let key = LogKey { text: key, kept_for: *kept_for };
        self.durability.backplane.append(log, payload.clone(), Some(key), self.durability.limits)
    }

    /// Waits until the message is in its log, tries again where that failed, and makes it known.
    async fn finish(self: Arc<Self>, recording: Recording, first: Pending<Appended>) -> Result<(), SendError> {
        let deadline = Instant::now() + self.durability.publish_timeout;
        let mut appended = first.await;
        while appended.is_err() && Instant::now() + PAUSE < deadline {
            tokio::time::sleep(PAUSE).await;
            appended = self.append(&recording).await;
        }
        self.count_recorded(appended.is_ok());
        let Appended { position, before } = appended?;
        let Recording { scope, log, payload, .. } = recording;
        let entry = LogEntry { position, before, payload };
        if self.durability.is_shared {
            // It is recorded: who does not hear of it finds it in the log.
            drop(self.durability.backplane.publish(&log, write(&entry)));
        }
        let followed = self.scopes.lock().get(&scope).cloned();
        if let Some(followed) = followed {
            followed.heard(entry, &self);
        }
        Ok(())
    }
}

/// An entry as other nodes are told of it.
pub(super) fn write(entry: &LogEntry) -> Bytes {
    let LogEntry { position: LogPosition { epoch, number, tag }, before, payload } = entry;
    let mut out = BytesMut::with_capacity(HEAD + payload.len());
    out.put_u64(*epoch);
    out.put_u64(*number);
    out.put_u32(*tag);
    out.put_u32(*before);
    out.extend_from_slice(payload);
    out.freeze()
}

/// What another node has written.
pub(super) fn read(mut told: Bytes) -> Option<LogEntry> {
    let (head, _) = told.split_first_chunk::<HEAD>()?;
    let number = |at: usize| head[at..].first_chunk().map(|bytes| u64::from_be_bytes(*bytes));
    let short = |at: usize| head[at..].first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
    let position = LogPosition { epoch: number(0)?, number: number(8)?, tag: short(16)? };
    let before = short(20)?;
    Some(LogEntry { position, before, payload: told.split_off(HEAD) })
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_they_are_written() {
        let position = LogPosition { epoch: u64::MAX - 1, number: 7, tag: 9 };
        let entry = LogEntry { position, before: 3, payload: Bytes::from_static(b"payload") };
        let told = write(&entry);
        assert_eq!(read(told.clone()), Some(entry));
        (0..HEAD).for_each(|length| assert_eq!(read(told.slice(..length)), None));
    }
}
