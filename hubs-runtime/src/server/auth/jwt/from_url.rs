//! The part of [`JwtBearer`] that fetches keys: where they are, and when a request waits for them.

use std::time::Duration;

use http::request::Parts;
use jsonwebtoken::{Header, decode_header};

use super::{
    Issuer, JwtBearer, JwtKeyError, Keys, LONGEST, TICKET, fetch::Address, named_issuer, remote::RemoteKeys,
    request::token_of,
};

impl JwtBearer {
    /// Tokens signed with one of the keys in the JSON Web Key Set at this address, as [`JwtBearer::jwks`]. Needs feature
    /// `jwks`, which brings a TLS client into the server.
    ///
    /// ```
    /// # fn f() -> Result<(), hubs::JwtKeyError> {
    /// use hubs::{Hubs, JwtBearer};
    ///
    /// let jwt = JwtBearer::jwks_url("https://login.example/.well-known/jwks.json")?
    ///     .issuer("https://login.example")
    ///     .audience("chat");
    /// let hubs = Hubs::new().jwt(jwt);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The keys are fetched when the first token comes, again after [`JwtBearer::keys_refreshed_every`], and when a token
    /// names a key that is not there, which is done at most once in 10 s, whatever tokens come. A request that needs
    /// keys which are being fetched waits for them. When a fetch fails, the keys that are there stay, and the log says
    /// why; the next one comes after 30 s at the latest.
    ///
    /// The answer is 200 with at most 256 KiB, within 10 s; redirects are not followed. Nothing in a token ever names an
    /// address.
    ///
    /// # Errors
    /// If the address does not begin with `https://`. `http://` is accepted for this machine alone.
    pub fn jwks_url(url: &str) -> Result<Self, JwtKeyError> {
        let address = Address::parse(url).map_err(|why| JwtKeyError::Address(url.to_owned(), why))?;
        Ok(Self::with(Keys::Remote(RemoteKeys::new(address))))
    }

    /// How often the keys of URLs are fetched. 10 min.
    #[must_use]
    pub fn keys_refreshed_every(self, interval: Duration) -> Self {
        self.each_remote(|keys| keys.set_every(interval))
    }

    /// Trusts this certificate, in DER, beside the system's root certificates when keys are fetched.
    #[must_use]
    pub fn root_certificate(self, certificate: impl Into<Vec<u8>>) -> Self {
        let certificate = certificate.into();
        self.each_remote(|keys| keys.trust(certificate.clone()))
    }

    /// Fetches the keys of all URLs now, for an application that would rather not start without them.
    ///
    /// # Errors
    /// [`JwtKeyError::Fetch`] if a key set cannot be fetched. It is tried again in the background all the same.
    pub async fn fetch_keys(&self) -> Result<(), JwtKeyError> {
        for issuer in &self.issuers {
            if let Keys::Remote(keys) = &issuer.keys {
                keys.fetched().await.map_err(JwtKeyError::Fetch)?;
            }
        }
        Ok(())
    }

    pub(super) fn each_remote(self, change: impl Fn(&mut RemoteKeys)) -> Self {
        self.each(|issuer| {
            if let Keys::Remote(keys) = &mut issuer.keys {
                change(keys);
            }
        })
    }

    /// Whether the keys of any issuer are fetched.
    pub(in crate::server) fn fetches(&self) -> bool {
        self.issuers.iter().any(|issuer| matches!(issuer.keys, Keys::Remote(_)))
    }

    /// Waits for the keys that the token of this request needs and that are not there, for one fetch at most.
    pub(in crate::server) async fn fetch_for(&self, request: &Parts) {
        let Some(token) = token_of(request).filter(|token| token.len() <= LONGEST && !token.starts_with(TICKET)) else {
            return;
        };
        let Ok(header) = decode_header(&*token) else { return };
        let named = named_issuer(&token);
        for issuer in self.issuers.iter().filter(|issuer| issuer.name.is_none() || issuer.name == named) {
            if let Keys::Remote(keys) = &issuer.keys
                && !issuer.has_key(&header)
            {
                let _ = keys.fetched().await;
            }
        }
    }
}

impl Issuer {
    fn has_key(&self, header: &Header) -> bool {
        self.keys().iter().any(|key| key.fits(header, self.algorithms.as_deref()))
    }
}
