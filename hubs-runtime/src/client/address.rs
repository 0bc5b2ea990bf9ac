//! The address of a hub, and the addresses of its requests. A connection's token is part of them, so none is ever shown
//! whole: [`HubAddress`] displays itself without its query.

use std::fmt;

use http::{
    Uri,
    uri::{PathAndQuery, Scheme},
};

use super::ConnectError;

/// Where a hub is: `http` or `https`, a host, a path and perhaps a query.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct HubAddress(Uri);

impl HubAddress {
    /// Reads an address. `ws` and `wss` mean `http` and `https`.
    pub(super) fn parse(text: &str) -> Result<Self, ConnectError> {
        let wrong = |why: &str| ConnectError::Address(why.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| wrong("it is not a URL"))?;
        let mut parts = uri.into_parts();
        parts.scheme = Some(match parts.scheme.as_ref().map(Scheme::as_str) {
            Some("http" | "ws") => Scheme::HTTP,
            Some("https" | "wss") => Scheme::HTTPS,
            Some(_) => return Err(wrong("it starts with neither http, https, ws nor wss")),
            None => return Err(wrong("it has no scheme; write http://host/path")),
        });
        let authority = parts.authority.as_ref().ok_or_else(|| wrong("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("it holds a user or a password; pass them in a header"));
        }
        parts.path_and_query.get_or_insert_with(|| PathAndQuery::from_static("/"));
        Uri::from_parts(parts).map(Self).map_err(|_| wrong("it is not a URL"))
    }

    /// Where to negotiate.
    pub(super) fn negotiate(&self, stateful: bool) -> Uri {
        let path = self.0.path();
        let slash = if path.ends_with('/') { "" } else { "/" };
        let mut query = self.0.query().unwrap_or_default().to_owned();
        if !query.contains("negotiateVersion=") {
            add(&mut query, "negotiateVersion=1");
        }
        if stateful && !query.contains("useStatefulReconnect=") {
            add(&mut query, "useStatefulReconnect=true");
        }
        self.with(&format!("{path}{slash}negotiate"), &query)
    }

    /// Where the connection with this token is. Without a token: where one is made without negotiating.
    pub(super) fn connection(&self, token: Option<&str>) -> Uri {
        let mut query = self.0.query().unwrap_or_default().to_owned();
        if let Some(token) = token {
            add(&mut query, &format!("id={token}"));
        }
        self.with(self.0.path(), &query)
    }

    /// Where the connection with this token gets a new token of its user.
    pub(super) fn refresh(&self, token: &str) -> Uri {
        let path = self.0.path();
        let slash = if path.ends_with('/') { "" } else { "/" };
        let mut query = self.0.query().unwrap_or_default().to_owned();
        add(&mut query, &format!("id={token}"));
        self.with(&format!("{path}{slash}refresh"), &query)
    }

    fn with(&self, path: &str, query: &str) -> Uri {
        let all = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let mut parts = self.0.clone().into_parts();
        // Tokens are checked when they come in, so this is always a path.
        parts.path_and_query = all.parse().ok().or(parts.path_and_query);
        Uri::from_parts(parts).unwrap_or_else(|_| self.0.clone())
    }
}

/// Whether a token of a server can be part of an address as it stands.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#&\"<>\\^`{|}".contains(&byte))
}

fn add(query: &mut String, pair: &str) {
    if !query.is_empty() && !query.ends_with('&') {
        query.push('&');
    }
    query.push_str(pair);
}

impl fmt::Display for HubAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.0.authority().map_or("", |authority| authority.as_str());
        write!(f, "{}://{authority}{}", self.0.scheme_str().unwrap_or_default(), self.0.path())
    }
}

impl fmt::Debug for HubAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(text: &str) -> String {
        HubAddress::parse(text).unwrap().negotiate(false).to_string()
    }

    #[test]
    fn the_query_of_the_address_is_kept() {
        assert_eq!(negotiate("http://a/chat"), "http://a/chat/negotiate?negotiateVersion=1");
        assert_eq!(negotiate("ws://a:81/chat/?x=1"), "http://a:81/chat/negotiate?x=1&negotiateVersion=1");
        assert_eq!(negotiate("https://a"), "https://a/negotiate?negotiateVersion=1");
        assert_eq!(negotiate("http://a/b?negotiateVersion=0"), "http://a/b/negotiate?negotiateVersion=0");
        let address = HubAddress::parse("wss://a/chat?x=1").unwrap();
        assert_eq!(address.connection(Some("tok")).to_string(), "https://a/chat?x=1&id=tok");
        let stateful = address.negotiate(true).to_string();
        assert_eq!(stateful, "https://a/chat/negotiate?x=1&negotiateVersion=1&useStatefulReconnect=true");
        assert_eq!(address.connection(None).to_string(), "https://a/chat?x=1");
        assert_eq!(address.refresh("tok").to_string(), "https://a/chat/refresh?x=1&id=tok");
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for wrong in ["", "chat", "/chat", "ftp://a/b", "http://me:secret@a/b", "http://"] {
            let error = HubAddress::parse(wrong).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn it_is_shown_without_its_query() {
        let address = HubAddress::parse("http://a/chat?access_token=secret").unwrap();
        assert_eq!(format!("{address} {address:?}"), "http://a/chat http://a/chat");
    }

    #[test]
    fn a_token_that_would_change_the_address_is_none() {
        assert!(is_token("3q0uXyqfP1V0Yk1y0QmZ1w") && is_token("a+/=="));
        for wrong in ["", "a b", "a&x=1", "a#b", "é", "a\r\nHost: b"] {
            assert!(!is_token(wrong), "{wrong}");
        }
    }
}
