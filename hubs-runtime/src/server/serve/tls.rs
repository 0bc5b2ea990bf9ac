//! TLS on the sockets of the listener: a certificate with its key, read again when their files change. Must not know
//! requests.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use parking_lot::{Mutex, RwLock};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};

/// How often the files are looked at, at most.
const INTERVAL: Duration = Duration::from_secs(1);

/// A certificate and its private key, for [`Hubs::tls`](crate::Hubs::tls). Cheap to clone. Needs feature `tls`.
///
/// The files are looked at when a client connects, at most once a second. When they have changed they are read again:
/// new connections get the new certificate, those that are open stay. If the new files cannot be used, the certificate
/// before them stays, and one error is in the log.
///
/// TLS 1.2 and 1.3 are spoken, by rustls with ring, and below them HTTP/2 and HTTP/1.1.
#[derive(Clone)]
pub struct TlsCertificate {
    files: Arc<Files>,
    acceptor: TlsAcceptor,
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    /// What new connections get.
    current: RwLock<Arc<CertifiedKey>>,
    seen: Mutex<Seen>,
}

/// When each of the two files was changed, and its size. `None`: it is not there.
type Stamp = [Option<(SystemTime, u64)>; 2];

/// What is known of the files.
struct Seen {
    looked: Instant,
    /// As they were when `current` was read.
    loaded: Stamp,
    /// As they were when the log was told that they cannot be used.
    reported: Option<Stamp>,
}

impl TlsCertificate {
    /// Reads a certificate, with those of its issuers behind it, and its private key (PKCS#8, PKCS#1 or SEC1), both in PEM
    /// as certbot, cert-manager and openssl write them.
    ///
    /// ```no_run
    /// # fn f(hubs: hubs::Hubs) -> std::io::Result<()> {
    /// hubs.tls(hubs::TlsCertificate::from_pem_files("fullchain.pem", "privkey.pem")?).run("0.0.0.0:443")
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a file cannot be read, holds no certificate or no key, or the key is not the certificate's. The error names the
    /// file. It has nothing of the key.
    pub fn from_pem_files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> io::Result<Self> {
        let (certificate, key) = (certificate.as_ref().to_owned(), key.as_ref().to_owned());
        let provider = Arc::new(ring::default_provider());
        let loaded = stamp(&certificate, &key);
        let current = RwLock::new(Arc::new(read(&certificate, &key, &provider)?));
        let seen = Mutex::new(Seen { looked: Instant::now(), loaded, reported: None });
        let files = Arc::new(Files { certificate, key, provider: Arc::clone(&provider), current, seen });
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?.with_no_client_auth();
        let mut config = config.with_cert_resolver(Arc::clone(&files) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { files, acceptor: Arc::new(config).into() })
    }

    /// Speaks TLS on a socket. The client has this time for its part of the beginning.
    pub(super) async fn accept(&self, socket: TcpStream, time: Duration) -> io::Result<TlsStream<TcpStream>> {
        if self.files.are_due() {
            self.read_again().await;
        }
        timeout(time, self.acceptor.accept(socket)).await?
    }

    async fn read_again(&self) {
        let files = Arc::clone(&self.files);
        let read = tokio::task::spawn_blocking(move || files.read_again()).await;
        match read {
            Ok(Ok(false)) => {}
            Ok(Ok(true)) => tracing::info!("the certificate was read again"),
            Ok(Err(error)) => tracing::error!(%error, "the new certificate cannot be used, and the old one stays"),
            Err(error) => tracing::error!(%error, "reading the certificate panicked"),
        }
    }
}

impl Files {
    /// Whether it is time to look at them.
    fn are_due(&self) -> bool {
        let mut seen = self.seen.lock();
        let are_due = seen.looked.elapsed() >= INTERVAL;
        if are_due {
            seen.looked = Instant::now();
        }
        are_due
    }

    /// Whether there was a new certificate. What fails is tried again each time, and said once.
    fn read_again(&self) -> io::Result<bool> {
        let now = stamp(&self.certificate, &self.key);
        if self.seen.lock().loaded == now {
            return Ok(false);
        }
        match read(&self.certificate, &self.key, &self.provider) {
            Ok(new) => {
                *self.current.write() = Arc::new(new);
                let mut seen = self.seen.lock();
                (seen.loaded, seen.reported) = (now, None);
                Ok(true)
            }
            Err(_) if self.seen.lock().reported == Some(now) => Ok(false),
            Err(error) => {
                self.seen.lock().reported = Some(now);
                Err(error)
            }
        }
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read()))
    }
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    let of = |path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    [of(certificate), of(key)]
}

fn read(certificate: &Path, key: &Path, provider: &CryptoProvider) -> io::Result<CertifiedKey> {
    let of_certificate = |error: pem::Error| unusable(certificate, "certificate", &error);
    let chain = CertificateDer::pem_file_iter(certificate).map_err(of_certificate)?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(of_certificate)?;
    if chain.is_empty() {
        return Err(of_certificate(pem::Error::NoItemsFound));
    }
    let own = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, "private key", &error))?;
    CertifiedKey::from_der(chain, own, provider).map_err(|error| {
        let (certificate, key) = (certificate.display(), key.display());
        io::Error::other(format!("the certificate in {certificate} and the key in {key} cannot be used: {error}"))
    })
}

fn unusable(path: &Path, what: &str, error: &pem::Error) -> io::Error {
    let path = path.display();
    match error {
        pem::Error::Io(error) => io::Error::new(error.kind(), format!("cannot read {path}: {error}")),
        pem::Error::NoItemsFound => io::Error::other(format!("{path} has no {what} in PEM")),
        error => io::Error::other(format!("{path} is no valid PEM: {error}")),
    }
}

/// Where they are, and nothing of what is in them.
impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsCertificate")
            .field("certificate", &self.certificate)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TlsCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}
