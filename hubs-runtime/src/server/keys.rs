//! Keys with which the server signs what it will be shown again: connection tokens, tickets and session cookies.

use std::{fmt, sync::Arc};

/// Keys for signing, the current one first. [`HubOptions::token_keys`](crate::HubOptions::token_keys) takes them, so that
/// several processes accept each other's connection tokens. Needs feature `server`, which is on by default.
///
/// Keys are replaced without a gap in three deployments: add the new key with [`SigningKeys::or_accept`]; make it the
/// current one and accept the old; drop the old.
///
/// ```
/// use hubs::{HubOptions, SigningKeys};
///
/// # let (current, previous) = ([1_u8; 32], [2_u8; 32]);
/// let keys = SigningKeys::new(current).or_accept(previous);
/// let options = HubOptions::default().token_keys(keys);
/// ```
///
/// A key is random and has at least 32 bytes. A hub with a shorter one refuses every connection and says why in the log.
#[derive(Clone)]
pub struct SigningKeys(Arc<[Vec<u8>]>);

/// The shortest key: as long as the signature.
const SHORTEST: usize = 32;

impl SigningKeys {
    /// Signs and accepts with this key.
    pub fn new(key: impl AsRef<[u8]>) -> Self {
        Self(Arc::new([key.as_ref().to_vec()]))
    }

    /// Accepts what was signed with this key, too.
    #[must_use]
    pub fn or_accept(self, key: impl AsRef<[u8]>) -> Self {
        Self(self.0.iter().cloned().chain([key.as_ref().to_vec()]).collect())
    }

    /// A key that no other process has.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; SHORTEST];
        getrandom::fill(&mut key)?;
        Ok(Self::new(key))
    }

    /// All keys, the current one first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// Whether a key is too short.
    pub(super) fn is_weak(&self) -> bool {
        self.iter().any(|key| key.len() < SHORTEST)
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKeys({} keys)", self.0.len())
    }
}
