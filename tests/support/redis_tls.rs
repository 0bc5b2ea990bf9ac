//! A Redis that speaks TLS only, with a certificate of an authority that no system knows.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::RedisServer;

/// A running `redis-server` with TLS.
#[derive(Debug)]
pub struct RedisTls {
    server: RedisServer,
    authority: Vec<u8>,
}

impl RedisTls {
    /// Starts one, and returns when it is ready.
    ///
    /// # Panics
    ///
    /// Redis is not installed, or was built without TLS.
    pub fn start() -> Self {
        let mut server = RedisServer::stopped();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = params.self_signed(&key).expect("a certificate");
        let (issuer, key) = (Issuer::new(params, key), KeyPair::generate().expect("a key"));
        let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate");
        let files =
            [("authority.pem", authority.pem()), ("own.pem", certificate.pem()), ("own.key", key.serialize_pem())];
        for (file, text) in files {
            fs::write(server.folder.path().join(file), text).expect("a file");
        }
        let options = format!(
            "--port 0 --tls-port {} --tls-cert-file own.pem --tls-key-file own.key --tls-ca-cert-file authority.pem \
             --tls-auth-clients no",
            server.port()
        );
        server.options.extend(options.split(' ').map(str::to_owned));
        server.restart();
        Self { server, authority: authority.der().to_vec() }
    }

    /// Its address, under the name of its certificate.
    pub fn url(&self) -> String {
        format!("rediss://localhost:{}", self.server.port())
    }

    /// The certificate of the authority, in DER.
    pub fn authority(&self) -> &[u8] {
        &self.authority
    }
}
