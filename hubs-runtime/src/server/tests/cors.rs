//! A page of another origin, with the CORS layer of the application around the routes, as browsers see it.

use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

use super::{HubOptions, Server, echo_at, events::Events};

const PAGE: &str = "https://app.example.com";

async fn start() -> Server {
    let options = HubOptions::default().allowed_origins(vec![PAGE.to_owned()]);
    let (router, app) = echo_at("/chat", options);
    let own = |name: &'static str| HeaderName::from_static(name);
    let cors = CorsLayer::new()
        .allow_origin(HeaderValue::from_static(PAGE))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            own("x-requested-with"),
            own("x-signalr-user-agent"),
        ]);
    Server::serve(router.layer(cors), app).await
}

#[tokio::test]
async fn a_page_that_is_allowed_gets_through() {
    let server = start().await;
    let origin = format!("Origin: {PAGE}\r\n");
    let preflight = format!(
        "{origin}Access-Control-Request-Method: POST\r\n\
         Access-Control-Request-Headers: x-requested-with,x-signalr-user-agent,authorization\r\n"
    );
    for target in ["/chat/negotiate?negotiateVersion=1", "/chat?id=any"] {
        let answer = server.request("OPTIONS", target, &preflight).await;
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET,POST,DELETE"));
        let headers = "authorization,content-type,x-requested-with,x-signalr-user-agent";
        assert_eq!(answer.header("access-control-allow-headers"), Some(headers));
    }
    let (_, token) = server.negotiate_as(&origin).await;
    let target = format!("/chat?id={token}");
    let mut events = Events::open_with(&server, &target, &origin).await;
    assert_eq!(events.head.header("access-control-allow-origin"), Some(PAGE));
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    let post = server.request("POST", &target, &origin).await;
    assert_eq!((post.status, post.header("access-control-allow-origin")), (200, Some(PAGE)));
}

#[tokio::test]
async fn a_page_that_is_not_allowed_does_not() {
    let server = start().await;
    let origin = "Origin: https://evil.com\r\n";
    assert_eq!(server.request("POST", "/chat/negotiate?negotiateVersion=1", origin).await.status, 403);
    let preflight = format!("{origin}Access-Control-Request-Method: POST\r\n");
    let answer = server.request("OPTIONS", "/chat/negotiate", &preflight).await;
    assert_ne!(answer.header("access-control-allow-origin"), Some("https://evil.com"));
}

/// A page that is not allowed learns nothing, and an answer for one page is not kept for another.
#[cfg(feature = "cors")]
#[tokio::test]
async fn b3_04_the_layer_names_allowed_origins_and_no_other() {
    let origins = crate::AllowedOrigins::from([PAGE]);
    let (router, app) = echo_at("/chat", HubOptions::default().allowed_origins(origins.clone()));
    let server = Server::serve(router.layer(origins.cors()), app).await;
    let asked = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n";
    for (method, more) in [("OPTIONS", asked), ("POST", ""), ("GET", "")] {
        for target in ["/chat/negotiate?negotiateVersion=1", "/chat?id=any"] {
            for origin in
                [PAGE, "https://evil.com", "null", "https://app.example.com.evil.com", "http://app.example.com"]
            {
                let answer = server.request(method, target, &format!("Origin: {origin}\r\n{more}")).await;
                let allowed = answer.header("access-control-allow-origin");
                assert_eq!(allowed, (origin == PAGE).then_some(PAGE), "{method} {target} {origin}");
                assert_ne!(allowed, Some("*"));
                let vary = answer.header("vary").unwrap_or_default().to_ascii_lowercase();
                assert!(vary.contains("origin"), "{method} {target} {origin}: {vary}");
                if origin == PAGE {
                    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
                }
            }
        }
    }
}
