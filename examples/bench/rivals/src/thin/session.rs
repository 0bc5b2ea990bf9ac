//! One connection: what it reads is answered here, what it writes comes out of its queue.

use std::{collections::HashMap, time::Duration};

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::{
    hub::{self, Queue},
    message::{END, Incoming, Outgoing},
};

/// How often a client is pinged.
const PING: Duration = Duration::from_secs(15);
/// How many items of an upload wait to be added up.
const UPLOAD: usize = 10;
/// After how many items a stream lets others run.
const BURST: i32 = 64;

struct Session {
    queue: Queue,
    uploads: HashMap<String, mpsc::Sender<i32>>,
    shaken: bool,
}

/// Serves a connection.
pub(crate) async fn run(socket: WebSocket) {
    let (sink, mut stream) = socket.split();
    let (queue, queued) = mpsc::unbounded_channel();
    let writer = tokio::spawn(write(sink, queued));
    let id = hub::next_id();
    let mut session = Session { queue: queue.clone(), uploads: HashMap::new(), shaken: false };
    'reading: while let Some(Ok(message)) = stream.next().await {
        let Message::Text(text) = message else { continue };
        for record in text.split(END).filter(|record| !record.is_empty()) {
            if !session.shaken {
                session.shaken = true;
                hub::add(id, queue.clone());
                let _ = queue.send(Utf8Bytes::from_static("{}\u{1e}"));
            } else if session.message(record).await.is_none() {
                break 'reading;
            }
        }
    }
    hub::remove(id);
    writer.abort();
}

/// Writes what is queued, all that waits before each flush.
async fn write(mut sink: SplitSink<WebSocket, Message>, mut queued: mpsc::UnboundedReceiver<Utf8Bytes>) {
    let mut ping = tokio::time::interval(PING);
    ping.tick().await;
    loop {
        tokio::select! {
            Some(first) = queued.recv() => {
                let mut next = Some(first);
                while let Some(text) = next {
                    if sink.feed(Message::Text(text)).await.is_err() {
                        return;
                    }
                    next = queued.try_recv().ok();
                }
            }
            _ = ping.tick() => {
                if sink.feed(Message::Text(Outgoing::<()>::ping().encode())).await.is_err() {
                    return;
                }
            }
            else => return,
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}

impl Session {
    /// Answers one message. None: it is not understood, and the connection is to end.
    async fn message(&mut self, record: &str) -> Option<()> {
        let message: Incoming<'_> = serde_json::from_str(record).ok()?;
        match message.r#type {
            1 => self.call(message),
            2 => {
                let item = serde_json::from_str(message.item?.get()).ok()?;
                self.uploads.get(&*message.invocation_id?)?.send(item).await.ok()
            }
            3 => self.uploads.remove(&*message.invocation_id?).map(drop),
            4 => self.stream(&message),
            6 => Some(()),
            _ => None,
        }
    }

    fn call(&mut self, message: Incoming<'_>) -> Option<()> {
        let id = message.invocation_id?;
        let argument = |at: usize| {
            serde_json::from_str::<String>(message.arguments.get(at).copied().map_or("", RawValue::get)).ok()
        };
        match message.target?.to_ascii_lowercase().as_str() {
            "echo" => self.send(&Outgoing::result(&id, Some(argument(0)?))),
            "broadcast" => {
                hub::broadcast(&Outgoing::call(argument(0)?).encode());
                self.send(&Outgoing::<()>::result(&id, None));
            }
            "uploadsum" => {
                let (sender, items) = mpsc::channel(UPLOAD);
                self.uploads.insert(message.stream_ids.into_iter().next()?, sender);
                tokio::spawn(add_up(id.into_owned(), items, self.queue.clone()));
            }
            _ => self.send(&Outgoing::<()>::failure(&id, "unknown method")),
        }
        Some(())
    }

    fn stream(&mut self, message: &Incoming<'_>) -> Option<()> {
        let id = message.invocation_id.as_deref()?.to_owned();
        let count: i32 = serde_json::from_str(message.arguments.first()?.get()).ok()?;
        let queue = self.queue.clone();
        tokio::spawn(async move {
            for item in 0..count {
                let _ = queue.send(Outgoing::item(&id, item).encode());
                if item % BURST == BURST - 1 {
                    tokio::task::yield_now().await;
                }
            }
            let _ = queue.send(Outgoing::<()>::result(&id, None).encode());
        });
        Some(())
    }

    fn send<T: serde::Serialize + Default>(&self, message: &Outgoing<'_, T>) {
        let _ = self.queue.send(message.encode());
    }
}

async fn add_up(id: String, mut items: mpsc::Receiver<i32>, queue: Queue) {
    let mut sum = 0_i64;
    while let Some(item) = items.recv().await {
        sum += i64::from(item);
    }
    let _ = queue.send(Outgoing::result(&id, Some(sum)).encode());
}
