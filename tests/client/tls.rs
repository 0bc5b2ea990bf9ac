//! `https` addresses, with a certificate authority of the test's own.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{Router, routing::get, serve::Listener};
use hubs::{
    HubOptions, Hubs, JwtBearer, JwtKeyError, TransportKind,
    client::{ConnectError, HubConnection},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
    server::TlsStream,
};

use crate::hub::{Lab, LabHubContract, Screen, within};

/// Speaks TLS on every socket.
struct Secure {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Secure {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let Ok((socket, address)) = self.listener.accept().await else { continue };
            // A client that does not trust the certificate leaves here.
            if let Ok(secure) = self.acceptor.accept(socket).await {
                return (secure, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A certificate authority in DER, and a server that it vouches for as `localhost`.
fn authority() -> (Vec<u8>, ServerConfig) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let root = params.self_signed(&key).expect("a certificate");
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], key).expect("a certificate with its key");
    (root.der().to_vec(), config)
}

/// A server that speaks TLS as `localhost`.
pub(crate) struct SecureServer {
    pub(crate) port: u16,
    /// The certificate of its authority, in DER.
    pub(crate) root: Vec<u8>,
    task: JoinHandle<io::Result<()>>,
}

impl Drop for SecureServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) async fn serve() -> SecureServer {
    let (root, config) = authority();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    let hubs = Hubs::new().map_with("/lab", LabHubContract, Lab::default(), HubOptions::default());
    let secure = Secure { listener, acceptor: Arc::new(config).into() };
    let task = tokio::spawn(axum::serve(secure, hubs.router::<()>()).into_future());
    SecureServer { port, root, task }
}

#[tokio::test]
async fn a_server_is_trusted_for_its_certificate() {
    let server = serve().await;
    let (root, port) = (server.root.clone(), server.port);
    let url = format!("https://localhost:{port}/lab");
    for kind in [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling] {
        let builder = HubConnection::builder(&url).transports([kind]).root_certificate(root.clone());
        let screen = Screen(tokio::sync::mpsc::unbounded_channel().0);
        let lab = within(builder.connect(LabHubContract, screen)).await.unwrap();
        assert_eq!(lab.big(300_000).await.unwrap().len(), 300_000);
        within(lab.connection().stop()).await;
    }
    let unknown = within(HubConnection::builder(&url).start()).await.unwrap_err();
    assert!(matches!(&unknown, ConnectError::Request { why, .. } if why.contains("certificate")), "{unknown}");
    let other = url.replace("localhost", "127.0.0.1");
    let other = within(HubConnection::builder(&other).root_certificate(root).start()).await.unwrap_err();
    assert!(other.to_string().contains("not valid for"), "{other}");
}

/// A public key of no one's (RFC 7517, appendix A.1).
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1","use":"sig",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

#[tokio::test]
async fn keys_for_tokens_come_from_a_server_that_is_trusted() {
    let (root, config) = authority();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    let secure = Secure { listener, acceptor: Arc::new(config).into() };
    let router = Router::new().route("/keys", get(async || KEYS));
    let server = tokio::spawn(axum::serve(secure, router).into_future());
    let jwt = |host: &str| JwtBearer::jwks_url(&format!("https://{host}:{port}/keys")).expect("an address");
    within(jwt("localhost").root_certificate(root.clone()).fetch_keys()).await.expect("the keys come");
    for (refused, why) in
        [(jwt("localhost"), "certificate"), (jwt("127.0.0.1").root_certificate(root), "not valid for")]
    {
        let Err(JwtKeyError::Fetch(text)) = within(refused.fetch_keys()).await else { panic!("it is not trusted") };
        assert!(text.contains(why), "{text}");
    }
    server.abort();
}
