//! Stateful reconnect: a connection goes on when its socket is lost and another one takes its place. What was under way
//! is sent again, and what comes twice is dropped.

use std::{future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc, task::Context, time::Duration};

use futures_util::FutureExt;
use tokio::time::{Sleep, sleep, timeout};

use super::{Connection, Engine, Role, fence::Panic};
use crate::{
    connection::{End, Handover, Inbox, Next, Parking, Pipe, ReceivedCount},
    ids::DisconnectError,
    protocol::HubMessage,
    transport::{CloseCode, NoSocket, Transport},
};

/// When messages of the peer are acknowledged, at the latest. As in ASP.NET Core.
const ACK_AFTER: Duration = Duration::from_secs(1);

/// How many bytes are acknowledged at once, without waiting: the peer stops sending when too much is not acknowledged.
const ACK_BYTES: usize = 32 * 1024;

/// How a connection is resumed.
#[derive(Debug, Clone)]
pub(crate) struct Resumption {
    /// Where its next socket arrives.
    pub(crate) handover: Arc<Handover>,
    /// The limits that all such connections of a hub share. A client has none.
    pub(crate) parking: Option<Arc<Parking>>,
    /// How long it waits for its next socket.
    pub(crate) timeout: Duration,
    /// How many bytes the peer may have sent without an acknowledgement: as much is read although it has to wait, so that
    /// the peer's own acknowledgements behind it come in.
    pub(crate) unacknowledged: usize,
}

/// What the engine of such a connection knows.
pub(super) struct Resuming {
    resumption: Resumption,
    received: ReceivedCount,
    /// Bytes that came in since the last acknowledgement.
    bytes: usize,
    /// When the next one is due.
    ack: Option<Pin<Box<Sleep>>>,
}

impl<R: Role> Engine<R> {
    /// Lets another socket take over when this one is lost. The outbox must keep its messages.
    pub(crate) fn resumable(mut self, resumption: Resumption) -> Self {
        let received = ReceivedCount::default();
        self.resuming = Some(Box::new(Resuming { resumption, received, bytes: 0, ack: None }));
        self
    }

    /// Whether `message` has a number.
    #[inline]
    pub(super) fn counts(&self, message: &HubMessage<'_>) -> bool {
        self.resuming.is_some() && message.is_counted()
    }

    /// Whether the next message with a number has come in before.
    pub(super) fn came_before(&self) -> bool {
        self.resuming.as_ref().is_some_and(|resuming| resuming.received.is_duplicate())
    }

    /// Counts a message with a number.
    pub(super) fn count(&mut self, bytes: usize) {
        if let Some(resuming) = &mut self.resuming {
            resuming.received.count();
            resuming.bytes += bytes;
        }
    }

    /// How many bytes may wait for their turn beyond the usual limit.
    pub(super) fn parked_allowance(&self) -> usize {
        self.resuming.as_ref().map_or(0, |resuming| resuming.resumption.unacknowledged)
    }

    /// The peer pings: from now on it counts messages.
    pub(super) fn pinged(&self) {
        self.peer.arm();
        if self.resuming.is_some() {
            self.peer.outbox.start();
        }
    }

    /// The peer has received all messages up to this number.
    pub(super) fn acknowledged(&self, number: i64) -> Result<(), End> {
        if self.resuming.is_none() {
            return Ok(());
        }
        self.peer
            .outbox
            .acknowledge(number)
            .map_err(|_| broken("Ack ID greater than the amount of messages we've sent."))
    }

    /// The peer says with which number it goes on.
    pub(super) fn continues_at(&mut self, number: i64) -> Result<(), End> {
        let Some(resuming) = &mut self.resuming else { return Ok(()) };
        resuming.received.continue_at(number).map_err(broken)
    }

    /// Acknowledges what came in, if that is due. What waits for its turn is not acknowledged: the peer would send more.
    pub(super) fn poll_ack(&mut self, cx: &mut Context<'_>) {
        let waiting = self.parked.len();
        let Some(resuming) = &mut self.resuming else { return };
        let Resuming { received, bytes, ack, .. } = &mut **resuming;
        if !received.owes_ack(waiting) {
            return;
        }
        let timer = ack.get_or_insert_with(|| Box::pin(sleep(ACK_AFTER)));
        if *bytes < ACK_BYTES && timer.as_mut().poll(cx).is_pending() {
            return;
        }
        (*ack, *bytes) = (None, 0);
        if let Some(sequence_id) = received.take_ack(waiting) {
            self.peer.encode_uncounted(&crate::protocol::Outgoing::Ack { sequence_id });
        }
    }

    /// Whether the loss of the socket does not end the connection.
    pub(super) fn survives_loss(&self) -> bool {
        self.resuming.is_some() && self.ending.is_none()
    }

    /// The connection ends on purpose: no socket may take it over any more.
    pub(super) fn close_handover(&self) {
        if let Some(resuming) = &self.resuming {
            resuming.resumption.handover.close();
        }
    }
}

/// What happens next.
enum Event {
    Ended(End),
    Next(Next),
}

impl<R: Role> Connection<R, Box<dyn Transport>> {
    /// As [`Connection::serve`], over as many sockets as it takes.
    pub(crate) async fn serve_resumable(mut self: Box<Self>) {
        let Some(resuming) = &self.engine.resuming else { return self.serve().await };
        let resumption = resuming.resumption.clone();
        let end = match AssertUnwindSafe(self.run_resumable(&resumption)).catch_unwind().await {
            Ok(end) => end,
            Err(payload) => self.engine.panicked(Panic::new(&*payload)),
        };
        Box::pin(self.finish(end)).await;
    }

    async fn run_resumable(&mut self, resumption: &Resumption) -> End {
        self.begin();
        let shutdown = self.engine.role.shutdown();
        // While it waits for its next socket: until when.
        let mut away: Option<Pin<Box<Sleep>>> = None;
        let mut closed = false;
        loop {
            let Self { engine, pipe } = self;
            let event = tokio::select! {
                biased;
                end = std::future::poll_fn(|cx| engine.poll_turns(pipe, cx)) => Event::Ended(end),
                next = std::future::poll_fn(|cx| resumption.handover.poll_next(cx)), if !closed => Event::Next(next),
                () = shutdown.cancelled() => Event::Ended(End::Shutdown),
                () = over(&mut away) => Event::Ended(End::Gone),
            };
            match event {
                Event::Ended(End::Lost) if !closed => {
                    self.lose_socket(resumption);
                    away = Some(Box::pin(sleep(resumption.timeout)));
                }
                Event::Ended(End::Lost) => return End::Gone,
                Event::Ended(end) => return end,
                Event::Next(Next::Socket(socket)) => {
                    self.take_over(socket);
                    if let Some(parking) = &resumption.parking {
                        parking.note_resumed();
                    }
                    away = None;
                }
                Event::Next(Next::Evicted) => return End::Failed(evicted()),
                Event::Next(Next::Closed) if away.is_some() => return End::Gone,
                Event::Next(Next::Closed) => closed = true,
            }
        }
    }

    /// The socket is lost. Calls run on, and what is sent is kept.
    fn lose_socket(&mut self, resumption: &Resumption) {
        tracing::debug!(connection = %self.engine.peer.id, "the socket is lost; the connection waits for another");
        drop(self.detach());
        self.engine.role.socket_lost();
        let Resumption { handover, parking, .. } = resumption;
        if let Some(parking) = parking {
            self.engine.peer.outbox.park(|bytes| parking.park(Arc::clone(handover), bytes));
        }
    }

    /// Takes the socket away. What came over it without being counted comes again.
    fn detach(&mut self) -> Box<dyn Transport> {
        let no_socket: Box<dyn Transport> = Box::new(NoSocket);
        let none = Pipe::without_socket(no_socket, Arc::clone(&self.engine.peer));
        self.engine.inbox = Inbox::default();
        self.engine.peer.note_paused(false);
        std::mem::replace(&mut self.pipe, none).detach()
    }

    /// Goes on over `socket`, whether or not the last one still looks alive.
    fn take_over(&mut self, socket: Box<dyn Transport>) {
        tracing::debug!(connection = %self.engine.peer.id, "another socket takes over");
        let mut old = self.detach();
        let limit = self.engine.rules.close_timeout;
        self.engine.role.outlive(Box::pin(async move {
            let _ = timeout(limit, std::future::poll_fn(|cx| old.poll_close(cx, CloseCode::Normal))).await;
        }));
        self.engine.peer.resume();
        self.pipe = Pipe::new(socket, Arc::clone(&self.engine.peer));
        self.engine.role.socket_replaced();
    }
}

/// Ready when the connection has waited for too long.
async fn over(away: &mut Option<Pin<Box<Sleep>>>) {
    match away {
        Some(limit) => limit.as_mut().await,
        None => std::future::pending().await,
    }
}

fn broken(text: &str) -> End {
    End::Failed(DisconnectError::Protocol(text.to_owned()))
}

fn evicted() -> DisconnectError {
    DisconnectError::SlowConsumer("too many connections, or bytes, waited for a client to come back".to_owned())
}
