//! Requests as a browser makes them, each over a connection of its own, so that no proxy answers by what it remembers of
//! an earlier one. The address and the token are never shown whole.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{AUTHORIZATION, COOKIE, HOST, SERVER, SET_COOKIE, VIA},
};
use http_body_util::{BodyExt as _, Full, Limited};
use hubs_codegen::Error;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

use super::remedies::Proxy;
use crate::cli::remote::access::Access;

/// How much of an answer is read.
const LARGEST: usize = 1 << 20;

/// A hub, and how it is asked. Cheap to clone.
#[derive(Clone)]
pub(super) struct Wire {
    uri: Uri,
    tls: Option<TlsConnector>,
    headers: HeaderMap,
    token: Option<String>,
    pub(super) limit: Duration,
}

/// What belongs to one connection of SignalR: cookies that a balancer has set, and a token that negotiate gave.
#[derive(Debug, Clone, Default)]
pub(super) struct Belongings {
    cookies: Vec<String>,
    ticket: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("cannot connect: {0}; is the server running, and are host and port right?")]
    Connect(io::Error),
    #[error("{0}")]
    Tls(io::Error),
    #[error("no answer within {} s", .0.as_secs_f64())]
    Late(Duration),
    #[error("the connection broke: {0}")]
    Broken(String),
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for S {}

impl Wire {
    pub(super) fn new(url: &str, access: &Access, limit: Duration) -> Result<Self, Error> {
        let wrong = |problem: &str| Error::Call {
            problem: format!("that is no address of a hub: {problem}"),
            help: "write it as pages use it: `https://app.example/chat`".to_owned(),
        };
        let url = url.trim().replacen("ws", "http", usize::from(url.trim().starts_with("ws")));
        let uri: Uri = url.parse().map_err(|_| wrong("it is not a URL"))?;
        let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("it holds a user or a password; pass them in a header"));
        }
        let tls = match uri.scheme_str() {
            Some("http") => None,
            Some("https") => Some(connector().map_err(|error| wrong(&error.to_string()))?),
            _ => return Err(wrong("it starts with neither http nor https")),
        };
        let headers = access.headers()?.into_iter().collect();
        Ok(Self { uri, tls, headers, token: access.token()?, limit })
    }

    /// The same, which waits longer for an answer.
    pub(super) fn patient(&self, limit: Duration) -> Self {
        Self { limit, ..self.clone() }
    }

    /// The address without its query, which may hold a secret.
    pub(super) fn shown(&self) -> String {
        format!("{}{}", self.origin(), self.uri.path())
    }

    /// The origin of the pages of the same host.
    pub(super) fn origin(&self) -> String {
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        format!("{}://{authority}", self.uri.scheme_str().unwrap_or_default())
    }

    /// The header `Host`.
    pub(super) fn host(&self) -> HeaderValue {
        let authority = self.uri.authority().and_then(|authority| authority.as_str().parse().ok());
        authority.unwrap_or_else(|| HeaderValue::from_static(""))
    }

    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether the host is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// A request to the hub's path and what is added to it, with these pairs in its query.
    pub(super) fn request(
        &self,
        method: Method,
        more: &str,
        query: &[(&str, &str)],
        belongings: &Belongings,
    ) -> Request<Full<Bytes>> {
        let path = if more.is_empty() { self.uri.path() } else { self.uri.path().trim_end_matches('/') };
        let own = self.uri.query().map(str::to_owned);
        let pairs = query.iter().map(|(name, value)| format!("{name}={value}"));
        let query = own.into_iter().chain(pairs).collect::<Vec<_>>().join("&");
        let target = if query.is_empty() { format!("{path}{more}") } else { format!("{path}{more}?{query}") };
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        *request.uri_mut() = target.parse().unwrap_or_default();
        let headers = request.headers_mut();
        *headers = self.headers.clone();
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(HeaderName::from_static("x-requested-with"), "XMLHttpRequest");
        if let Some(token) = belongings.ticket.as_ref().or(self.token.as_ref()) {
            set(AUTHORIZATION, &format!("Bearer {token}"));
        }
        if !belongings.cookies.is_empty() {
            set(COOKIE, &belongings.cookies.join("; "));
        }
        headers.insert(HOST, self.host());
        request
    }

    /// Makes a request over a new connection, and gives the answer's head.
    pub(super) async fn begin(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Failure> {
        let answered = async {
            let socket = self.open().await?;
            let broken = |error: hyper::Error| Failure::Broken(error.to_string());
            let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(broken)?;
            tokio::spawn(connection.with_upgrades());
            sender.send_request(request).await.map_err(broken)
        };
        timeout(self.limit, answered).await.unwrap_or(Err(Failure::Late(self.limit)))
    }

    /// Makes a request, and gives the whole answer.
    pub(super) async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let response = self.begin(request).await?;
        timeout(self.limit, Answer::read(response)).await.unwrap_or(Err(Failure::Late(self.limit)))
    }

    async fn open(&self) -> Result<Box<dyn Socket>, Failure> {
        let host = self.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = self.uri.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let socket = TcpStream::connect((host, port)).await.map_err(Failure::Connect)?;
        socket.set_nodelay(true).map_err(Failure::Connect)?;
        let Some(tls) = &self.tls else { return Ok(Box::new(socket)) };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| Failure::Tls(io::Error::other(error)))?;
        Ok(Box::new(tls.connect(name, socket).await.map_err(Failure::Tls)?))
    }
}

/// Trusts what the system trusts.
fn connector() -> Result<TlsConnector, tokio_rustls::rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Belongings {
    /// With the token that negotiate gave, if it gave one.
    pub(super) fn with_ticket(ticket: Option<&str>) -> Self {
        Self { cookies: Vec::new(), ticket: ticket.map(str::to_owned) }
    }

    /// Takes the cookies of an answer.
    pub(super) fn follow(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let pair = value.split(';').next().unwrap_or_default().trim();
            let name = pair.split('=').next().unwrap_or_default();
            self.cookies.retain(|known| known.split('=').next() != Some(name));
            self.cookies.push(pair.to_owned());
        }
    }
}

impl Answer {
    async fn read(response: Response<Incoming>) -> Result<Self, Failure> {
        let (head, body) = response.into_parts();
        let body = Limited::new(body, LARGEST).collect().await;
        let body = body.map_err(|error| Failure::Broken(error.to_string()))?.to_bytes();
        Ok(Self { status: head.status, headers: head.headers, body })
    }

    /// Its start, if it is a text for people and no page.
    pub(super) fn words(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let text = text.trim();
        if text.is_empty() || text.starts_with('<') { String::new() } else { format!(": {}", short(text)) }
    }
}

fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > 200 {
        format!("{}..", line.chars().take(200).collect::<String>())
    } else {
        line.to_owned()
    }
}

/// What stands in front, by the names that it writes into its answers.
pub(super) fn proxy(headers: &HeaderMap) -> Proxy {
    let named = [SERVER, VIA].into_iter().find_map(|name| headers.get(name)?.to_str().ok().map(str::to_owned));
    named.map_or_else(Proxy::unknown, |name| Proxy::of(&name))
}
