//! The proxy between a client and its server: what the environment names, or the application. A tunnel (`CONNECT`) leads
//! through it, for requests and WebSockets, with TLS and without. Must not know what is sent.

use std::{fmt, io, sync::Arc};

use http::Uri;
use hyper_util::client::{
    legacy::connect::proxy::Tunnel,
    proxy::matcher::{Intercept, Matcher},
};
use tower_service::Service as _;

use super::connector::{Connector, Destination, Wire};
use crate::transport::host;

/// Which proxy leads to a host.
#[derive(Clone, Default)]
pub(super) enum Proxies {
    /// The one that the environment names: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case.
    #[default]
    Environment,
    /// One for all hosts.
    Always(Arc<Matcher>),
    /// None.
    Never,
}

impl Proxies {
    /// The proxy at `url` for all hosts. The error never repeats the URL, which may hold a password.
    pub(super) fn always(url: &str) -> Result<Self, &'static str> {
        let parsed: Uri = url.parse().map_err(|_| "it is not a URL; write http://host:port")?;
        if !is_supported(&parsed) {
            return Err("it starts with neither http:// nor https://");
        }
        Ok(Self::Always(Arc::new(Matcher::builder().all(url).build())))
    }

    /// The proxy that leads to `to`. The environment's is never asked about this machine.
    fn find(&self, to: &Destination) -> Option<Intercept> {
        match self {
            Self::Environment if host::is_local(&to.host) => None,
            Self::Environment => Matcher::from_env().intercept(&address(to)?),
            Self::Always(matcher) => matcher.intercept(&address(to)?),
            Self::Never => None,
        }
    }
}

/// Opens a socket to `to` through the proxy that leads there; `None` if none does. `direct` opens the socket to the proxy.
pub(super) async fn tunnel(proxies: &Proxies, direct: Connector, to: &Destination) -> Option<io::Result<Wire>> {
    let proxy = proxies.find(to)?;
    let target = address(to)?;
    // With the port, without the user and the password.
    let name = format!("{}:{}", proxy.uri().host().unwrap_or_default(), Destination::of(proxy.uri()).port);
    if !is_supported(proxy.uri()) {
        let kind = proxy.uri().scheme_str().unwrap_or_default();
        let text = format!("the proxy {name} is a {kind} proxy, which is not supported; name an http or https proxy");
        return Some(Err(io::Error::new(io::ErrorKind::Unsupported, text)));
    }
    let mut tunnel = Tunnel::new(proxy.uri().clone(), direct);
    if let Some(auth) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(auth.clone());
    }
    let opened = tunnel.call(target).await;
    Some(opened.map(hyper_util::rt::TokioIo::into_inner).map_err(|error| failed(&name, &error)))
}

fn failed(proxy: &str, error: &dyn std::error::Error) -> io::Error {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    io::Error::other(format!("the proxy {proxy} opens no way to the server: {error}{cause}"))
}

fn is_supported(proxy: &Uri) -> bool {
    matches!(proxy.scheme_str(), Some("http" | "https")) && proxy.host().is_some_and(|host| !host.is_empty())
}

/// The address that a proxy is asked about, always with its port.
fn address(to: &Destination) -> Option<Uri> {
    let scheme = if to.secure { "https" } else { "http" };
    let (before, after) = if to.host.contains(':') { ("[", "]") } else { ("", "") };
    format!("{scheme}://{before}{}{after}:{}/", to.host, to.port).parse().ok()
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::Always(_) => "Always(..)",
            Self::Never => "Never",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_an_error_without_its_password() {
        for wrong in ["", "proxy:3128", "socks5://me:secret@proxy", "ht tp://me:secret@proxy", "http://"] {
            assert!(!Proxies::always(wrong).expect_err(wrong).contains("secret"));
        }
        let right = Proxies::always("http://me:secret@proxy:3128").expect("it is a URL");
        assert_eq!(format!("{right:?}"), "Always(..)");
    }

    #[test]
    fn the_target_has_brackets_and_a_port() {
        let of =
            |host: &str, secure| address(&Destination { host: host.to_owned(), port: 81, secure }).unwrap().to_string();
        assert_eq!(of("a", false), "http://a:81/");
        assert_eq!(of("::1", true), "https://[::1]:81/");
    }
}
