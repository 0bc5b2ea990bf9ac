//! Where the connection is that a request names: in this process, in that of another node, or nowhere yet.

use http::request::Parts;

use super::{
    Acceptor, Endpoint, NO_TOKEN, NOT_YOURS, Named, UNKNOWN,
    elsewhere::{Claim, Held},
    passing::{Kind, Reply},
    refused::Reason,
    signed::Claims,
    token,
    tokens::{Found, Line, Unfound},
};
use crate::{ids::UserId, server::http::answer::Refusal};

/// Where a connection is that a request names, and may use.
pub(super) enum Place {
    /// In this process, or there is only this one.
    Here(Named),
    /// Not in this process: it has no transport yet, or it is another node's.
    Unclaimed(Named),
    /// Another node's, or it has ended.
    Elsewhere(Claims, Option<UserId>),
}

impl<A: Acceptor> Endpoint<A> {
    /// The connection of this process that a request must name. It is refused to every user but its own, also with the
    /// right token.
    pub(super) fn named(&self, request: &Parts) -> Result<Named, Refusal> {
        let (token, user) = self.naming(request)?;
        match self.tokens.find(&token, user.as_ref()) {
            Ok(Found { claims, line, .. }) => Ok(Named { token, claims, line, user }),
            Err(unfound) => Err(self.unfound(unfound, request)),
        }
    }

    /// Where the connection is that a request must name. It is refused as [`Endpoint::named`] refuses it.
    pub(super) fn place(&self, request: &Parts) -> Result<Place, Refusal> {
        if self.elsewhere.is_none() {
            return self.named(request).map(Place::Here);
        }
        let (token, user) = self.naming(request)?;
        match self.tokens.find(&token, user.as_ref()) {
            Ok(Found { claims, line: Line::Unused, .. }) => {
                Ok(Place::Unclaimed(Named { token, claims, line: Line::Unused, user }))
            }
            Ok(Found { claims, line, .. }) => Ok(Place::Here(Named { token, claims, line, user })),
            Err(Unfound::Unknown) => match self.tokens.read(&token, user.as_ref()) {
                Ok(claims) => Ok(Place::Elsewhere(claims, user)),
                Err(unfound) => Err(self.unfound(unfound, request)),
            },
            Err(unfound) => Err(self.unfound(unfound, request)),
        }
    }

    /// The token in a request, and who sends it.
    fn naming(&self, request: &Parts) -> Result<(String, Option<UserId>), Refusal> {
        Ok((token(request).ok_or(NO_TOKEN)?, (self.user_id)(request)))
    }

    fn unfound(&self, unfound: Unfound, request: &Parts) -> Refusal {
        if unfound == Unfound::OtherUser {
            self.refused.note(Reason::OtherUser, request);
            return NOT_YOURS;
        }
        unfound.into()
    }

    /// Makes this node the owner of a connection that opens its transport, if there are others. `is_named_later`: further
    /// requests of the client will name the connection.
    pub(super) async fn claim(&self, named: &Named, is_named_later: bool) -> Result<Option<Claim>, Held> {
        let Some(elsewhere) = &self.elsewhere else { return Ok(None) };
        elsewhere.claim(&named.claims, &named.claims.id(&named.token), is_named_later).await
    }

    /// Has the node that owns a connection do what a request asks for.
    pub(super) async fn ask_elsewhere(
        &self,
        kind: Kind,
        claims: &Claims,
        user: Option<&UserId>,
        body: &[u8],
    ) -> Result<Reply, Refusal> {
        let Some(elsewhere) = &self.elsewhere else { return Err(UNKNOWN) };
        elsewhere.ask(kind, claims, user, body).await?.ok_or(UNKNOWN)
    }
}
