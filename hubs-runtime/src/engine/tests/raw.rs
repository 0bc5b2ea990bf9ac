//! The peers of these tests: a hub and a client with the same methods, and raw messages at the other end.

use std::{collections::VecDeque, future::poll_fn, sync::Arc, task::Poll, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hubs_macros::{client_interface, hub};
use serde_json::Value;
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};

use crate::{
    DisconnectError, HubCallerContext, HubMetrics, HubOptions, HubResult, HubStream, Hubs, StreamError, UploadStream,
    client::HubConnection,
    ids::{ConnectionId, TransferFormat},
    protocol::JsonHubProtocol,
    server::serve_in_process,
    transport::{Transport, memory},
};

const SEPARATOR: u8 = 0x1e;

/// What is to happen happens within this time.
pub(super) async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(1), future).await.expect("within a second")
}

/// What a client offers, and a hub too.
#[client_interface(crate = "crate")]
pub(super) trait Peer {
    async fn echo(&self, text: String) -> HubResult<String>;
    async fn fail(&self) -> HubResult<String>;
    async fn hold(&self, text: String) -> HubResult<String>;
}

pub(super) type Cx = HubCallerContext<PeerContract>;

#[hub(crate = "crate", client = Peer)]
pub(super) trait Server {
    async fn echo(&self, cx: &Cx, text: String) -> HubResult<String>;
    async fn fail(&self, cx: &Cx) -> HubResult<String>;
    async fn hold(&self, cx: &Cx, text: String) -> HubResult<String>;
    /// Waits until its connection has ended.
    async fn until_gone(&self, cx: &Cx) -> HubResult<()>;
    async fn endless(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    async fn bomb(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    async fn length(&self, cx: &Cx, texts: UploadStream<String>) -> HubResult<usize>;
    async fn second_first(
        &self,
        cx: &Cx,
        first: UploadStream<String>,
        second: UploadStream<String>,
    ) -> HubResult<usize>;
    async fn unread(&self, cx: &Cx, texts: UploadStream<String>) -> HubResult<()>;
    async fn ask_between(&self, cx: &Cx, texts: UploadStream<String>) -> HubResult<String>;
    /// Gives the header `trace` of its call.
    async fn trace(&self, cx: &Cx) -> HubResult<Option<String>>;
    /// Asks its caller and gives what went wrong.
    async fn ask_in_vain(&self, cx: &Cx) -> HubResult<String>;
    /// Never ends by itself.
    #[method(cancellable)]
    async fn search(&self, cx: &Cx) -> HubResult<u32>;
}

/// What the methods report and wait for.
#[derive(Clone)]
pub(super) struct Probe {
    log: mpsc::UnboundedSender<String>,
    /// Each `hold` takes one permit.
    gate: Arc<Semaphore>,
}

impl Probe {
    fn note(&self, text: impl Into<String>) {
        self.log.send(text.into()).ok();
    }

    async fn hold(&self, text: String) -> String {
        self.note(format!("{text} starts"));
        self.gate.acquire().await.expect("it is not closed").forget();
        self.note(format!("{text} ends"));
        text
    }
}

impl Peer for Probe {
    async fn echo(&self, text: String) -> HubResult<String> {
        Ok(text)
    }

    async fn fail(&self) -> HubResult<String> {
        panic!("secret")
    }

    async fn hold(&self, text: String) -> HubResult<String> {
        Ok(Self::hold(self, text).await)
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("as told");
    }
}

/// Tells when it is dropped.
struct OnDrop(Probe, &'static str);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.note(self.1);
    }
}

async fn length_of(mut texts: UploadStream<String>) -> Result<usize, StreamError> {
    let mut length = 0;
    while let Some(text) = texts.next().await {
        length += text?.len();
    }
    Ok(length)
}

impl Server for Probe {
    async fn echo(&self, _: &Cx, text: String) -> HubResult<String> {
        self.note(format!("echo {text}"));
        Ok(text)
    }

    async fn fail(&self, _: &Cx) -> HubResult<String> {
        panic!("secret")
    }

    async fn hold(&self, _: &Cx, text: String) -> HubResult<String> {
        Ok(Self::hold(self, text).await)
    }

    async fn until_gone(&self, cx: &Cx) -> HubResult<()> {
        self.note("waits");
        cx.cancelled().await;
        self.note("gone");
        Ok(())
    }

    async fn endless(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let dropped = OnDrop(self.clone(), "stream dropped");
        Ok(HubStream::new(stream::iter([1]).chain(stream::poll_fn(move |_| {
            let _ = &dropped;
            Poll::Pending
        }))))
    }

    async fn bomb(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let bomb = Bomb;
        Ok(HubStream::new(stream::iter([1]).chain(stream::poll_fn(move |_| {
            let _ = &bomb;
            Poll::Pending
        }))))
    }

    async fn length(&self, _: &Cx, texts: UploadStream<String>) -> HubResult<usize> {
        Ok(length_of(texts).await?)
    }

    async fn second_first(
        &self,
        _: &Cx,
        first: UploadStream<String>,
        second: UploadStream<String>,
    ) -> HubResult<usize> {
        let second = length_of(second).await?;
        Ok(1000 * second + length_of(first).await?)
    }

    async fn unread(&self, cx: &Cx, mut texts: UploadStream<String>) -> HubResult<()> {
        cx.cancelled().await;
        let end = loop {
            match texts.next().await {
                Some(Ok(_)) => {}
                end => break end,
            }
        };
        self.note(format!("{end:?}"));
        Ok(())
    }

    async fn ask_between(&self, cx: &Cx, mut texts: UploadStream<String>) -> HubResult<String> {
        let first = texts.next().await.transpose()?.unwrap_or_default();
        let answer = cx.clients().caller().echo(format!("got {}", first.len())).await?;
        Ok(format!("{answer}, then {}", length_of(texts).await?))
    }

    async fn trace(&self, cx: &Cx) -> HubResult<Option<String>> {
        let kept = cx.clone();
        tokio::task::yield_now().await;
        Ok(kept.headers().get("trace").map(Into::into))
    }

    async fn ask_in_vain(&self, cx: &Cx) -> HubResult<String> {
        let answer = cx.clients().caller().echo(String::new()).await;
        Ok(answer.expect_err("refused").to_string())
    }

    async fn search(&self, _: &Cx) -> HubResult<u32> {
        let _dropped = OnDrop(self.clone(), "search dropped");
        self.note("search starts");
        std::future::pending().await
    }

    async fn on_connected(&self, cx: &Cx) -> HubResult<()> {
        match cx.request().uri.query() {
            Some("wait") => {
                cx.cancelled().await;
                self.note("hook told");
            }
            Some("never") => std::future::pending().await,
            _ => {}
        }
        Ok(())
    }

    async fn on_disconnected(&self, _: &Cx, error: Option<&DisconnectError>) {
        self.note(format!("disconnected {error:?}"));
    }
}

/// One end of the engine under test.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Server,
    Client,
}

pub(super) const BOTH: [End; 2] = [End::Server, End::Client];

/// The other end, and what the methods report.
pub(super) struct Raw {
    transport: memory::MemoryTransport,
    read: Vec<u8>,
    come: VecDeque<String>,
    log: mpsc::UnboundedReceiver<String>,
    gate: Arc<Semaphore>,
    pub(super) metrics: HubMetrics,
    pub(super) client: Option<HubConnection>,
}

impl Raw {
    pub(super) async fn server() -> Self {
        Self::start(End::Server, HubOptions::default(), "/").await
    }

    /// The hub alone, a client's methods, and what they report.
    pub(super) fn hubs() -> (Hubs, Probe, mpsc::UnboundedReceiver<String>) {
        let (log, noted) = mpsc::unbounded_channel();
        let probe = Probe { log, gate: Arc::new(Semaphore::new(0)) };
        (Hubs::new().map("/", ServerContract, probe.clone()), probe, noted)
    }

    /// A peer of `end`, after the handshake.
    pub(super) async fn start(end: End, options: HubOptions, uri: &str) -> Self {
        let (log, noted) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let probe = Probe { log, gate: Arc::clone(&gate) };
        let (near, far) = memory::pair(memory::DEFAULT_CAPACITY);
        let hubs = Hubs::new().map_with("/", ServerContract, probe.clone(), options);
        let metrics = hubs.metrics::<ServerContract>();
        let (read, come) = (Vec::new(), VecDeque::new());
        let mut raw = Self { transport: near, read, come, log: noted, gate, metrics, client: None };
        match end {
            End::Server => {
                let request = http::Request::builder().uri(uri).body(()).expect("a request").into_parts().0;
                serve_in_process(hubs.runtime::<ServerContract>(None), ConnectionId::new("c"), request, far)
                    .await
                    .expect("the hub lets everyone in");
                raw.send(r#"{"protocol":"json","version":1}"#).await;
                assert_eq!(raw.next().await, "{}");
            }
            End::Client => {
                let client = tokio::spawn(HubConnection::over::<PeerContract, _, _>(
                    far,
                    ConnectionId::new("client"),
                    &JsonHubProtocol,
                    probe,
                ));
                assert_eq!(raw.next().await, r#"{"protocol":"json","version":1}"#);
                raw.send("{}").await;
                raw.client = Some(soon(client).await.expect("no panic").expect("it connects"));
            }
        }
        raw
    }

    /// Lets so many calls of `hold` end.
    pub(super) fn release(&self, count: usize) {
        self.gate.add_permits(count);
    }

    pub(super) async fn send(&mut self, message: &str) {
        soon(self.send_late(message)).await;
    }

    /// As [`Raw::send`], without a limit: the other end may not read.
    pub(super) async fn send_late(&mut self, message: &str) {
        let bytes = [message.as_bytes(), &[SEPARATOR]].concat();
        poll_fn(|cx| self.transport.poll_flush(cx)).await.expect("the other end is there");
        self.transport.send(Bytes::from(bytes), TransferFormat::Text).expect("the last batch was flushed");
        poll_fn(|cx| self.transport.poll_flush(cx)).await.expect("the other end is there");
    }

    /// Calls `method` with a text.
    pub(super) async fn call(&mut self, id: &str, method: &str, text: &str) {
        self.send(&call(id, method, text)).await;
    }

    /// Calls a method that takes nothing; `kind` 4 asks for a stream.
    pub(super) async fn ask(&mut self, kind: u8, id: &str, method: &str) {
        self.send(&format!(r#"{{"type":{kind},"invocationId":"{id}","target":"{method}","arguments":[]}}"#)).await;
    }

    /// Calls a method that takes streams.
    pub(super) async fn upload(&mut self, id: &str, method: &str, streams: &[&str]) {
        let streams = serde_json::to_string(streams).expect("texts");
        self.send(&format!(
            r#"{{"type":1,"invocationId":"{id}","target":"{method}","arguments":[],"streamIds":{streams}}}"#
        ))
        .await;
    }

    pub(super) async fn item(&mut self, stream: &str, length: usize) {
        self.send(&format!(r#"{{"type":2,"invocationId":"{stream}","item":"{}"}}"#, "x".repeat(length))).await;
    }

    pub(super) async fn complete(&mut self, stream: &str) {
        self.send(&format!(r#"{{"type":3,"invocationId":"{stream}"}}"#)).await;
    }

    /// The next message, pings left out.
    pub(super) async fn next(&mut self) -> String {
        soon(self.next_late()).await
    }

    async fn next_late(&mut self) -> String {
        loop {
            if let Some(message) = self.come.pop_front() {
                if message != r#"{"type":6}"# {
                    return message;
                }
                continue;
            }
            let received = poll_fn(|cx| self.transport.poll_receive(cx, &mut self.read)).await;
            received.expect("the other end is there").expect("memory does not fail");
            while let Some(end) = self.read.iter().position(|byte| *byte == SEPARATOR) {
                let rest = self.read.split_off(end + 1);
                let message = std::mem::replace(&mut self.read, rest);
                self.come.push_back(String::from_utf8(message[..end].to_vec()).expect("JSON"));
            }
        }
    }

    /// The next message, which answers call `id`.
    pub(super) async fn answer(&mut self, id: &str) -> Value {
        let message: Value = serde_json::from_str(&self.next().await).expect("JSON");
        assert_eq!((&message["type"], &message["invocationId"]), (&3.into(), &id.into()), "{message}");
        message
    }

    /// The next thing that a method has reported.
    pub(super) async fn noted(&mut self) -> String {
        soon(self.noted_late()).await
    }

    /// The next thing reported that ends like this.
    pub(super) async fn noted_after(&mut self, end: &str) -> String {
        loop {
            let noted = self.noted().await;
            if noted.ends_with(end) {
                return noted;
            }
        }
    }

    pub(super) async fn noted_late(&mut self) -> String {
        self.log.recv().await.expect("the hub is there")
    }

    /// Whether methods have reported nothing more.
    pub(super) fn nothing_noted(&mut self) -> bool {
        self.log.try_recv().is_err()
    }

    /// Closes the transport, as a socket that is lost.
    pub(super) fn lose(&mut self) {
        let (lost, _) = memory::pair(1);
        self.transport = lost;
    }
}

pub(super) fn call(id: &str, method: &str, text: &str) -> String {
    format!(r#"{{"type":1,"invocationId":"{id}","target":"{method}","arguments":["{text}"]}}"#)
}
