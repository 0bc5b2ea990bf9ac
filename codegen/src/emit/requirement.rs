//! Who may connect and call, in words.

use hubs::contract::Authorization;

/// `users with the role `admin` or `mod`, whom the policy `owner` allows`.
pub(crate) fn users<'a>(parts: impl IntoIterator<Item = &'a Authorization>) -> String {
    let parts: Vec<&Authorization> = parts.into_iter().collect();
    let mut roles: Vec<String> = Vec::new();
    for text in parts.iter().flat_map(|part| &part.roles).map(|one| format!("the role {}", named(one, " or "))) {
        if !roles.contains(&text) {
            roles.push(text);
        }
    }
    let mut policies: Vec<String> = Vec::new();
    for policy in parts.iter().flat_map(|part| &part.policies) {
        if !policies.contains(policy) {
            policies.push(policy.clone());
        }
    }
    let mut text =
        if roles.is_empty() { "signed-in users".to_owned() } else { format!("users with {}", roles.join(" and ")) };
    match policies.len() {
        0 => {}
        1 => text += &format!(" whom the policy {} allows", named(&policies, "")),
        _ => text += &format!(" whom the policies {} allow", named(&policies, " and ")),
    }
    text
}

fn named(names: &[String], between: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        let of = |roles: &[&[&str]], policies: &[&str]| {
            let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
            let roles = roles.iter().map(|one| texts(one)).collect();
            users([&Authorization { roles, policies: texts(policies) }])
        };
        assert_eq!(of(&[], &[]), "signed-in users");
        assert_eq!(of(&[&["a", "b"]], &[]), "users with the role `a` or `b`");
        assert_eq!(
            of(&[&["a"], &["b"]], &["p"]),
            "users with the role `a` and the role `b` whom the policy `p` allows"
        );
        assert_eq!(of(&[], &["p", "q"]), "signed-in users whom the policies `p` and `q` allow");
    }
}
