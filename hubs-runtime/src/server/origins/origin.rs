//! One origin, as a browser sends it, and the patterns that it can match.

use http::uri::Authority;

/// Where a page comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A page without an origin of its own, such as one in a sandbox.
    Null,
    /// A page of the file system, in some web views.
    File,
    Host(Host),
}

/// `scheme://name:port` in lower case, the scheme's own port filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    scheme: String,
    name: String,
    port: Option<u16>,
}

/// What an application allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    Exactly(Origin),
    /// All hosts below this one, itself not among them.
    Below(Host),
}

impl Origin {
    /// `None` for what no browser sends.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "null" => Some(Self::Null),
            "file://" => Some(Self::File),
            _ => Host::parse(text).map(Self::Host),
        }
    }

    /// Whether the page comes from the host that it asks for, `host`. The scheme does not matter: behind a proxy that
    /// ends TLS the server cannot know its own. A host without a port means the port of the origin's scheme, as the
    /// browser left it out for that reason.
    pub(super) fn is_of(&self, host: &str) -> bool {
        let Self::Host(own) = self else { return false };
        let Some(default) = default_port(&own.scheme) else { return false };
        parse_authority(host).is_some_and(|(name, port)| name == own.name && Some(port.unwrap_or(default)) == own.port)
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let (name, port) = parse_authority(authority)?;
        let port = port.or_else(|| default_port(&scheme));
        (!scheme.is_empty()).then_some(Self { scheme, name, port })
    }
}

impl Pattern {
    /// The error tells what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.trim_end_matches('/') == "file:" {
            return Ok(Self::Exactly(Origin::File));
        }
        let text = text.strip_suffix('/').unwrap_or(text);
        if !text.is_ascii() {
            return Err("browsers send a host's ASCII form (xn--...); write that");
        }
        if text == "*" {
            return Err("use AllowedOrigins::any() if every site may connect");
        }
        if let Some((scheme, below)) = text.split_once("://*.") {
            let host = Host::parse(&format!("{scheme}://{below}")).filter(|host| !host.name.contains('*'));
            return host.map(Self::Below).ok_or("write a pattern like https://*.example.com");
        }
        let origin = Origin::parse(text).filter(|_| !text.contains('*'));
        origin.map(Self::Exactly).ok_or("write an origin like https://app.example.com or https://*.example.com")
    }

    pub(super) fn matches(&self, origin: &Origin) -> bool {
        match (self, origin) {
            (Self::Exactly(own), origin) => own == origin,
            (Self::Below(own), Origin::Host(host)) => {
                let below = host.name.strip_suffix(&own.name).and_then(|rest| rest.strip_suffix('.'));
                own.scheme == host.scheme && own.port == host.port && below.is_some_and(|below| !below.is_empty())
            }
            (Self::Below(_), Origin::Null | Origin::File) => false,
        }
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
