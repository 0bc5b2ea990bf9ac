//! The floor over TLS: bare tokio-rustls. Each connection's own task writes to it; what is broadcast comes to it in a queue, and
//! what waits there is joined.

use std::{cell::RefCell, future::poll_fn, io, pin::Pin, sync::Arc, task::ready};

use tokio::{
    io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    sync::mpsc,
};
use tokio_rustls::{
    Accept, TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
    server::TlsStream,
};

use crate::{answer::Answering, frame, opening, peers};

const CERTIFICATE: &[u8] = include_bytes!("../../../tls/certificate.pem");
const KEY: &[u8] = include_bytes!("../../../tls/key.pem");
/// Room for what one read gives.
const BUFFER: usize = 64 * 1024;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// Has the benchmark's certificate.
pub(crate) fn acceptor() -> io::Result<TlsAcceptor> {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_slice(KEY).map_err(io::Error::other)?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    Ok(TlsAcceptor::from(Arc::new(config.map_err(io::Error::other)?)))
}

/// Serves a connection.
pub(crate) async fn serve(accept: Accept<TcpStream>) {
    let Ok(mut stream) = accept.await else { return };
    if upgrade(&mut stream).await.is_err() {
        return;
    }
    // A task of its own, so that an idle connection keeps nothing of its handshake.
    tokio::spawn(async move {
        let (sender, queue) = mpsc::unbounded_channel();
        let id = peers::add_queue(sender);
        // It ends when the client has gone.
        drop(session(stream, queue).await);
        peers::remove_queue(id);
    });
}

/// Answers requests until one upgrades the connection.
async fn upgrade(stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
    let mut unread = Vec::new();
    loop {
        read(stream, &mut unread).await?;
        while let Some((answer, upgrades)) = opening::answer(&mut unread) {
            stream.write_all(answer.as_bytes()).await?;
            if upgrades {
                return Ok(());
            }
        }
    }
}

async fn session(
    mut stream: TlsStream<TcpStream>,
    mut queue: mpsc::UnboundedReceiver<peers::Shared>,
) -> io::Result<()> {
    let (mut answering, mut unread) = (Answering::default(), Vec::new());
    loop {
        let mut out = Vec::new();
        tokio::select! {
            result = read(&mut stream, &mut unread) => {
                result?;
                answer(&mut answering, &mut unread, &mut out)?;
            }
            Some(first) = queue.recv() => out.extend_from_slice(&first),
        }
        while out.len() < BUFFER
            && let Ok(next) = queue.try_recv()
        {
            out.extend_from_slice(&next);
        }
        stream.write_all(&out).await?;
    }
}

/// Answers whole frames, and keeps the rest.
fn answer(answering: &mut Answering, unread: &mut Vec<u8>, out: &mut Vec<u8>) -> io::Result<()> {
    let mut used = 0;
    while let Some(frame) = frame::read(&mut unread[used..]) {
        let answered = if frame.close { None } else { answering.frame(frame.payload, out, |_| ()) };
        answered.ok_or(io::ErrorKind::ConnectionAborted)?;
        used += frame.length;
    }
    unread.drain(..used);
    if unread.is_empty() {
        *unread = Vec::new();
    }
    Ok(())
}

/// Appends what there is to read, through the thread's buffer, so that an idle connection has none.
async fn read(stream: &mut TlsStream<TcpStream>, unread: &mut Vec<u8>) -> io::Result<()> {
    poll_fn(|cx| {
        INPUT.with_borrow_mut(|input| {
            let mut buffer = ReadBuf::new(input);
            ready!(Pin::new(&mut *stream).poll_read(cx, &mut buffer))?;
            unread.extend_from_slice(buffer.filled());
            let ended = buffer.filled().is_empty();
            std::task::Poll::Ready(if ended { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) })
        })
    })
    .await
}
