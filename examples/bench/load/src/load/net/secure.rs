//! TLS on a socket of the load, with the certificate in `examples/bench/tls`. Every connection makes a full handshake. Must not
//! know what is sent.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use mio::net::TcpStream;
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};

/// The certificate of the servers that are measured, which is its own issuer.
const CERTIFICATE: &[u8] = include_bytes!("../../../../tls/certificate.pem");

/// Trusts the benchmark's certificate and no other.
pub(super) fn config() -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE).context("no certificate")?)?;
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// One connection's end of TLS.
#[derive(Debug)]
pub(super) struct Secure(ClientConnection);

impl Secure {
    pub(super) fn new(config: &Arc<ClientConfig>) -> Result<Box<Self>> {
        let mut connection = ClientConnection::new(Arc::clone(config), ServerName::try_from("localhost")?)?;
        connection.set_buffer_limit(None);
        Ok(Box::new(Self(connection)))
    }

    /// As the `read` of a socket.
    pub(super) fn read(&mut self, socket: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => return other,
            }
            if self.0.read_tls(socket)? == 0 {
                return Ok(0);
            }
            self.0.process_new_packets().map_err(io::Error::other)?;
            self.send(socket)?;
        }
    }

    /// Takes all of `bytes`; [`Secure::send`] sends them.
    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.writer().write_all(bytes)
    }

    /// Sends as much as the socket takes. Whether all is sent.
    pub(super) fn send(&mut self, socket: &mut TcpStream) -> io::Result<bool> {
        while self.0.wants_write() {
            match self.0.write_tls(socket) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => drop(other?),
            }
        }
        Ok(true)
    }
}
