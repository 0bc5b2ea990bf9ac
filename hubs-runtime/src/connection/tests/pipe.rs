//! What a session sees of its transport.

use std::{
    collections::VecDeque,
    io,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;

use crate::{
    connection::{Inbox, OutboxLimits, Peer, Pipe, Received, receive},
    ids::{ConnectionId, TransferFormat},
    protocol::JsonHubProtocol,
    transport::{CloseCode, Transport, TransportError, TransportKind},
};

/// A transport that does what it is told.
#[derive(Default)]
struct Script {
    incoming: VecDeque<Option<&'static [u8]>>,
    sent: Vec<Bytes>,
    /// What the next flushes do; without any, everything leaves.
    flushes: VecDeque<Poll<Result<(), ()>>>,
    pings: usize,
}

impl Transport for Script {
    fn poll_receive(&mut self, _: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        match self.incoming.pop_front() {
            None => Poll::Pending,
            Some(None) => Poll::Ready(None),
            Some(Some(b"broken")) => Poll::Ready(Some(Err(TransportError::TooLarge))),
            Some(Some(bytes)) => {
                into.extend_from_slice(bytes);
                Poll::Ready(Some(Ok(())))
            }
        }
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let flushed = self.flushes.pop_front().unwrap_or(Poll::Ready(Ok(())));
        flushed.map_err(|()| io::Error::from(io::ErrorKind::BrokenPipe).into())
    }

    fn send(&mut self, batch: Bytes, _: TransferFormat) -> Result<(), TransportError> {
        self.sent.push(batch);
        Ok(())
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: CloseCode) -> Poll<()> {
        Poll::Ready(())
    }

    fn bytes_sent(&self) -> u64 {
        self.sent.iter().map(|batch| batch.len() as u64).sum()
    }

    fn ping(&mut self) {
        self.pings += 1;
    }

    fn bytes_received(&self) -> u64 {
        7
    }

    fn kind(&self) -> TransportKind {
        TransportKind::WebSockets
    }
}

fn pipe() -> (Pipe<Script>, Arc<Peer>) {
    let peer = Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, OutboxLimits::DEFAULT));
    (Pipe::new(Script::default(), Arc::clone(&peer)), peer)
}

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

#[tokio::test]
async fn a_batch_waits_until_the_one_before_has_left() {
    let (mut pipe, peer) = pipe();
    assert!(!pipe.write(&mut cx()).unwrap(), "nothing waits");
    peer.outbox.append_own(b"one");
    pipe.transport.flushes.extend([Poll::Pending, Poll::Pending]);
    assert!(!pipe.write(&mut cx()).unwrap());
    peer.outbox.append_own(b"two");
    assert!(!pipe.write(&mut cx()).unwrap());
    assert_eq!((pipe.transport.sent.len(), peer.outbox.waiting()), (1, 6));
    assert!(pipe.write(&mut cx()).unwrap());
    assert_eq!((pipe.transport.sent.as_slice(), peer.outbox.waiting()), (&["one".into(), "two".into()][..], 0));
}

#[tokio::test]
async fn a_session_rests_when_nothing_waits_or_the_socket_is_full() {
    let (mut pipe, peer) = pipe();
    assert!(pipe.rest());
    peer.outbox.append_own(b"one");
    assert!(!pipe.rest(), "it has to be written");
    pipe.transport.flushes.push_back(Poll::Pending);
    pipe.write(&mut cx()).unwrap();
    assert!(pipe.rest(), "the socket wakes it");
    assert!(pipe.poll_written(&mut cx()).is_ready());
    assert!(pipe.rest());
}

#[tokio::test]
async fn all_is_written_when_it_has_left_or_cannot() {
    let (mut pipe, peer) = pipe();
    assert!(pipe.poll_written(&mut cx()).is_ready());
    peer.outbox.append_own(b"one");
    pipe.transport.flushes.extend([Poll::Pending, Poll::Pending, Poll::Ready(Err(()))]);
    assert!(pipe.poll_written(&mut cx()).is_pending());
    assert!(pipe.poll_written(&mut cx()).is_pending());
    assert!(pipe.poll_written(&mut cx()).is_ready(), "it never will leave");
    assert!(pipe.write(&mut cx()).is_ok());
}

#[tokio::test]
async fn a_ping_of_the_transport_leaves_with_the_next_write() {
    let (mut pipe, peer) = pipe();
    let intervals = crate::connection::Intervals {
        keep_alive: std::time::Duration::ZERO,
        client_timeout: std::time::Duration::MAX,
        send_timeout: std::time::Duration::MAX,
        slow_consumer_grace: std::time::Duration::MAX,
    };
    peer.tick(tokio::time::Instant::now(), &intervals);
    pipe.transport.flushes.push_back(Poll::Pending);
    assert!(!pipe.write(&mut cx()).unwrap());
    assert_eq!((pipe.transport.pings, pipe.transport.sent.len()), (1, 0), "flushed before the next batch");
    assert!(pipe.write(&mut cx()).unwrap());
    assert_eq!((pipe.transport.pings, pipe.transport.sent.len()), (1, 1));
}

#[tokio::test]
async fn what_comes_in_is_told_apart() {
    let (mut pipe, _) = pipe();
    pipe.transport.incoming.extend([Some(&b"{}\x1e"[..]), None, Some(b"broken")]);
    let mut inbox = Inbox::default();
    assert!(matches!(pipe.receive(&mut cx(), &mut inbox), Ok(Received::Bytes)));
    let frame = inbox.next(&JsonHubProtocol, None).unwrap().unwrap();
    assert_eq!(inbox.body(&frame), b"{}");
    inbox.skip(&frame);
    assert!(matches!(pipe.receive(&mut cx(), &mut inbox), Ok(Received::Closed)));
    assert!(pipe.receive(&mut cx(), &mut inbox).is_err());
    assert!(matches!(pipe.receive(&mut cx(), &mut inbox), Ok(Received::Nothing)));
}

#[tokio::test]
async fn bytes_before_there_is_a_session_go_into_its_inbox() {
    let mut transport = Script::default();
    transport.incoming.extend([Some(&b"{}\x1e{"[..]), None]);
    let mut inbox = Inbox::default();
    assert!(matches!(receive(&mut transport, &mut inbox).await, Some(Ok(()))));
    let frame = inbox.next(&JsonHubProtocol, None).unwrap().unwrap();
    inbox.skip(&frame);
    assert!(receive(&mut transport, &mut inbox).await.is_none());
}
