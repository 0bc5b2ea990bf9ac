//! Access tokens: who gives them, and the header that carries them. They are shown nowhere.

use std::{error::Error, fmt, sync::Arc};

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

use super::ConnectError;
use crate::call::BoxFuture;

type Provide = dyn Fn() -> BoxFuture<Result<String, Box<dyn Error + Send + Sync>>> + Send + Sync;

/// Gives the token for each attempt to connect.
#[derive(Clone)]
pub(super) struct TokenProvider(Arc<Provide>);

impl TokenProvider {
    pub(super) fn new<F, R, E>(provide: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Arc::new(move || {
            let token = provide();
            Box::pin(async move { token.await.map_err(Into::into) })
        }))
    }

    /// Asks for a token. An empty one is none.
    pub(super) async fn ask(&self) -> Result<Bearer, ConnectError> {
        let token = (self.0)().await.map_err(ConnectError::AccessToken)?;
        Bearer::new(&token)
    }
}

impl fmt::Debug for TokenProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenProvider(..)")
    }
}

/// A token as a header, or none.
#[derive(Debug, Clone, Default)]
pub(super) struct Bearer(Option<HeaderValue>);

impl Bearer {
    pub(super) fn new(token: &str) -> Result<Self, ConnectError> {
        if token.is_empty() {
            return Ok(Self(None));
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| ConnectError::AccessToken("it has characters that no header may have".into()))?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }

    /// Adds the token, unless there is an `Authorization` header already.
    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        if let Some(value) = &self.0 {
            headers.entry(AUTHORIZATION).or_insert_with(|| value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_nowhere() {
        let bearer = Bearer::new("s3cr3t").unwrap();
        let mut headers = HeaderMap::new();
        bearer.add_to(&mut headers);
        assert_eq!(headers[AUTHORIZATION], "Bearer s3cr3t");
        assert!(!format!("{bearer:?} {headers:?}").contains("s3cr3t"));
        let error = Bearer::new("s3cr3t\n").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cr3t"));
    }
}
