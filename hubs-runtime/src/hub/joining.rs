//! Groups that a connection is in only as long as its user meets a condition: joining them, and checking them again.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::{Caller, Require, principal::same};
use crate::{
    clients::Condition,
    ids::{GroupName, HubError, HubResult},
};

impl Caller {
    /// Joins a group if the current user has what is required. Runs user code.
    pub(super) async fn join(self: &Arc<Self>, group: GroupName, require: Require<'_>) -> HubResult<()> {
        let user = self.current();
        let decision = self.may(user.as_deref(), require, Some(&group));
        if !decision.wait().await {
            return Err(HubError::unauthorized());
        }
        let Some(latest) = &self.latest_user else {
            return Ok(self.core.lifetime.add_to_group(&self.peer.id, &group).await?);
        };
        let condition = Condition::from(require);
        latest.concerns(self);
        self.core.guarded.insert(&self.peer.id, &group, condition.clone());
        if self.peer.ended.is_cancelled() {
            // What is noted of connections that end may have been forgotten before.
            self.core.guarded.forget_all(&self.peer.id);
        }
        if let Err(error) = self.core.lifetime.add_to_group(&self.peer.id, &group).await {
            // It is in as many groups as it may: nothing more is noted for it either.
            self.core.guarded.forget(&self.peer.id, &group);
            return Err(error.into());
        }
        // The user may have changed between the check and the note.
        if !same(user.as_deref(), self.current().as_deref()) && !self.stays(&group, &condition).await {
            return Err(HubError::unauthorized());
        }
        Ok(())
    }

    /// Checks all groups again that were joined under a condition, and leaves those that the current user may not be in.
    /// A task of its own, so that nothing keeps it from its end.
    pub(crate) fn check_groups(self: Arc<Self>) -> JoinHandle<()> {
        tokio::spawn(async move {
            for (group, condition) in self.core.guarded.of(&self.peer.id) {
                self.stays(&group, &condition).await;
            }
        })
    }

    /// Whether the current user may stay in a group; else the connection leaves it.
    async fn stays(&self, group: &GroupName, condition: &Condition) -> bool {
        let user = self.current();
        let decide =
            std::panic::AssertUnwindSafe(|| condition.with(|require| self.may(user.as_deref(), require, Some(group))));
        let decision = std::panic::catch_unwind(decide);
        let stays = match decision {
            Ok(decision) => decision.wait().await,
            Err(_) => {
                tracing::error!(?condition, %group, "a policy panicked, so it refuses");
                false
            }
        };
        if !stays {
            tracing::debug!(connection = %self.peer.id, %group, "the user may not be in the group any more");
            self.core.guarded.forget(&self.peer.id, group);
            if let Err(error) = self.core.lifetime.remove_from_group(&self.peer.id, group).await {
                tracing::error!(connection = %self.peer.id, %group, %error, "a connection was not taken out of a group");
            }
        }
        stays
    }

    /// The user now.
    fn current(&self) -> Option<Arc<super::Principal>> {
        self.latest_principal().unwrap_or_else(|| self.principal().cloned().map(Arc::new))
    }
}

impl From<Require<'_>> for Condition {
    fn from(require: Require<'_>) -> Self {
        match require {
            Require::User => Self::User,
            Require::Role(role) => Self::Role(role.to_owned()),
            Require::AnyRole(roles) => Self::AnyRole(roles.iter().map(|role| (*role).to_owned()).collect()),
            Require::Policy(policy) => Self::Policy(policy.to_owned()),
        }
    }
}

impl Condition {
    fn with<R>(&self, check: impl FnOnce(Require<'_>) -> R) -> R {
        match self {
            Self::User => check(Require::User),
            Self::Role(role) => check(Require::Role(role)),
            Self::AnyRole(roles) => check(Require::AnyRole(&roles.iter().map(String::as_str).collect::<Vec<_>>())),
            Self::Policy(policy) => check(Require::Policy(policy)),
        }
    }
}
