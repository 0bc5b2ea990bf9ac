//! Which pages may connect: a browser names the page's origin with every upgrade and every POST, and lets a page of any
//! site open a WebSocket, cookies included. So an origin must be the server's own host or be allowed by name. Clients
//! that are no browsers send none and pass.

use http::{
    HeaderMap, Uri,
    header::{HOST, ORIGIN},
    uri::Authority,
};

/// The server's own host, and these.
#[derive(Debug)]
pub(in crate::server) struct OriginPolicy {
    allowed: Vec<Origin>,
}

/// `scheme://host:port` in lower case, the scheme's own port filled in.
#[derive(Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl OriginPolicy {
    /// An entry that is no origin can never match; it is reported and left out.
    pub(in crate::server) fn new(allowed: &[String]) -> Self {
        let parse = |text: &String| {
            let origin = Origin::parse(text.strip_suffix('/').unwrap_or(text));
            if origin.is_none() {
                tracing::warn!(
                    origin = text,
                    "allowed_origins holds what is no origin; write it like https://app.example.com"
                );
            }
            origin
        };
        Self { allowed: allowed.iter().filter_map(parse).collect() }
    }

    /// Whether the page from which this request comes may connect.
    pub(in crate::server) fn allows(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        let origin = match (origins.next(), origins.next()) {
            (None, _) => return true,
            (Some(origin), None) => origin.to_str().ok().and_then(Origin::parse),
            (Some(_), Some(_)) => None,
        };
        origin.is_some_and(|origin| self.allowed.contains(&origin) || origin.is_of_host(uri, headers))
    }
}

impl Origin {
    /// `None` for `null` and for anything else that is not `scheme://host` with or without a port.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let (host, port) = parse_authority(authority)?;
        let port = port.or_else(|| default_port(&scheme));
        (!scheme.is_empty()).then_some(Self { scheme, host, port })
    }

    /// Whether the request went to the host this origin names. The scheme does not matter: behind a proxy that ends
    /// TLS the server cannot know its own. A host without a port means the port of the origin's scheme, as the browser
    /// left it out for that reason.
    fn is_of_host(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(default) = default_port(&self.scheme) else { return false };
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().ok(),
            (None, _) => uri.authority().map(Authority::as_str),
            (Some(_), Some(_)) => None,
        };
        host.and_then(parse_authority)
            .is_some_and(|(host, port)| host == self.host && Some(port.unwrap_or(default)) == self.port)
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

fn parse_authority(text: &str) -> Option<(String, Option<u16>)> {
    let authority: Authority = text.parse().ok()?;
    let host = authority.host();
    let rest = text.strip_prefix(host)?;
    let port = match rest.strip_prefix(':') {
        Some(port) => Some(port.parse().ok()?),
        None if rest.is_empty() => None,
        None => return None,
    };
    (!host.is_empty()).then(|| (host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn allows(allowed: &[&str], host: &str, origin: &str) -> bool {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        OriginPolicy::new(&allowed).allows(&Uri::from_static("/chat"), &headers)
    }

    #[test]
    fn same_host() {
        for (host, origin, expected) in [
            ("app.example.com", "https://app.example.com", true),
            ("app.example.com", "http://app.example.com", true),
            ("APP.example.com", "https://app.EXAMPLE.com", true),
            ("app.example.com:443", "https://app.example.com", true),
            ("app.example.com", "https://app.example.com:443", true),
            ("app.example.com:80", "http://app.example.com", true),
            ("app.example.com:80", "https://app.example.com", false),
            ("app.example.com", "https://app.example.com:8443", false),
            ("localhost:5080", "http://localhost:5080", true),
            ("localhost:5080", "http://localhost:5173", false),
            ("localhost:5080", "http://localhost", false),
            ("127.0.0.1:5080", "http://localhost:5080", false),
            ("[::1]:5080", "http://[::1]:5080", true),
            ("[::1]:5080", "http://[::1]:5081", false),
            ("app.example.com", "https://example.com", false),
            ("app.example.com", "https://app.example.com.evil.com", false),
            ("app.example.com", "https://evil.com", false),
            ("app.example.com", "null", false),
            ("app.example.com", "", false),
            ("app.example.com", "app.example.com", false),
            ("app.example.com", "://app.example.com", false),
            ("app.example.com", "https://app.example.com/", false),
            ("app.example.com", "https://app.example.com@evil.com", false),
            ("app.example.com", "https://user@app.example.com", false),
            ("app.example.com", "https://app.example.com:", false),
            ("app.example.com", "https://app.example.com:99999", false),
            ("app.example.com", "https://evil.com https://app.example.com", false),
            ("app.example.com", "ftp://app.example.com", false),
            ("app.example.com", "tauri://app.example.com", false),
            ("evil.com@app.example.com", "https://app.example.com", false),
            ("", "https://", false),
        ] {
            assert_eq!(allows(&[], host, origin), expected, "host {host:?}, origin {origin:?}");
        }
    }

    #[test]
    fn allowed_by_name() {
        let allowed =
            ["https://App.example.com", "http://dev.local:5173/", "tauri://localhost", "null", "*", "app.other.com"];
        for (origin, expected) in [
            ("https://app.example.com", true),
            ("https://APP.EXAMPLE.COM:443", true),
            ("http://app.example.com", false),
            ("https://app.example.com:444", false),
            ("http://dev.local:5173", true),
            ("http://dev.local", false),
            ("tauri://localhost", true),
            ("tauri://other", false),
            ("https://app.other.com", false),
            ("null", false),
            ("*", false),
            ("https://evil.com", false),
        ] {
            assert_eq!(allows(&allowed, "api.example.com", origin), expected, "{origin}");
        }
    }

    #[test]
    fn none_sent_passes_and_two_do_not() {
        let policy = OriginPolicy::new(&[]);
        let uri = Uri::from_static("/chat");
        let mut headers = HeaderMap::new();
        assert!(policy.allows(&uri, &headers));
        headers.insert(HOST, HeaderValue::from_static("a"));
        headers.append(ORIGIN, HeaderValue::from_static("http://a"));
        assert!(policy.allows(&uri, &headers));
        headers.append(ORIGIN, HeaderValue::from_static("http://a"));
        assert!(!policy.allows(&uri, &headers));
    }

    #[test]
    fn without_a_host_header_the_uri_names_the_host() {
        let policy = OriginPolicy::new(&[]);
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, HeaderValue::from_static("https://a.com"));
        assert!(policy.allows(&Uri::from_static("https://a.com/chat"), &headers));
        assert!(!policy.allows(&Uri::from_static("https://b.com/chat"), &headers));
        assert!(!policy.allows(&Uri::from_static("/chat"), &headers));
    }
}
