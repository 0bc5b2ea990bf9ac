use http::{
    HeaderMap, HeaderValue, Uri,
    header::{HOST, ORIGIN},
    request::Parts,
};

use super::AllowedOrigins;

fn request(uri: &'static str, headers: &[(http::HeaderName, &str)]) -> Parts {
    let mut parts = http::Request::new(()).into_parts().0;
    parts.uri = Uri::from_static(uri);
    parts.headers = HeaderMap::from_iter(headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())));
    parts
}

fn allows(allowed: &[&str], host: &str, origin: &str) -> bool {
    AllowedOrigins::from(allowed).admits(&request("/chat", &[(HOST, host), (ORIGIN, origin)]))
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
fn allowed_by_a_list() {
    let allowed = [
        "https://App.example.com",
        "http://dev.local:5173/",
        "tauri://localhost",
        "app://.",
        "null",
        "file://",
        "https://*.tenants.example.com",
        "http://*.localhost:8080/",
        "*",
        "app.other.com",
        "https://*",
        "https://a.*.com",
        "https://münchen.example",
    ];
    for (origin, expected) in [
        ("https://app.example.com", true),
        ("https://APP.EXAMPLE.COM:443", true),
        ("http://app.example.com", false),
        ("https://app.example.com:444", false),
        ("http://dev.local:5173", true),
        ("http://dev.local", false),
        ("tauri://localhost", true),
        ("tauri://other", false),
        ("app://.", true),
        ("null", true),
        ("NULL", false),
        ("file://", true),
        ("file:///", false),
        ("https://a.tenants.example.com", true),
        ("https://a.b.Tenants.example.com:443", true),
        ("https://tenants.example.com", false),
        ("https://.tenants.example.com", false),
        ("https://eviltenants.example.com", false),
        ("http://a.tenants.example.com", false),
        ("https://a.tenants.example.com:8443", false),
        ("https://a.tenants.example.com.evil.com", false),
        ("http://a.localhost:8080", true),
        ("http://a.localhost", false),
        ("https://app.other.com", false),
        ("*", false),
        ("https://a.b.com", false),
        ("https://evil.com", false),
        ("", false),
    ] {
        assert_eq!(allows(&allowed, "api.example.com", origin), expected, "{origin}");
    }
    let not_understood = format!("{:?}", AllowedOrigins::from(allowed).mistakes());
    for entry in ["*", "app.other.com", "https://*", "https://a.*.com", "https://münchen.example"] {
        assert!(not_understood.contains(&format!("{entry:?}")), "{entry}: {not_understood}");
    }
    assert_eq!(AllowedOrigins::from(allowed).mistakes().len(), 5);
}

#[test]
fn any_and_a_function() {
    let from = |origin| request("/chat", &[(HOST, "a.com"), (ORIGIN, origin)]);
    assert!(AllowedOrigins::any().admits(&from("https://b.com")));
    assert!(AllowedOrigins::any().admits(&from("null")));
    let own = AllowedOrigins::matching(|origin, request| origin == "https://b.com" && request.uri.path() == "/chat");
    for (origin, expected) in [("https://b.com", true), ("https://c.com", false), ("https://a.com", true)] {
        assert_eq!(own.admits(&from(origin)), expected, "{origin}");
        let predicate = own.clone().into_predicate();
        assert_eq!(predicate(&HeaderValue::from_static(origin), &from(origin)), expected, "{origin}");
    }
}

#[test]
fn behind_a_proxy_that_changes_the_host() {
    let policy = AllowedOrigins::default().trust_proxies(["10.0.0.0/8", "localhost"]);
    assert_eq!(policy.mistakes().len(), 1);
    let mut request = request("/chat", &[(HOST, "backend:5000"), (ORIGIN, "https://app.example.com")]);
    request.headers.insert("x-forwarded-host", HeaderValue::from_static("app.example.com"));
    for (peer, expected) in [("10.1.2.3:1", true), ("11.1.2.3:1", false)] {
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        request.extensions.insert(axum::extract::ConnectInfo(peer));
        assert_eq!(policy.admits(&request), expected, "{peer}");
    }
}

#[test]
fn none_sent_passes_and_two_do_not() {
    let policy = AllowedOrigins::default();
    let mut request = request("/chat", &[]);
    assert!(policy.admits(&request));
    request.headers.insert(HOST, HeaderValue::from_static("a"));
    request.headers.append(ORIGIN, HeaderValue::from_static("http://a"));
    assert!(policy.admits(&request));
    request.headers.append(ORIGIN, HeaderValue::from_static("http://a"));
    assert!(!policy.admits(&request));
}

#[test]
fn without_a_host_header_the_uri_names_the_host() {
    let policy = AllowedOrigins::default();
    for (uri, expected) in [("https://a.com/chat", true), ("https://b.com/chat", false), ("/chat", false)] {
        assert_eq!(policy.admits(&request(uri, &[(ORIGIN, "https://a.com")])), expected, "{uri}");
    }
}
