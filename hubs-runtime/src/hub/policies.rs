//! Who may do what: the policies of an application, and what they decide on. Must not know HTTP routes.

use std::{collections::HashMap, fmt, panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use serde::de::DeserializeOwned;

use super::{Principal, arguments::argument};
use crate::{
    call::BoxFuture,
    contract::{MethodDescriptor, Requirement},
    ids::{ConnectionId, GroupName},
    protocol::Arguments,
};

type Policy = Arc<dyn Fn(&Access<'_>) -> Decision + Send + Sync>;

/// What policies say.
pub(crate) enum Decision {
    Now(bool),
    /// Once this has ended. It does not panic.
    Later(BoxFuture<bool>),
}

/// The policies of an application, by name.
#[derive(Clone, Default)]
pub(crate) struct Policies(HashMap<String, Policy>);

/// What a policy decides on: who asks, and for what. [`Hubs::policy`](crate::Hubs::policy) shows one.
pub struct Access<'a> {
    pub(crate) user: &'a Principal,
    pub(crate) request: &'a http::request::Parts,
    pub(crate) connection: Option<&'a ConnectionId>,
    pub(crate) call: Option<(&'static MethodDescriptor, &'a Arguments<'a>)>,
    pub(crate) group: Option<&'a GroupName>,
}

impl Access<'_> {
    /// The user. A policy is only asked about authenticated users.
    pub fn user(&self) -> &Principal {
        self.user
    }

    /// The request that made the connection, or makes it.
    pub fn request(&self) -> &http::request::Parts {
        self.request
    }

    /// The connection; `None` while it is being made.
    pub fn connection_id(&self) -> Option<&ConnectionId> {
        self.connection
    }

    /// The method that is called, by its name on the wire; `None` if the policy is not asked about a call.
    pub fn method(&self) -> Option<&'static str> {
        self.call.map(|(method, _)| method.name)
    }

    /// The group that the connection is to join, or to stay in; `None` if the policy is not asked about a group.
    pub fn group(&self) -> Option<&GroupName> {
        self.group
    }

    /// The argument of this name, by the name of the parameter in Rust, decoded now. `None` if the method has no such
    /// parameter, or the argument is no `T`: refuse then.
    pub fn argument<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let (method, arguments) = self.call?;
        argument(method, arguments.clone(), name)
    }
}

impl fmt::Debug for Access<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("user", &self.user.id()).field("method", &self.method()).finish_non_exhaustive()
    }
}

/// What [`HubCallerContext::authorize`](crate::HubCallerContext::authorize) requires of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Require<'a> {
    /// Any authenticated user.
    User,
    /// A user with this role.
    Role(&'a str),
    /// A user with one of these roles.
    AnyRole(&'a [&'a str]),
    /// A user whom this policy allows; see [`Hubs::policy`](crate::Hubs::policy).
    Policy(&'a str),
}

impl Policies {
    pub(crate) fn add(&mut self, name: &str, policy: impl Fn(&Access<'_>) -> bool + Send + Sync + 'static) {
        self.0.insert(name.to_owned(), Arc::new(move |access| Decision::Now(policy(access))));
    }

    /// Adds one that has to wait for something. If it panics it refuses.
    pub(crate) fn add_async<F>(&mut self, name: &str, policy: impl Fn(&Access<'_>) -> F + Send + Sync + 'static)
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let shown: Arc<str> = name.into();
        let policy = move |access: &Access<'_>| {
            let (asked, name) = (AssertUnwindSafe(policy(access)).catch_unwind(), Arc::clone(&shown));
            Decision::Later(Box::pin(async move {
                asked.await.unwrap_or_else(|_| {
                    tracing::error!(policy = &*name, "a policy panicked, so it refuses");
                    false
                })
            }))
        };
        self.0.insert(name.to_owned(), Arc::new(policy));
    }

    /// Whether there is a policy of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether `access` has all of `requirement`. Runs user code.
    pub(crate) fn meets(&self, requirement: &Requirement, access: &Access<'_>) -> Decision {
        let has_one = |roles: &&[&str]| roles.iter().any(|role| access.user.has_role(role));
        let roles = Decision::Now(requirement.roles.iter().all(has_one));
        requirement.policies.iter().fold(roles, |so_far, policy| so_far.and(|| self.allows(policy, access)))
    }

    /// Whether `access` has this. Runs user code.
    pub(crate) fn fulfils(&self, require: Require<'_>, access: &Access<'_>) -> Decision {
        Decision::Now(match require {
            Require::User => true,
            Require::Role(role) => access.user.has_role(role),
            Require::AnyRole(roles) => roles.iter().any(|role| access.user.has_role(role)),
            Require::Policy(policy) => return self.allows(policy, access),
        })
    }

    /// A policy that is not there allows nothing.
    fn allows(&self, name: &str, access: &Access<'_>) -> Decision {
        let Some(policy) = self.0.get(name) else {
            tracing::error!(policy = name, "there is no such policy, so it refuses: add it with Hubs::policy");
            return Decision::Now(false);
        };
        policy(access)
    }
}

impl Decision {
    /// Both must hold. `other` is not asked where this has refused already.
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        let first = match self {
            Self::Now(false) => return self,
            Self::Now(true) => return other(),
            Self::Later(first) => first,
        };
        match other() {
            Self::Now(true) => Self::Later(first),
            Self::Now(false) => Self::Now(false),
            Self::Later(second) => Self::Later(Box::pin(async move { first.await && second.await })),
        }
    }

    /// Waits for it.
    pub(crate) async fn wait(self) -> bool {
        match self {
            Self::Now(allowed) => allowed,
            Self::Later(asked) => asked.await,
        }
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> http::request::Parts {
        http::Request::new(()).into_parts().0
    }

    fn meets(policies: &Policies, user: &Principal, requirement: Requirement) -> Decision {
        let request = request();
        let access = Access { user, request: &request, connection: None, call: None, group: None };
        policies.meets(&requirement, &access)
    }

    #[test]
    fn every_list_of_roles_and_every_policy_must_hold() {
        let mut policies = Policies::default();
        policies.add("yes", |_| true);
        policies.add("tenant", |access| access.user().claim("tenant").is_some());
        let meets = |user: &Principal, requirement| matches!(meets(&policies, user, requirement), Decision::Now(true));
        let both = Requirement { roles: &[&["a", "b"], &["c"]], policies: &[] };
        let user = Principal::new("ann");
        assert!(meets(&user, Requirement { roles: &[], policies: &[] }));
        assert!(
            !meets(&user, both)
                && !meets(&user.clone().with_role("a"), both)
                && !meets(&user.clone().with_role("c"), both)
        );
        assert!(meets(&user.clone().with_role("b").with_role("c"), both));
        assert!(!meets(&user.clone().with_role("A").with_role("c"), both), "case counts");
        let tenant = Requirement { roles: &[], policies: &["yes", "tenant"] };
        assert!(!meets(&user, tenant) && meets(&user.clone().with_claim("tenant", "blue"), tenant));
        assert!(!meets(&user, Requirement { roles: &[], policies: &["yes", "unknown"] }), "an unknown policy refuses");
    }

    #[tokio::test]
    async fn what_refuses_at_once_waits_for_nothing() {
        let mut policies = Policies::default();
        policies.add("yes", |_| true);
        policies.add("no", |_| false);
        policies.add_async("later", |_| async { true });
        policies.add_async("never", |_| async { false });
        policies.add_async("panics", |_| async { panic!("a policy") });
        let user = Principal::new("ann");
        let asked =
            |names: &'static [&'static str]| meets(&policies, &user, Requirement { roles: &[], policies: names });
        for refused in [&["no", "later"][..], &["later", "no"], &["later", "unknown"]] {
            assert!(matches!(asked(refused), Decision::Now(false)), "{refused:?}");
        }
        for (names, allowed) in [
            (&["later"][..], true),
            (&["yes", "later", "later", "yes"], true),
            (&["later", "never"], false),
            (&["never", "later"], false),
            (&["later", "panics"], false),
        ] {
            let Decision::Later(decision) = asked(names) else { panic!("{names:?} waits") };
            assert_eq!(decision.await, allowed, "{names:?}");
        }
    }
}
