//! One GET request for a small document: within a time limit, up to a size, without redirects. Must not know what the
//! document is.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header, uri::Scheme};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use tokio_util::task::AbortOnDropHandle;

use crate::{tls, transport::host};

/// How long the whole request may take.
const LIMIT: Duration = Duration::from_secs(10);
/// Largest document, in bytes.
const LARGEST: usize = 256 * 1024;

/// Where a document is. `https`, or `http` on this machine.
#[derive(Clone)]
pub(super) struct Address {
    uri: Uri,
    host: String,
}

/// Printed without its query, which may hold a secret.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        write!(f, "{scheme}://{authority}{}", self.uri.path())
    }
}

impl Address {
    /// # Errors
    /// With what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text.parse().map_err(|_| "it is no URL")?;
        let host = host::of(&uri).to_owned();
        let authority = uri.authority().ok_or("it names no host")?;
        if authority.as_str().contains('@') {
            return Err("a user name or password in it would be written to logs");
        }
        let is_near = uri.scheme() == Some(&Scheme::HTTP) && host::is_local(&host);
        if uri.scheme() != Some(&Scheme::HTTPS) && !is_near {
            return Err("it must begin with https://; http:// is for this machine alone, such as http://localhost");
        }
        Ok(Self { uri, host })
    }

    fn is_secure(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(if self.is_secure() { 443 } else { 80 })
    }
}

/// Fetches the document. `roots` are certificates that are trusted beside the system's.
///
/// # Errors
/// With what went wrong, in words.
pub(super) async fn get(address: &Address, roots: &[Vec<u8>]) -> Result<Bytes, String> {
    let fetched = async {
        let socket = TcpStream::connect((address.host.as_str(), address.port())).await.map_err(text)?;
        if !address.is_secure() {
            return ask(address, socket).await;
        }
        let config = tls::client_config(roots).map_err(text)?;
        let name = ServerName::try_from(address.host.clone()).map_err(text)?;
        let socket = TlsConnector::from(Arc::new(config)).connect(name, socket).await.map_err(text)?;
        ask(address, socket).await
    };
    timeout(LIMIT, fetched).await.unwrap_or_else(|_| Err(format!("no answer within {LIMIT:?}")))
}

async fn ask(address: &Address, socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Bytes, String> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.map_err(text)?;
    let _driven = AbortOnDropHandle::new(tokio::spawn(connection));
    let target = address.uri.path_and_query().map_or("/", |target| target.as_str());
    let host = address.uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(target).header(header::HOST, host).header(header::ACCEPT, "application/json");
    let answer = sender.send_request(request.body(Empty::<Bytes>::new()).map_err(text)?).await.map_err(text)?;
    if answer.status() != StatusCode::OK {
        return Err(format!("the answer is {} and not 200; redirects are not followed", answer.status()));
    }
    match Limited::new(answer.into_body(), LARGEST).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(format!("the answer is larger than {LARGEST} bytes")),
        Err(error) => Err(text(error)),
    }
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_secure_or_of_this_machine() {
        for accepted in
            ["https://login.example/keys", "http://localhost:81/keys", "http://127.0.0.1/", "http://[::1]:5/"]
        {
            assert!(Address::parse(accepted).is_ok(), "{accepted}");
        }
        for refused in [
            "http://login.example/keys",
            "http://localhost.example/keys",
            "http://10.0.0.1/keys",
            "ftp://localhost/keys",
            "/keys",
            "login.example",
            "https://user:password@login.example/keys",
            "",
        ] {
            assert!(Address::parse(refused).is_err(), "{refused}");
        }
        let shown = Address::parse("https://login.example/keys?code=secret").map(|address| address.to_string());
        assert_eq!(shown.as_deref(), Ok("https://login.example/keys"));
    }
}
