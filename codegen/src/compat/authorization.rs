//! Who may connect and call, compared: whether all who were let in still are.

use hubs::contract::Authorization;

use super::rules::{self, Rule};
use crate::emit::requirement;

/// What is required, of a hub or of a hub and its method together. All of it.
#[derive(Debug, Default)]
pub(super) struct Required<'a> {
    parts: Vec<&'a Authorization>,
}

impl<'a> Required<'a> {
    pub(super) fn of(parts: impl IntoIterator<Item = &'a Option<Authorization>>) -> Self {
        Self { parts: parts.into_iter().flatten().collect() }
    }

    /// Whether each user who has `other` has this.
    fn is_met_by(&self, other: &Self) -> bool {
        let roles = |required: &Self| required.parts.iter().flat_map(|part| &part.roles).cloned().collect::<Vec<_>>();
        let policies =
            |required: &Self| required.parts.iter().flat_map(|part| &part.policies).cloned().collect::<Vec<_>>();
        let (own, given) = (roles(self), roles(other));
        let has_role = |own: &Vec<String>| given.iter().any(|given| given.iter().all(|role| own.contains(role)));
        (self.parts.is_empty() || !other.parts.is_empty())
            && own.iter().all(has_role)
            && policies(self).iter().all(|policy| policies(other).contains(policy))
    }

    fn text(&self) -> String {
        if self.parts.is_empty() { "everyone".to_owned() } else { requirement::users(self.parts.iter().copied()) }
    }
}

/// The rule, and what has changed; `None` if the same users are let in.
pub(super) fn compare(old: &Required<'_>, new: &Required<'_>) -> Option<(Rule, String)> {
    let rule = match (new.is_met_by(old), old.is_met_by(new)) {
        (true, true) => return None,
        (true, false) => rules::AUTHORIZATION_LOOSER,
        (false, _) => rules::AUTHORIZATION_STRICTER,
    };
    Some((rule, format!("was for {} and is for {}", old.text(), new.text())))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn verdict(old: &Value, new: &Value) -> Option<&'static str> {
        let read =
            |value: &Value| serde_json::from_value::<Option<Authorization>>(value.clone()).expect("an authorization");
        let (old, new) = (read(old), read(new));
        compare(&Required::of([&old]), &Required::of([&new])).map(|(rule, _)| rule.name)
    }

    #[test]
    fn stricter_and_looser() {
        let (any, admin) = (json!({}), json!({"roles": [["admin"]]}));
        let either = json!({"roles": [["admin", "mod"]]});
        let both = json!({"roles": [["admin"], ["mod"]]});
        let policy = json!({"policies": ["owner"]});
        let strict = [(&Value::Null, &any), (&any, &admin), (&either, &admin), (&admin, &both), (&any, &policy)];
        for (looser, stricter) in strict {
            assert_eq!(verdict(looser, stricter), Some("authorization-stricter"), "{looser} {stricter}");
            assert_eq!(verdict(stricter, looser), Some("authorization-looser"), "{stricter} {looser}");
            assert_eq!((verdict(looser, looser), verdict(stricter, stricter)), (None, None));
        }
        assert_eq!(verdict(&policy, &admin), Some("authorization-stricter"), "another requirement lets others in");
        assert_eq!(verdict(&admin, &policy), Some("authorization-stricter"));
        assert_eq!(verdict(&either, &json!({"roles": [["mod", "admin"]]})), None, "the order does not count");
    }

    #[test]
    fn a_requirement_may_move_from_the_hub_to_its_methods() {
        let admin: Option<Authorization> = serde_json::from_value(json!({"roles": [["admin"]]})).expect("one");
        let on_hub = Required::of([&admin, &None]);
        assert!(compare(&on_hub, &Required::of([&None, &admin])).is_none());
        assert!(compare(&on_hub, &Required::of([&admin, &admin])).is_none());
        let (_, text) = compare(&on_hub, &Required::default()).expect("it is looser");
        assert_eq!(text, "was for users with the role `admin` and is for everyone");
    }
}
