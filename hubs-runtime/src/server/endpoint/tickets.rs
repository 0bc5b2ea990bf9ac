//! Tickets: what a client sends in place of its JSON Web Token once it has negotiated. Negotiate answers one as
//! `accessToken`, and the official clients then use it by themselves, so that the token itself is in the address of no
//! socket and in the log of no proxy. A ticket is good for its connection alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::Mac;

use super::{
    signed::{Nonce, Signer, Token},
    tokens::Tokens,
};
use crate::{
    hub::Principal,
    server::auth::{jwt::TICKET, session::Session},
};

const SIGNATURE: usize = 32;

impl Signer {
    fn ticket(&self, nonce: &Nonce, user: &Principal) -> Option<String> {
        let mut bytes = serde_json::to_vec(&Session::until_its_end(user)).ok()?;
        let signature = self.keys().next()?.clone().chain_update(b"ticket").chain_update(nonce).chain_update(&bytes);
        bytes.extend(signature.finalize().into_bytes());
        Some(format!("{TICKET}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    fn read_ticket(&self, ticket: &str, nonce: &Nonce) -> Option<Principal> {
        let bytes = URL_SAFE_NO_PAD.decode(ticket.strip_prefix(TICKET)?).ok()?;
        let (user, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        let mut macs =
            self.keys().map(|key| key.clone().chain_update(b"ticket").chain_update(nonce).chain_update(user));
        if !macs.any(|mac| mac.verify_slice(signature).is_ok()) {
            return None;
        }
        serde_json::from_slice::<Session>(user).ok().map(Session::principal)
    }
}

impl Tokens {
    /// The ticket of the connection with this token.
    pub(super) fn ticket(&self, token: &str, user: &Principal) -> Option<String> {
        let signer = self.signer();
        signer.ticket(&signer.read(&Token::decode(token)?)?.nonce, user)
    }

    /// The user whom a ticket names, if it is that of the connection with this token.
    pub(super) fn read_ticket(&self, ticket: &str, token: &str) -> Option<Principal> {
        let signer = self.signer();
        signer.read_ticket(ticket, &signer.read(&Token::decode(token)?)?.nonce)
    }
}
