//! The token of a connection. All that the server has to know of a connection before its transport opens is in it, signed,
//! so that a negotiation leaves nothing behind. Knows no HTTP and keeps no state.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    ids::{ConnectionId, ConnectionToken, UserId},
    server::SigningKeys,
    transport::negotiate::{self, Identity},
};

/// Random, and different for each connection.
pub(super) type Nonce = [u8; 16];

/// What begins the text that is signed, so that no signature fits for another purpose.
const CLAIMS: &[u8] = b"claims";
const USER: &[u8] = b"user";

/// Bits of the first byte.
const RESUMABLE: u8 = 1;
const OF_A_USER: u8 = 2;
/// The connection's public id is its token: negotiation before version 1.
const IS_ID: u8 = 4;

/// The first byte, the expiry and the nonce; after them the digest of the user, if there is one, and the signature.
const FIXED: usize = 1 + 8 + 16;
const SIGNATURE: usize = 32;
/// No token is longer, in bytes before they are written as text.
const LONGEST: usize = FIXED + 16 + SIGNATURE;

/// Makes and checks the tokens of one route.
pub(super) struct Signer {
    /// One for each key of the server, of the hub and the path alone. The first one signs.
    keys: Vec<Hmac<Sha256>>,
}

/// A token as a request brings it, before its signature is checked.
pub(super) struct Token {
    bytes: [u8; LONGEST],
    length: usize,
}

/// What a token says.
#[derive(Clone)]
pub(super) struct Claims {
    pub(super) nonce: Nonce,
    /// When it is too late to open a transport, in milliseconds of the Unix clock.
    pub(super) expires: u64,
    /// Whether its client uses stateful reconnect.
    pub(super) resumable: bool,
    user: Option<[u8; 16]>,
    is_id: bool,
}

impl Signer {
    /// For the hub of this name at this path: tokens of others are not accepted.
    pub(super) fn new(keys: &SigningKeys, hub: &str, path: &str) -> Self {
        let keyed = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
        let own = |key: &[u8]| {
            let mut mac = keyed(key);
            for part in [b"hubs connection token 2", hub.as_bytes(), path.as_bytes()] {
                mac.update(&(part.len() as u64).to_be_bytes());
                mac.update(part);
            }
            // A key made of them: what is signed of a token then fits into one block of the digest.
            keyed(&mac.finalize().into_bytes())
        };
        Self { keys: keys.iter().map(own).collect() }
    }

    /// The keys of the hub and the path, the current one first.
    #[cfg(feature = "jwt")]
    pub(super) fn keys(&self) -> impl Iterator<Item = &Hmac<Sha256>> {
        self.keys.iter()
    }

    /// The names of a new connection.
    pub(super) fn issue(
        &self,
        version: u32,
        expires: u64,
        resumable: bool,
        user: Option<&UserId>,
    ) -> Result<Identity, getrandom::Error> {
        let (key, nonce) = (&self.keys[0], negotiate::random()?);
        let is_id = !negotiate::has_token(version);
        let flags = [(resumable, RESUMABLE), (user.is_some(), OF_A_USER), (is_id, IS_ID)];
        let flags = flags.into_iter().filter(|(set, _)| *set).fold(0, |all, (_, flag)| all | flag);
        let mut bytes = Vec::with_capacity(LONGEST);
        bytes.push(flags);
        bytes.extend(expires.to_be_bytes());
        bytes.extend(nonce);
        if let Some(user) = user {
            bytes.extend(digest(key, user));
        }
        let signature = signature(key, &bytes).finalize().into_bytes();
        bytes.extend(signature);
        let token = URL_SAFE_NO_PAD.encode(bytes);
        let id = if is_id { token.clone() } else { URL_SAFE_NO_PAD.encode(nonce) };
        Ok(Identity { id: ConnectionId::new(id), token: ConnectionToken::new(token) })
    }

    /// What a token says, if it was signed here.
    pub(super) fn read(&self, token: &Token) -> Option<Claims> {
        let (payload, signed) = token.parts();
        let signed_here = |key: &Hmac<Sha256>| signature(key, payload).verify_slice(signed).is_ok();
        self.keys.iter().any(signed_here).then(|| token.claims())?
    }

    /// Whether the connection was negotiated by this user, or by none.
    pub(super) fn admits(&self, claims: &Claims, user: Option<&UserId>) -> bool {
        let Some(own) = &claims.user else { return true };
        user.is_some_and(|user| self.keys.iter().any(|key| digest(key, user) == *own))
    }
}

impl Token {
    pub(super) fn decode(text: &str) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        (length >= FIXED + SIGNATURE).then_some(Self { bytes, length })
    }

    /// What is signed, and the signature.
    fn parts(&self) -> (&[u8], &[u8]) {
        self.bytes[..self.length].split_at(self.length - SIGNATURE)
    }

    pub(super) fn nonce(&self) -> Nonce {
        let mut nonce = Nonce::default();
        nonce.copy_from_slice(&self.bytes[FIXED - size_of::<Nonce>()..FIXED]);
        nonce
    }

    /// What it says, to be believed only once it has been checked.
    pub(super) fn claims(&self) -> Option<Claims> {
        Claims::parse(self.parts().0)
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    pub(super) fn is(&self, other: &Self) -> bool {
        let differences = self.bytes.iter().zip(&other.bytes).fold(0, |all, (a, b)| all | (a ^ b));
        differences == 0 && self.length == other.length
    }
}

impl Claims {
    /// Those of a connection that another node has named.
    pub(super) fn passed_on(nonce: Nonce, expires: u64) -> Self {
        Self { nonce, expires, resumable: false, user: None, is_id: false }
    }

    fn parse(payload: &[u8]) -> Option<Self> {
        let (fixed, user) = payload.split_first_chunk::<FIXED>()?;
        let [flags, rest @ ..] = fixed;
        let (expires, nonce) = rest.split_first_chunk::<8>()?;
        let user = if *flags & OF_A_USER == 0 { None } else { Some(user.try_into().ok()?) };
        Some(Self {
            nonce: nonce.try_into().ok()?,
            expires: u64::from_be_bytes(*expires),
            resumable: *flags & RESUMABLE != 0,
            user,
            is_id: *flags & IS_ID != 0,
        })
    }

    /// The public name of the connection whose token is `token`.
    pub(super) fn id(&self, token: &str) -> ConnectionId {
        if self.is_id { ConnectionId::new(token) } else { ConnectionId::new(URL_SAFE_NO_PAD.encode(self.nonce)) }
    }
}

fn signature(key: &Hmac<Sha256>, payload: &[u8]) -> Hmac<Sha256> {
    key.clone().chain_update(CLAIMS).chain_update(payload)
}

/// Stands for the user: the token may be seen by others, and ids of users are not theirs to know.
fn digest(key: &Hmac<Sha256>, user: &UserId) -> [u8; 16] {
    let all = key.clone().chain_update(USER).chain_update(user.as_str()).finalize().into_bytes();
    let mut first = [0; 16];
    first.copy_from_slice(&all[..16]);
    first
}
