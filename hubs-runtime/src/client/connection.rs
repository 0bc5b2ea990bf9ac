//! [`HubConnection`]: a client's connection to one hub.

use std::{fmt, future::poll_fn, sync::Arc, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{
    handlers::{Handlers, TypedHandlers},
    session::ClientSession,
};
use crate::{
    call::{BoxFuture, Dispatch, Interface, OutgoingCall, Outlet, Proxy, Pump, Single},
    connection::{End, Inbox, OutboxLimits, Peer, Pipe, receive},
    ids::{ConnectionId, InvocationId, TransferFormat},
    invocation::{IncomingStreams, InvokeError, PendingCalls, SendError, StreamOpener, StreamReader},
    protocol::{EncodedMessage, JsonHubProtocol, Outgoing, PayloadFormat, RawPayload},
    transport::Transport,
};

/// How long the server may take to answer the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);

/// What a client queues for a server that does not read.
const QUEUE: OutboxLimits = OutboxLimits::DEFAULT;

/// How many items of a stream always fit before the server has to wait.
const STREAM_BUFFER: usize = 10;

/// Why a connection did not come about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server refused the handshake, with this text.
    #[error("server refused the handshake: {0}")]
    Refused(String),
    /// The transport ended or failed first.
    #[error("the connection was closed before the handshake could complete")]
    Closed,
    /// The server did not answer in time.
    #[error("no answer to the handshake in time")]
    TimedOut,
}

/// A client's connection to one hub. Cheap to clone; it ends with [`HubConnection::stop`] or when the last clone and
/// the last proxy are gone.
#[derive(Clone)]
pub struct HubConnection {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) peer: Arc<Peer>,
    pub(super) pending: Arc<PendingCalls>,
    pub(super) streams: Arc<Streams>,
}

/// The streams of a connection: what comes in, and what is to go out.
#[derive(Default)]
pub(super) struct Streams {
    pub(super) incoming: Mutex<IncomingStreams>,
    /// New uploads, for the session to take over.
    pub(super) uploads: Mutex<Vec<Pump>>,
}

impl HubConnection {
    /// Shakes hands over an open transport and serves `client` on it, the implementation of the interface `C`.
    pub async fn start<C, H, T>(
        mut transport: T,
        _interface: std::marker::PhantomData<C>,
        client: H,
    ) -> Result<Self, ConnectError>
    where
        C: Dispatch<H, Context = ()>,
        H: Send + Sync + 'static,
        T: Transport,
    {
        let mut inbox = Inbox::default();
        let hands = shake_hands(&mut transport, &mut inbox);
        tokio::time::timeout(HANDSHAKE_TIMEOUT, hands).await.map_err(|_| ConnectError::TimedOut)??;
        let peer = Arc::new(Peer::new(ConnectionId::new("server"), None, &JsonHubProtocol, QUEUE));
        let pending = Arc::<PendingCalls>::default();
        let handlers: Arc<dyn Handlers> = Arc::new(TypedHandlers::<H, C>::new(client));
        let pipe = Pipe::new(transport, Arc::clone(&peer));
        let streams = Arc::<Streams>::default();
        let session =
            ClientSession::new(pipe, inbox, Arc::clone(&peer), Arc::clone(&pending), Arc::clone(&streams), handlers);
        tokio::spawn(session.run());
        Ok(Self { shared: Arc::new(Shared { peer, pending, streams }) })
    }

    /// Calls the hub `C`.
    pub fn hub<C: Interface>(&self) -> C::Proxy<Single> {
        let outlet: Arc<dyn Outlet> = Arc::new(HubOutlet { shared: Arc::clone(&self.shared) });
        Proxy::new(outlet).into()
    }

    /// Resolves when the connection has ended.
    pub async fn closed(&self) {
        self.shared.peer.ended.cancelled().await;
    }

    /// Says goodbye and waits for the end.
    pub async fn stop(&self) {
        self.shared.peer.outbox.end(End::Aborted);
        self.closed().await;
    }

    /// Drops the connection without a word, as a client does that loses its network.
    pub async fn drop_off(&self) {
        self.shared.peer.outbox.end(End::Gone);
        self.closed().await;
    }
}

impl fmt::Debug for HubConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubConnection").field("ended", &self.shared.peer.ended.is_cancelled()).finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.peer.outbox.end(End::Aborted);
    }
}

async fn shake_hands<T: Transport>(transport: &mut T, inbox: &mut Inbox) -> Result<(), ConnectError> {
    let request = Bytes::from_static(b"{\"protocol\":\"json\",\"version\":1}\x1e");
    poll_fn(|cx| transport.poll_flush(cx)).await.map_err(|_| ConnectError::Closed)?;
    transport.send(request, TransferFormat::Text).map_err(|_| ConnectError::Closed)?;
    poll_fn(|cx| transport.poll_flush(cx)).await.map_err(|_| ConnectError::Closed)?;
    loop {
        if let Some(frame) = inbox.next(&JsonHubProtocol, None).map_err(|_| ConnectError::Closed)? {
            let answer = read_answer(inbox.body(&frame));
            inbox.skip(&frame);
            return answer;
        }
        if !matches!(receive(transport, inbox).await, Some(Ok(()))) {
            return Err(ConnectError::Closed);
        }
    }
}

fn read_answer(record: &[u8]) -> Result<(), ConnectError> {
    #[derive(serde::Deserialize)]
    struct Answer {
        error: Option<String>,
    }
    let answer: Answer = serde_json::from_slice(record).map_err(|_| ConnectError::Closed)?;
    answer.error.map_or(Ok(()), |text| Err(ConnectError::Refused(text)))
}

/// Speaks to the hub at the other end.
struct HubOutlet {
    shared: Arc<Shared>,
}

impl HubOutlet {
    /// Queues the call and what it uploads.
    fn push(&self, id: Option<&str>, streamed: bool, call: OutgoingCall<'_>) -> Result<(), SendError> {
        let Shared { peer, pending, streams } = &*self.shared;
        if peer.ended.is_cancelled() || peer.outbox.ended().is_some() {
            return Err(SendError::Closed);
        }
        let stream_ids: Vec<String> = call.streams.iter().map(|_| pending.number().to_string()).collect();
        let (target, arguments) = (call.method, &call.values[..]);
        let message = Outgoing::Call { streamed, id, target, arguments, stream_ids: &stream_ids };
        let encoded = EncodedMessage::new(&message, 1 << peer.protocol.slot())?;
        let pump = |(id, source): (&String, _)| Pump::new(InvocationId::from(id), source, Arc::clone(peer));
        streams.uploads.lock().extend(stream_ids.iter().zip(call.streams).map(pump));
        if let Some(bytes) = encoded.get(peer.protocol) {
            peer.push(bytes);
        }
        Ok(())
    }
}

impl Outlet for HubOutlet {
    fn send(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>> {
        let sent = self.push(None, false, call);
        let peer = Arc::clone(&self.shared.peer);
        Box::pin(async move {
            poll_fn(|cx| peer.outbox.poll_room(cx)).await;
            sent
        })
    }

    fn invoke(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>> {
        let (number, answer) = self.shared.pending.start(self.shared.peer.id.clone());
        let sent = self.push(Some(&number.to_string()), false, call);
        // The connection lives for as long as somebody waits for an answer.
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            sent?;
            let answer = answer.await;
            drop(shared);
            answer
        })
    }

    fn stream(&self, call: OutgoingCall<'_>) -> Result<(StreamReader, PayloadFormat), InvokeError> {
        let peer = &self.shared.peer;
        let id = self.shared.pending.number().to_string();
        let (stream, reader) = StreamOpener::new(Arc::clone(peer), STREAM_BUFFER).open();
        self.shared.streams.incoming.lock().insert(InvocationId::from(&id), stream);
        self.push(Some(&id), true, call)?;
        Ok((reader, peer.protocol.payload_format()))
    }

    fn waits_for_unit(&self) -> bool {
        true
    }
}
