//! Streams of results that outlive their connection: a client that comes back, over this connection's successor, reads on
//! from the item that it has. Their items are kept written, up to a limit, and the method's stream is polled by a task of its
//! own. Must not know how a client is found.

use std::{
    any::Any,
    collections::{HashMap, VecDeque},
    future::poll_fn,
    panic::AssertUnwindSafe,
    sync::{Arc, Weak},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{Bound, Fault, ItemSource};
use crate::{
    ids::{HubError, UserId},
    protocol::{Headers, PayloadFormat},
};

/// The header of a call that names its stream: a secret of the client, of 22 to 64 letters, digits, `-` and `_`.
const STREAM: &str = "resume-stream";

/// The header that says how many items the client has.
const FROM: &str = "resume-from";

/// What a client reads that comes too late, or whose items are not kept any more.
const NOT_KEPT: &str = "The stream cannot be resumed: the server does not have the next item any more.";

/// What a client reads whose headers make no sense.
const MALFORMED: &str = "The stream cannot be resumed: `resume-stream` takes 22 to 64 letters, digits, `-` and `_`, and \
                         `resume-from` a number.";

/// What is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResumableLimits {
    /// Items of one stream.
    pub(crate) items: usize,
    /// Bytes of one stream. One item always fits.
    pub(crate) bytes: usize,
    /// Streams of a hub.
    pub(crate) streams: usize,
    /// How long a stream is kept without a reader.
    pub(crate) timeout: Duration,
}

/// The resumable streams of a hub.
#[derive(Debug)]
pub(crate) struct ResumableStreams {
    limits: ResumableLimits,
    streams: Mutex<HashMap<Box<str>, Arc<Kept>>>,
}

/// Who may read a stream, and how its items are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamOwner {
    pub(crate) user: Option<UserId>,
    /// The method's place in its contract.
    pub(crate) method: usize,
    pub(crate) format: PayloadFormat,
}

impl ResumableStreams {
    pub(crate) fn new(limits: ResumableLimits) -> Self {
        Self { limits, streams: Mutex::default() }
    }

    /// How many streams are kept.
    pub(crate) fn count(&self) -> usize {
        self.streams.lock().len()
    }

    /// The call `bound`, or in its place what is left of the stream that its headers name. `ended` is cancelled when the
    /// connection has ended: a reader that is dropped before has cancelled the stream.
    pub(crate) fn bind(
        self: &Arc<Self>,
        headers: Headers<'_>,
        owner: StreamOwner,
        ended: &CancellationToken,
        bound: Bound,
    ) -> Bound {
        let Some(id) = headers.get(STREAM) else { return bound };
        let from = headers.get(FROM).map_or(Ok(0), |from| from.parse::<u64>());
        let (Ok(from), true) = (from, is_secret(&id)) else { return Bound::failed(HubError::client(MALFORMED)) };
        let found = self.streams.lock().get(&*id).cloned();
        match found {
            Some(kept) if kept.owner == owner => match kept.attach(from, ended.clone()) {
                Some(reader) => Bound::streaming(Box::new(reader)),
                None => Bound::failed(HubError::client(NOT_KEPT)),
            },
            None if from == 0 => {
                let (streams, id, ended) = (Arc::clone(self), Box::from(&*id), ended.clone());
                bound.map_stream(move |source| streams.keep(id, owner, source, ended))
            }
            // That another user has a stream of this id is not told.
            Some(_) | None => Bound::failed(HubError::client(NOT_KEPT)),
        }
    }

    /// Keeps what `source` gives, and returns what reads it. At the limit the stream that has waited longest for its reader
    /// goes; if each has a reader, the new one is not kept.
    fn keep(
        self: Arc<Self>,
        id: Box<str>,
        owner: StreamOwner,
        source: Box<dyn ItemSource>,
        ended: CancellationToken,
    ) -> Box<dyn ItemSource> {
        let kept = Arc::new(Kept::new(owner));
        {
            let mut streams = self.streams.lock();
            if streams.len() >= self.limits.streams {
                let waiting = streams.iter().filter_map(|(id, kept)| Some((kept.state.lock().away?, id.clone())));
                let Some((_, longest)) = waiting.min() else { return source };
                if let Some(dropped) = streams.remove(&longest) {
                    dropped.cancel();
                }
            }
            if streams.contains_key(&id) {
                return source;
            }
            streams.insert(id.clone(), Arc::clone(&kept));
        }
        let Some(reader) = kept.attach(0, ended) else { return source };
        tokio::spawn(fill(Arc::downgrade(&self), id, kept, source, self.limits));
        Box::new(reader)
    }

    fn remove(&self, id: &str, kept: &Arc<Kept>) {
        let mut streams = self.streams.lock();
        if streams.get(id).is_some_and(|other| Arc::ptr_eq(other, kept)) {
            streams.remove(id);
        }
    }
}

/// The call of a method whose streams are not kept: a client that wants to read on has read the beginning already.
pub(crate) fn refuse(headers: Headers<'_>, bound: Bound) -> Bound {
    let begins = headers.get(FROM).is_none_or(|from| from == "0");
    if begins { bound } else { Bound::failed(HubError::client(NOT_KEPT)) }
}

fn is_secret(id: &str) -> bool {
    (22..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Polls the stream until it has ended or no client comes back for it, and then forgets it.
async fn fill(
    streams: Weak<ResumableStreams>,
    id: Box<str>,
    kept: Arc<Kept>,
    source: Box<dyn ItemSource>,
    limits: ResumableLimits,
) {
    let filling = AssertUnwindSafe(kept.fill(source, limits)).catch_unwind();
    tokio::select! {
        ended = filling => {
            kept.end(ended.unwrap_or_else(|panic| Err(Fault::Panic(text(&*panic)))).err());
            kept.abandoned(limits.timeout).await;
        }
        () = kept.abandoned(limits.timeout) => {}
    }
    if let Some(streams) = streams.upgrade() {
        streams.remove(&id, &kept);
    }
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// One stream.
#[derive(Debug)]
struct Kept {
    owner: StreamOwner,
    state: Mutex<State>,
    /// Told when a reader comes or goes, or the stream is cancelled.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Items that are kept, written.
    items: VecDeque<Bytes>,
    bytes: usize,
    /// The number of the first item that is kept.
    first: u64,
    /// The number of the item that is read next.
    next: u64,
    /// The number of the current reader.
    reader: u64,
    /// Since when there is no reader.
    away: Option<Instant>,
    ended: bool,
    fault: Option<Fault>,
    cancelled: bool,
    waits_for_item: Option<Waker>,
    waits_for_room: Option<Waker>,
}

impl State {
    fn is_full(&self, limits: ResumableLimits) -> bool {
        self.items.len() >= limits.items || (self.bytes >= limits.bytes && !self.items.is_empty())
    }

    /// Whether the oldest item may go: it has been read, and its reader is there.
    fn can_drop(&self) -> bool {
        self.away.is_none() && self.first < self.next
    }

    fn push(&mut self, item: Bytes, limits: ResumableLimits) {
        while self.is_full(limits) && self.can_drop() {
            let Some(oldest) = self.items.pop_front() else { break };
            self.bytes -= oldest.len();
            self.first += 1;
        }
        self.bytes += item.len();
        self.items.push_back(item);
    }
}

impl Kept {
    fn new(owner: StreamOwner) -> Self {
        Self { owner, state: Mutex::default(), changed: Notify::new() }
    }

    /// A reader that begins with item `from`, in the place of the one there was. `None`: that item is not kept.
    fn attach(self: &Arc<Self>, from: u64, ended: CancellationToken) -> Option<Reader> {
        let mut state = self.state.lock();
        if state.cancelled || from < state.first || from > state.first + state.items.len() as u64 {
            return None;
        }
        state.next = from;
        state.reader += 1;
        state.away = None;
        let reader = Reader { kept: Arc::clone(self), number: state.reader, ended, done: false };
        let wakers = [state.waits_for_item.take(), state.waits_for_room.take()];
        drop(state);
        self.changed.notify_one();
        wakers.into_iter().flatten().for_each(Waker::wake);
        Some(reader)
    }

    async fn fill(&self, mut source: Box<dyn ItemSource>, limits: ResumableLimits) -> Result<(), Fault> {
        let mut item = Vec::new();
        loop {
            poll_fn(|cx| self.poll_room(cx, limits)).await;
            item.clear();
            match poll_fn(|cx| source.poll_item(cx, self.owner.format, &mut item)).await {
                Some(Ok(())) => self.push(Bytes::copy_from_slice(&item), limits),
                Some(Err(fault)) => return Err(fault),
                None => return Ok(()),
            }
        }
    }

    fn poll_room(&self, cx: &Context<'_>, limits: ResumableLimits) -> Poll<()> {
        let mut state = self.state.lock();
        if !state.is_full(limits) || state.can_drop() {
            return Poll::Ready(());
        }
        state.waits_for_room = Some(cx.waker().clone());
        Poll::Pending
    }

    fn push(&self, item: Bytes, limits: ResumableLimits) {
        let mut state = self.state.lock();
        state.push(item, limits);
        let waker = state.waits_for_item.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    fn end(&self, fault: Option<Fault>) {
        let mut state = self.state.lock();
        (state.ended, state.fault) = (true, fault);
        let waker = state.waits_for_item.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    fn cancel(&self) {
        self.state.lock().cancelled = true;
        self.changed.notify_one();
    }

    /// Resolves when the stream is cancelled, or has had no reader for so long.
    async fn abandoned(&self, timeout: Duration) {
        loop {
            let (cancelled, away) = {
                let state = self.state.lock();
                (state.cancelled, state.away)
            };
            match away {
                _ if cancelled => return,
                None => self.changed.notified().await,
                Some(since) => tokio::select! {
                    () = sleep_until(since + timeout) => return,
                    () = self.changed.notified() => {}
                },
            }
        }
    }
}

/// What one connection reads of a stream.
struct Reader {
    kept: Arc<Kept>,
    number: u64,
    ended: CancellationToken,
    /// Whether the end has been read.
    done: bool,
}

impl ItemSource for Reader {
    fn poll_item(
        &mut self,
        cx: &mut Context<'_>,
        _: PayloadFormat,
        out: &mut Vec<u8>,
    ) -> Poll<Option<Result<(), Fault>>> {
        let mut state = self.kept.state.lock();
        if state.reader != self.number {
            return Poll::Ready(None);
        }
        let index = usize::try_from(state.next - state.first).unwrap_or(usize::MAX);
        if let Some(item) = state.items.get(index) {
            out.extend_from_slice(item);
            state.next += 1;
            let waker = state.waits_for_room.take();
            drop(state);
            waker.into_iter().for_each(Waker::wake);
            return Poll::Ready(Some(Ok(())));
        }
        if state.ended || state.cancelled {
            self.done = true;
            return Poll::Ready(state.fault.take().map(Err));
        }
        state.waits_for_item = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.kept.state.lock();
        if state.reader != self.number {
            return;
        }
        // A client that has read the end may not have received it yet.
        if self.done || self.ended.is_cancelled() {
            state.away = Some(Instant::now());
        } else {
            state.cancelled = true;
        }
        drop(state);
        self.kept.changed.notify_one();
    }
}
