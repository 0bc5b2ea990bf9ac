//! A Redis that speaks TLS only.

use std::sync::Arc;

use hubs::backplane::{BackplaneError, Redis};
use hubs_tests::{RedisServer, RedisTls};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};

use crate::{Apart, on, outages::refusal, spec::backplane_spec_shared};

/// Trusts one authority.
fn trusting(authority: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.to_vec())).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("versions");
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}

fn connect<'a>(server: &'a RedisTls, rule: &str) -> Apart<'a> {
    on(rule, || Ok(Redis::connect(&server.url())?.tls_config(trusting(server.authority()))))
}

backplane_spec_shared!(RedisTls::start(), connect);

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_trusted_is_named_in_the_error() {
    let server = RedisTls::start();
    let other = RedisTls::start();
    let url = server.url().replace("rediss://", "rediss://:secret@");
    let other = Redis::connect(&url).expect("an address").tls_config(trusting(other.authority()));
    for node in [Redis::connect(&url).expect("an address"), other] {
        let refused = refusal(node).await.to_string();
        assert!(refused.contains("certificate"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_an_error() {
    let server = RedisServer::start();
    let node = Redis::connect(&server.url().replace("redis://", "rediss://")).expect("an address");
    let refused = refusal(node).await;
    assert!(matches!(refused, BackplaneError::TimedOut(_) | BackplaneError::Unavailable(_)), "{refused:?}");
    assert!(!refused.to_string().contains("not reached yet"), "{refused}");
}
