//! TLS on a socket: rustls with ring, the system's root certificates and those that the application adds.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
    },
};

use super::connector::Socket;

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
        let config = Arc::new(self.read()?);
        Ok(Arc::clone(self.config.get_or_init(|| config)))
    }

    fn read(&self) -> io::Result<ClientConfig> {
        let mut store = RootCertStore::empty();
        let native = rustls_native_certs::load_native_certs();
        for error in &native.errors {
            tracing::warn!(%error, "a root certificate of the system cannot be read");
        }
        store.add_parsable_certificates(native.certs);
        for root in &self.roots {
            store.add(CertificateDer::from(root.clone())).map_err(io::Error::other)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
        Ok(config.with_root_certificates(store).with_no_client_auth())
    }
}
