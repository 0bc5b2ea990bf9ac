//! [`AllowedOrigins`]: the policy, as an application writes it.

use std::{fmt, net::IpAddr, sync::Arc};

use http::{
    HeaderValue,
    header::{HOST, ORIGIN},
    request::Parts,
    uri::Authority,
};

use super::{
    origin::{Origin, Pattern},
    proxies::{self, Network},
};

type Predicate = Arc<dyn Fn(&HeaderValue, &Parts) -> bool + Send + Sync>;

/// The origins from which a browser may connect, besides the server's own host. By default there are none.
///
/// A list of origins becomes one, so that a plain list is enough for
/// [`HubOptions::allowed_origins`](crate::HubOptions#structfield.allowed_origins):
///
/// ```
/// # use hubs::HubOptions;
/// let options = HubOptions::default().allowed_origins([
///     "https://app.example.com",
///     "https://*.example.org",  // every host below example.org, with https, at its port
///     "http://localhost:5173",
///     "tauri://localhost",
///     "null",                   // pages in a sandbox
///     "file://",                // pages of the file system
/// ]);
/// ```
///
/// Server-Sent Events, long polling and negotiation need CORS headers, too, if the page is of another origin. The same
/// policy can decide for both:
///
/// ```
/// use http::{Method, header::{AUTHORIZATION, CONTENT_TYPE, HeaderName}};
/// use hubs::{AllowedOrigins, HubOptions};
/// use tower_http::cors::{AllowOrigin, CorsLayer};
///
/// let origins = AllowedOrigins::list(["https://app.example.com"]);
/// let cors = CorsLayer::new()
///     .allow_origin(AllowOrigin::predicate(origins.clone().into_predicate()))
///     .allow_credentials(true)
///     .allow_methods([Method::GET, Method::POST, Method::DELETE])
///     .allow_headers([
///         AUTHORIZATION,
///         CONTENT_TYPE,
///         HeaderName::from_static("x-requested-with"),
///         HeaderName::from_static("x-signalr-user-agent"),
///     ]);
/// let options = HubOptions::default().allowed_origins(origins);
/// ```
#[derive(Clone, Default)]
pub struct AllowedOrigins {
    any: bool,
    patterns: Vec<Pattern>,
    predicate: Option<Predicate>,
    trusted: Vec<Network>,
    /// Entries that could not be understood, and why.
    mistakes: Vec<(String, &'static str)>,
}

impl AllowedOrigins {
    /// These origins: `scheme://host`, with a port unless it is the scheme's own; `scheme://*.host` for every host below
    /// one; `null`; `file://`. The case of letters does not matter.
    ///
    /// An entry that is none of these matches nothing, and is reported as an error in the log when the hub's routes are
    /// made.
    pub fn list<I>(origins: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut allowed = Self::default();
        for origin in origins {
            let text = origin.as_ref();
            match Pattern::parse(text) {
                Ok(pattern) => allowed.patterns.push(pattern),
                Err(why) => allowed.mistakes.push((text.to_owned(), why)),
            }
        }
        allowed
    }

    /// Every origin. Only for hubs that do not recognise their users by cookies: any site that a user visits could act
    /// in the user's name.
    #[must_use]
    pub fn any() -> Self {
        Self { any: true, ..Self::default() }
    }

    /// The origins for which `predicate` returns true; it is given the `Origin` header and its request. It runs for
    /// every request with an origin that is not the server's own, and should not block.
    pub fn matching(predicate: impl Fn(&HeaderValue, &Parts) -> bool + Send + Sync + 'static) -> Self {
        Self { predicate: Some(Arc::new(predicate)), ..Self::default() }
    }

    /// Takes the server's own host from the header `X-Forwarded-Host`, or `Forwarded`, of requests that come from these
    /// addresses, such as `127.0.0.1` or `10.0.0.0/8`: for a proxy that sends another `Host` than the browser's. The
    /// headers of other peers are ignored, since any client can write them.
    ///
    /// The client's address, by which [`HubOptions::maximum_connections_per_address`](crate::HubOptions) counts, comes from
    /// `X-Forwarded-For` of the same proxies, or else from `Forwarded`: the last address that is no proxy's of this list.
    ///
    /// The address of the peer is known under [`Hubs::run`](crate::Hubs::run) and [`Hubs::serve`](crate::Hubs::serve);
    /// with [`axum::serve()`] use `Router::into_make_service_with_connect_info::<SocketAddr>`.
    #[must_use]
    pub fn trust_proxies<I>(mut self, addresses: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        for address in addresses {
            let text = address.as_ref();
            match Network::parse(text) {
                Some(network) => self.trusted.push(network),
                None => self.mistakes.push((text.to_owned(), "write an address like 127.0.0.1 or 10.0.0.0/8")),
            }
        }
        self
    }

    /// Whether a page of this origin may connect with this request: the origin is the server's own host, or allowed.
    pub fn allows(&self, origin: &HeaderValue, request: &Parts) -> bool {
        let parsed = origin.to_str().ok().and_then(Origin::parse);
        let is_known = parsed.is_some_and(|origin| {
            self.patterns.iter().any(|pattern| pattern.matches(&origin))
                || self.own_host(request).is_some_and(|host| origin.is_of(host))
        });
        is_known || self.any || self.predicate.as_ref().is_some_and(|predicate| predicate(origin, request))
    }

    /// The policy as a function, for the CORS layer of tower-http: `AllowOrigin::predicate(origins.into_predicate())`.
    pub fn into_predicate(self) -> impl Fn(&HeaderValue, &Parts) -> bool + Clone + Send + Sync + 'static {
        let shared = Arc::new(self);
        move |origin, request| shared.allows(origin, request)
    }

    /// Whether a request may go on: it names no origin, or one that is allowed. For routes of the application that change
    /// something for the user of a cookie, such as a login: answer 403 where this is `false`.
    pub fn admits(&self, request: &Parts) -> bool {
        let mut origins = request.headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => true,
            (Some(origin), None) => self.allows(origin, request),
            (Some(_), Some(_)) => false,
        }
    }

    /// The CORS layer for pages of these origins, with credentials: the methods and headers that SignalR's clients use. Put
    /// it around the routes of the hubs, and give the hubs the same origins. Needs feature `cors`.
    ///
    /// ```
    /// use axum::Router;
    /// use hubs::{AllowedOrigins, HubOptions, Hubs};
    ///
    /// let origins = AllowedOrigins::from(["https://app.example"]);
    /// let hubs = Hubs::new().options(HubOptions::default().allowed_origins(origins.clone()));
    /// let app: Router = Router::new().merge(hubs.router()).layer(origins.cors());
    /// ```
    ///
    /// An origin that is allowed is named in the answer; there is never a `*`, which browsers refuse with credentials.
    #[cfg(feature = "cors")]
    pub fn cors(&self) -> tower_http::cors::CorsLayer {
        use http::{HeaderName, Method, header};
        use tower_http::cors::{AllowOrigin, CorsLayer};

        let own = ["x-requested-with", "x-signalr-user-agent"].map(HeaderName::from_static);
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(self.clone().into_predicate()))
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE].into_iter().chain(own).collect::<Vec<_>>())
    }

    #[cfg(test)]
    pub(super) fn mistakes(&self) -> &[(String, &'static str)] {
        &self.mistakes
    }

    /// Writes the entries that are not understood to the log.
    pub(in crate::server) fn report_mistakes(&self) {
        for (entry, why) in &self.mistakes {
            tracing::error!(entry, "HubOptions::allowed_origins has an entry that matches nothing: {why}");
        }
    }

    /// The address of the client: of the peer, or, behind trusted proxies, the one that they pass on.
    pub(in crate::server) fn client_address(&self, request: &Parts) -> Option<IpAddr> {
        proxies::client_address(&self.trusted, request)
    }

    /// The host that the browser asked for.
    fn own_host<'a>(&self, request: &'a Parts) -> Option<&'a str> {
        if let Some(host) = proxies::forwarded_host(&self.trusted, request) {
            return Some(host);
        }
        let mut hosts = request.headers.get_all(HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().ok(),
            (None, _) => request.uri.authority().map(Authority::as_str),
            (Some(_), Some(_)) => None,
        }
    }
}

impl fmt::Debug for AllowedOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("AllowedOrigins");
        debug.field("any", &self.any).field("patterns", &self.patterns).field("trusted", &self.trusted);
        debug.field("predicate", &self.predicate.is_some()).finish_non_exhaustive()
    }
}

impl<S: AsRef<str>> From<Vec<S>> for AllowedOrigins {
    fn from(origins: Vec<S>) -> Self {
        Self::list(origins)
    }
}

impl<S: AsRef<str>, const N: usize> From<[S; N]> for AllowedOrigins {
    fn from(origins: [S; N]) -> Self {
        Self::list(origins)
    }
}

impl<S: AsRef<str>> From<&[S]> for AllowedOrigins {
    fn from(origins: &[S]) -> Self {
        Self::list(origins)
    }
}

impl From<&str> for AllowedOrigins {
    fn from(origin: &str) -> Self {
        Self::list([origin])
    }
}
