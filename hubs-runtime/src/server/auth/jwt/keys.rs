//! The keys that tokens are checked with, each with the algorithms that it is for.

use std::fmt;

pub use jsonwebtoken::Algorithm as JwtAlgorithm;
use jsonwebtoken::{
    DecodingKey, Header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde_json::Value;

/// The shortest secret, in bytes: as long as the signature (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;

/// Why a key for tokens cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtKeyError {
    /// The secret is too short.
    #[error("the secret has {0} bytes and needs at least 32: make one of random bytes")]
    ShortSecret(usize),
    /// The text is no public key in PEM.
    #[error("this is no public key in PEM of RSA, ECDSA on P-256 or Ed25519")]
    NoPublicKey,
    /// The document is no key set, or no key in it can check a signature.
    #[error("this is no JSON Web Key Set with a public key for signatures: {0}")]
    NoKeySet(String),
    /// The address of the keys is none that they may be fetched from.
    #[error("`{0}` is no address for keys: {1}")]
    Address(String, &'static str),
    /// The keys cannot be fetched.
    #[error("the keys cannot be fetched: {0}")]
    Fetch(String),
    /// The file cannot be read.
    #[error("the file with the keys cannot be read: {0}")]
    File(#[from] std::io::Error),
}

/// A key and what it is for.
#[derive(Clone)]
pub(super) struct Key {
    id: Option<String>,
    /// What it is usually used with.
    algorithm: JwtAlgorithm,
    decoding: DecodingKey,
}

impl Key {
    pub(super) fn secret(secret: &[u8]) -> Result<Self, JwtKeyError> {
        if secret.len() < SHORTEST_SECRET {
            return Err(JwtKeyError::ShortSecret(secret.len()));
        }
        Ok(Self::new(None, JwtAlgorithm::HS256, DecodingKey::from_secret(secret)))
    }

    pub(super) fn pem(pem: &[u8]) -> Result<Self, JwtKeyError> {
        let rsa = || Some((JwtAlgorithm::RS256, DecodingKey::from_rsa_pem(pem).ok()?));
        let ec = || Some((JwtAlgorithm::ES256, DecodingKey::from_ec_pem(pem).ok()?));
        let ed = || Some((JwtAlgorithm::EdDSA, DecodingKey::from_ed_pem(pem).ok()?));
        let (algorithm, key) = rsa().or_else(ec).or_else(ed).ok_or(JwtKeyError::NoPublicKey)?;
        Ok(Self::new(None, algorithm, key))
    }

    fn new(id: Option<String>, algorithm: JwtAlgorithm, decoding: DecodingKey) -> Self {
        Self { id, algorithm, decoding }
    }

    /// Whether a token with this header may be checked with this key. `allowed` are the algorithms that count, as far as
    /// they are for this kind of key; without them its usual one does.
    pub(super) fn fits(&self, header: &Header, allowed: Option<&[JwtAlgorithm]>) -> bool {
        let named = match (&self.id, &header.kid) {
            (Some(own), Some(asked)) => own == asked,
            _ => true,
        };
        named
            && match allowed {
                None => self.algorithm == header.alg,
                Some(allowed) => header.alg.family() == self.decoding.family() && allowed.contains(&header.alg),
            }
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

/// The keys of a key set. Those that cannot be used are skipped.
pub(super) fn of_set(document: &str) -> Result<Vec<Key>, JwtKeyError> {
    let set: Value = serde_json::from_str(document).map_err(|error| JwtKeyError::NoKeySet(error.to_string()))?;
    let all = set["keys"].as_array().ok_or_else(|| JwtKeyError::NoKeySet("it has no `keys`".to_owned()))?;
    let keys: Vec<Key> = all
        .iter()
        .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok())
        .filter_map(|key| of_jwk(&key))
        .collect();
    if keys.is_empty() {
        return Err(JwtKeyError::NoKeySet(format!("none of its {} keys is of a known kind", all.len())));
    }
    Ok(keys)
}

fn of_jwk(jwk: &Jwk) -> Option<Key> {
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return None;
    }
    let usual = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => JwtAlgorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => JwtAlgorithm::ES256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => JwtAlgorithm::ES384,
        AlgorithmParameters::OctetKeyPair(_) => JwtAlgorithm::EdDSA,
        // A secret in a public document is none.
        _ => return None,
    };
    let decoding = DecodingKey::from_jwk(jwk).ok()?;
    let algorithm = match jwk.common.key_algorithm {
        None => usual,
        Some(algorithm) => signature(algorithm).filter(|algorithm| algorithm.family() == usual.family())?,
    };
    Some(Key::new(jwk.common.key_id.clone(), algorithm, decoding))
}

fn signature(algorithm: KeyAlgorithm) -> Option<JwtAlgorithm> {
    algorithm.to_string().parse().ok()
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
