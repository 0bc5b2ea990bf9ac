//! Where the token of a request is, and how it is taken out. Must not know what is in a token.

use http::{HeaderMap, Uri, header::AUTHORIZATION, request::Parts, uri::PathAndQuery};

use super::JwtError;
use crate::server::http::query;

/// The token of a request to a hub, if it has one that can be read.
#[cfg(feature = "jwks")]
pub(super) fn token_of(request: &Parts) -> Option<std::borrow::Cow<'_, str>> {
    match bearer(&request.headers) {
        Ok(Some(token)) => Some(token.into()),
        Ok(None) => in_query(request).map(Into::into),
        Err(_) => None,
    }
}

/// The token of the query.
pub(super) fn in_query(request: &Parts) -> Option<String> {
    query::value(request.uri.query(), "access_token").filter(|token| !token.is_empty())
}

/// The token of the header. Two headers are not chosen from.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, JwtError> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(first), more) = (all.next(), all.next()) else { return Ok(None) };
    if more.is_some() {
        return Err(JwtError::Invalid);
    }
    let Ok(text) = first.to_str() else { return Ok(None) };
    let Some((scheme, token)) = text.split_once(' ') else { return Ok(None) };
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()))
}

/// Takes the token out of the request as it is kept with the connection, where a log might print it.
pub(in crate::server::auth) fn hide(request: &mut Parts) {
    for (_, value) in request.headers.iter_mut().filter(|(name, _)| *name == AUTHORIZATION) {
        value.set_sensitive(true);
    }
    let Some(query) = request.uri.query().filter(|query| query.to_ascii_lowercase().contains("access_token")) else {
        return;
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !names_token(pair)).collect();
    let path = request.uri.path();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    if let Ok(target) = PathAndQuery::try_from(target) {
        let mut parts = request.uri.clone().into_parts();
        parts.path_and_query = Some(target);
        if let Ok(uri) = Uri::from_parts(parts) {
            request.uri = uri;
        }
    }
}

fn names_token(pair: &str) -> bool {
    form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name.eq_ignore_ascii_case("access_token"))
}
