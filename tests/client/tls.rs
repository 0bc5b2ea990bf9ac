//! `https` addresses, with a certificate authority of the test's own: what the client trusts, and what the server does
//! when its certificate changes.

use std::{fs, io, sync::Arc};

use axum::{Router, routing::get};
use hubs::{
    HubOptions, Hubs, JwtBearer, JwtKeyError, TlsCertificate, TransportKind,
    client::{ConnectError, HubClient, HubConnection},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer},
};
use tracing::{Level, subscriber::set_default};

use crate::hub::{Lab, LabHubContract, Screen, within};

/// The files of a certificate for `localhost` and of its key.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn certificate(&self) -> TlsCertificate {
        self.read().expect("the files are valid")
    }

    fn read(&self) -> io::Result<TlsCertificate> {
        TlsCertificate::from_pem_files(self.0.path().join("certificate.pem"), self.0.path().join("key.pem"))
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).expect("it is written");
    }

    /// Writes a certificate by a new authority, whose own is returned in DER.
    fn issue(&self) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let root = params.self_signed(&key).expect("a certificate");
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate");
        self.write("certificate.pem", &certificate.pem());
        self.write("key.pem", &key.serialize_pem());
        root.der().to_vec()
    }
}

/// A server that speaks TLS as `localhost`.
pub(crate) struct SecureServer {
    pub(crate) port: u16,
    /// The certificate of its authority, in DER.
    pub(crate) root: Vec<u8>,
    files: Files,
    task: JoinHandle<()>,
}

impl Drop for SecureServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl SecureServer {
    async fn start(hubs: Hubs, more: Router) -> Self {
        let files = Files::new();
        let root = files.issue();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let hubs = hubs.tls(files.certificate());
        let app = hubs.router().merge(more);
        let task = tokio::spawn(async move { hubs.serve(listener, app, std::future::pending()).await });
        Self { port, root, files, task }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}/lab", self.port)
    }

    /// A client that trusts this authority, over a socket of its own.
    async fn connect(&self, root: &[u8]) -> Result<HubClient<LabHubContract>, ConnectError> {
        let builder = HubConnection::builder(&self.url()).root_certificate(root.to_vec());
        within(builder.connect(LabHubContract, Screen(tokio::sync::mpsc::unbounded_channel().0))).await
    }
}

pub(crate) async fn serve() -> SecureServer {
    let hubs = Hubs::new().map_with("/lab", LabHubContract, Lab::default(), HubOptions::default());
    SecureServer::start(hubs, Router::new()).await
}

#[tokio::test]
async fn a_server_is_trusted_for_its_certificate() {
    let server = serve().await;
    let (root, url) = (server.root.clone(), server.url());
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

/// What is logged in this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn lines(&self, level: &str) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.0.lock()).into_owned();
        text.lines().filter(|line| line.contains(level)).map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn a_certificate_is_read_again_when_its_files_change() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(Level::INFO);
    let _log = set_default(subscriber.with_writer(move || writer.clone()).finish());
    let server = serve().await;
    let early = server.connect(&server.root).await.unwrap();
    let renewed = server.files.issue();
    // The files are looked at when a client connects, once a second.
    let late = within(async {
        loop {
            match server.connect(&renewed).await {
                Ok(late) => return late,
                Err(error) => assert!(error.to_string().contains("certificate"), "{error}"),
            }
        }
    });
    let late = late.await;
    assert!(server.connect(&server.root).await.is_err(), "the old certificate is not given any more");
    server.files.write("key.pem", "what a renewal that failed has left");
    within(async {
        while log.lines("ERROR").is_empty() {
            server.connect(&renewed).await.expect("the certificate stays");
        }
    })
    .await;
    for lab in [early, late] {
        within(lab.nothing()).await.expect("open connections stay");
    }
    let valid = server.files.issue();
    within(async { while server.connect(&valid).await.is_err() {} }).await;
    let errors = log.lines("ERROR");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("key.pem has no private key in PEM"), "{errors:?}");
    assert!(!errors[0].contains("a renewal"), "{errors:?}");
    assert_eq!(log.lines("the certificate was read again").len(), 2);
}

#[tokio::test]
async fn http_2_is_agreed_on() {
    let server = serve().await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(server.root.clone())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let socket = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let socket = TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), socket);
    let socket = TokioIo::new(within(socket).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), socket).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::post(format!("https://localhost:{}/lab/negotiate", server.port));
    let answered = within(sender.send_request(request.body(axum::body::Body::empty()).unwrap())).await.unwrap();
    assert_eq!(answered.status(), 200);
    connection.abort();
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let files = Files::new();
    let said = |files: &Files| files.read().expect_err("the files are wrong").to_string();
    let text = said(&files);
    assert!(text.starts_with("cannot read") && text.contains("certificate.pem"), "{text}");
    files.issue();
    let key = fs::read_to_string(files.0.path().join("key.pem")).unwrap();
    files.issue();
    files.write("key.pem", &key);
    let text = said(&files);
    assert!(text.contains("key.pem cannot be used") && text.contains("KeyMismatch"), "{text}");
    files.write("certificate.pem", &key);
    let text = said(&files);
    assert!(text.contains("certificate.pem has no certificate in PEM"), "{text}");
}

/// A public key of no one's (RFC 7517, appendix A.1).
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1","use":"sig",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#;

#[tokio::test]
async fn keys_for_tokens_come_from_a_server_that_is_trusted() {
    let server = SecureServer::start(Hubs::new(), Router::new().route("/keys", get(async || KEYS))).await;
    let (root, port) = (server.root.clone(), server.port);
    let jwt = |host: &str| JwtBearer::jwks_url(&format!("https://{host}:{port}/keys")).expect("an address");
    within(jwt("localhost").root_certificate(root.clone()).fetch_keys()).await.expect("the keys come");
    for (refused, why) in
        [(jwt("localhost"), "certificate"), (jwt("127.0.0.1").root_certificate(root), "not valid for")]
    {
        let Err(JwtKeyError::Fetch(text)) = within(refused.fetch_keys()).await else { panic!("it is not trusted") };
        assert!(text.contains(why), "{text}");
    }
}
