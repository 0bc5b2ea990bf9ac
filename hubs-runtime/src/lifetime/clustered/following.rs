//! Groups and users that readers of the feed follow here.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{Shared, confirmed};
use crate::{
    backplane::Subscription,
    ids::{GroupName, UserId},
    lifetime::Following,
};

/// Ends the subscriptions that this reader was the last to need.
struct Followed {
    shared: Arc<Shared>,
    groups: Vec<(GroupName, Arc<Subscription>)>,
    user: Option<(UserId, Arc<Subscription>)>,
}

impl Shared {
    pub(super) fn follow(self: &Arc<Self>, user: Option<&UserId>, groups: &[GroupName]) -> Following {
        let mut is_new = self.started.get().is_none();
        let mut needed = vec![self.start().all.confirmed().boxed()];
        let mut follow_group = |group: &GroupName| {
            let subscribe = || {
                is_new = true;
                self.subscribe_group(group)
            };
            let subscription = self.members.groups.get(group, subscribe);
            needed.push(subscription.confirmed().boxed());
            (group.clone(), subscription)
        };
        let groups = groups.iter().map(&mut follow_group).collect();
        let user = user.map(|user| {
            let subscribe = || {
                is_new = true;
                self.subscribe_user(user)
            };
            let subscription = self.members.users.get(user, subscribe);
            needed.push(subscription.confirmed().boxed());
            (user.clone(), subscription)
        });
        Following::new(Followed { shared: Arc::clone(self), groups, user }, is_new, confirmed(needed))
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        for (group, subscription) in self.groups.drain(..) {
            self.shared.members.groups.leave(&group, subscription);
        }
        if let Some((user, subscription)) = self.user.take() {
            self.shared.members.users.leave(&user, subscription);
        }
    }
}
