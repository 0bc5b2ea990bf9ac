//! Whom a hub lets in: what its `#[authorize]` requires, checked on every request before anything else of the hub runs.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use http::{StatusCode, request::Parts};

use super::http::answer::Refusal;
use crate::{
    contract::Requirement,
    hub::{Access, Decision, Policies, Principal},
};

const NO_USER: Refusal = Refusal::new(StatusCode::UNAUTHORIZED, "");
const NOT_ALLOWED: Refusal = Refusal::new(StatusCode::FORBIDDEN, "");

/// What a hub requires of those who connect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate {
    requirement: Option<&'static Requirement>,
    policies: Arc<Policies>,
}

impl Gate {
    pub(super) fn new(requirement: Option<&'static Requirement>, policies: Arc<Policies>) -> Self {
        Self { requirement, policies }
    }

    /// 401 without a user, 403 for one who has not what is required.
    pub(super) async fn check(&self, request: &Parts) -> Result<(), Refusal> {
        match self.ask(request)? {
            Decision::Now(true) => Ok(()),
            Decision::Now(false) => Err(NOT_ALLOWED),
            Decision::Later(asked) => asked.await.then_some(()).ok_or(NOT_ALLOWED),
        }
    }

    fn ask(&self, request: &Parts) -> Result<Decision, Refusal> {
        let Some(requirement) = self.requirement else { return Ok(Decision::Now(true)) };
        let user = request.extensions.get::<Principal>().ok_or(NO_USER)?;
        let access = Access { user, request, connection: None, call: None, group: None };
        let decided = catch_unwind(AssertUnwindSafe(|| self.policies.meets(requirement, &access)));
        match decided {
            Ok(decision) => Ok(decision),
            Err(_) => {
                tracing::error!("a policy panicked; the request is refused");
                Err(NOT_ALLOWED)
            }
        }
    }
}
