//! TLS on a socket of the client.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

use super::connector::Socket;
use crate::tls;

/// What a client trusts. Cheap to clone; the system's certificates are read when the first socket needs them.
#[derive(Debug, Clone, Default)]
pub(super) struct Tls {
    /// Certificates in DER that are trusted beside the system's.
    pub(super) roots: Vec<Vec<u8>>,
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Tls {
    /// Uses this configuration and no other.
    pub(super) fn configure(&mut self, config: Arc<ClientConfig>) {
        self.config = Arc::new(OnceLock::from(config));
    }

    /// Speaks TLS with `host`.
    pub(super) async fn wrap(&self, host: &str, socket: Box<dyn Socket>) -> io::Result<Box<dyn Socket>> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let socket = TlsConnector::from(self.config()?).connect(name, socket).await?;
        Ok(Box::new(socket))
    }

    fn config(&self) -> io::Result<Arc<ClientConfig>> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(tls::client_config(&self.roots)?);
        Ok(Arc::clone(self.config.get_or_init(|| config)))
    }
}
