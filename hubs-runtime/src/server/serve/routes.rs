//! Paths in any letter case, as ASP.NET has them. Only a request that no route matches pays for it.

use std::sync::Arc;

use axum::{Router, extract::Request, response::Response};
use http::{StatusCode, Uri, uri::PathAndQuery};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

/// The path of a hub, in segments.
#[derive(Debug)]
pub(super) struct Route(Vec<String>);

impl Route {
    pub(super) fn new(path: &str) -> Self {
        Self(path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    /// The path as the route has it, if it is the route's but for its case. What stands for a parameter stays.
    fn spell(&self, path: &str) -> Option<String> {
        let (mut parts, mut spelled) = (path.split('/').skip(1), String::new());
        for own in &self.0 {
            let part = parts.next()?;
            let is_parameter = own.starts_with('{');
            if !is_parameter && !own.eq_ignore_ascii_case(part) {
                return None;
            }
            spelled.extend(["/", if is_parameter { part } else { own }]);
        }
        for rest in parts {
            spelled.extend(["/", if rest.eq_ignore_ascii_case("negotiate") { "negotiate" } else { rest }]);
        }
        Some(spelled).filter(|spelled| spelled != path)
    }
}

/// The routes, which are at these paths, whatever the case of a request's path.
pub(super) fn in_any_case(router: Router, routes: Vec<Route>) -> Router {
    let (exact, routes) = (TowerToHyperService::new(router.clone()), Arc::<[Route]>::from(routes));
    router.fallback(move |request: Request| {
        let (exact, routes) = (exact.clone(), Arc::clone(&routes));
        async move {
            match respelled(&routes, request) {
                Ok(request) => exact.call(request).await.unwrap_or_else(|never| match never {}),
                Err(()) => not_found(),
            }
        }
    })
}

fn respelled(routes: &[Route], mut request: Request) -> Result<Request, ()> {
    let path = routes.iter().find_map(|route| route.spell(request.uri().path())).ok_or(())?;
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(format!("{path}{query}").parse::<PathAndQuery>().map_err(|_| ())?);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| ())?;
    Ok(request)
}

fn not_found() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn spelling() {
        for (route, path, spelled) in [
            ("/Chat", "/chat", Some("/Chat")),
            ("/chat", "/CHAT/Negotiate", Some("/chat/negotiate")),
            ("/chat", "/chat/NEGOTIATE/", Some("/chat/negotiate/")),
            ("/chat", "/chat", None),
            ("/chat", "/chats", None),
            ("/rooms/{room}", "/Rooms/Blue/negotiate", Some("/rooms/Blue/negotiate")),
            ("/rooms/{room}", "/rooms", None),
            ("/", "/Negotiate", Some("/negotiate")),
        ] {
            assert_eq!(Route::new(route).spell(path).as_deref(), spelled, "{route} {path}");
        }
    }
}
