//! One connection, from its upgrade to its end. Buffers are the thread's, so that an idle connection has none.

use std::{cell::RefCell, io::ErrorKind, sync::atomic::Ordering};

use tokio::{net::TcpStream, sync::mpsc};

use crate::{
    answer::Answering,
    frame,
    peers::{self, Peer, Shared},
};

/// Room for what one read gives, and for what one write takes.
const BUFFER: usize = 64 * 1024;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Serves a connection.
pub(crate) async fn run(socket: TcpStream, batch: bool) {
    let (sender, mut queue) = mpsc::unbounded_channel();
    let (id, peer) = peers::add(socket, batch.then_some(sender));
    let mut answering = Answering::default();
    let mut unread = Vec::new();
    loop {
        let stuck = peer.stuck.load(Ordering::Acquire);
        tokio::select! {
            readable = peer.socket.readable() => {
                if readable.is_err() || read(&peer, &mut unread, &mut answering).is_none() {
                    break;
                }
            }
            () = peer.wake.notified(), if !stuck => {}
            writable = peer.socket.writable(), if stuck => {
                if writable.is_err() {
                    break;
                }
                peer.send_unsent();
            }
            Some(first) = queue.recv(), if batch => send_joined(&peer, &first, &mut queue),
        }
    }
    peers::remove(id);
}

/// Reads what is there and answers it. None: the connection has ended.
fn read(peer: &Peer, unread: &mut Vec<u8>, answering: &mut Answering) -> Option<()> {
    INPUT.with_borrow_mut(|input| {
        OUTPUT.with_borrow_mut(|output| {
            let length = match peer.socket.try_read(input) {
                Ok(0) => return None,
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Some(()),
                Err(_) => return None,
            };
            output.clear();
            if unread.is_empty() {
                let used = take(&mut input[..length], output, peer, answering)?;
                unread.extend_from_slice(&input[used..length]);
            } else {
                unread.extend_from_slice(&input[..length]);
                let used = take(unread, output, peer, answering)?;
                unread.drain(..used);
                if unread.is_empty() {
                    *unread = Vec::new();
                }
            }
            if !output.is_empty() {
                peer.send(output);
            }
            Some(())
        })
    })
}

/// Answers whole frames. Returns how many bytes they took.
fn take(bytes: &mut [u8], output: &mut Vec<u8>, peer: &Peer, answering: &mut Answering) -> Option<usize> {
    let mut used = 0;
    while let Some(frame) = frame::read(&mut bytes[used..]) {
        if frame.close {
            return None;
        }
        answering.frame(frame.payload, output, |output| {
            peer.send(output);
            output.clear();
        })?;
        used += frame.length;
    }
    Some(used)
}

/// Writes all that waits in the queue at once.
fn send_joined(peer: &Peer, first: &[u8], queue: &mut mpsc::UnboundedReceiver<Shared>) {
    OUTPUT.with_borrow_mut(|output| {
        output.clear();
        output.extend_from_slice(first);
        while output.len() < BUFFER
            && let Ok(next) = queue.try_recv()
        {
            output.extend_from_slice(&next);
        }
        peer.send(output);
    });
}
