//! What this process trusts when it opens a connection over TLS: rustls with ring, the system's root certificates and
//! those that the application adds. Must not know what is sent.

use std::{io, sync::Arc};

use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};

/// Reads the system's root certificates, and adds `roots`, which are in DER.
pub(crate) fn client_config(roots: &[Vec<u8>]) -> io::Result<ClientConfig> {
    let mut store = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::warn!(%error, "a root certificate of the system cannot be read");
    }
    store.add_parsable_certificates(native.certs);
    for root in roots {
        store.add(CertificateDer::from(root.clone())).map_err(io::Error::other)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(config.with_root_certificates(store).with_no_client_auth())
}
