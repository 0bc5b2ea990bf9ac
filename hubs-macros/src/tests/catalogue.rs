//! The catalogue of rules, and `docs/errors.md`, which is made from it.

use std::{collections::BTreeSet, fmt::Write};

use expect_test::expect_file;

use crate::{
    diag::{Subject, rules},
    model::Role,
};

#[test]
fn every_rule_has_a_section_in_the_docs() {
    let subject = Subject::new(Role::Hub, "ChatHub");
    let mut page = String::from(
        "# Errors of the macros\n\nEvery mistake in a trait is reported at once, each with a code, the place in your \
         code and the legal shape.\n",
    );
    for rule in rules::ALL {
        let (title, help) = (subject.fill(rule.title), subject.fill(rule.help));
        write!(page, "\n## {}\n\n{}.\n\n**Legal:** {help}\n\n{}\n", rule.code, capital(&title), rule.why).unwrap();
    }
    expect_file!["../../../docs/errors.md"].assert_eq(&page);
}

#[test]
fn codes_are_in_order_and_used_once() {
    let codes: Vec<&str> = rules::ALL.iter().map(|rule| rule.code).collect();
    let sorted: Vec<&str> = codes.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(codes, sorted);
    assert!(codes.iter().all(|code| code.len() == 6 && code.starts_with("HUB")));
}

#[test]
fn a_message_has_its_code_and_the_legal_shape_for_its_side() {
    let shape = |role| Subject::new(role, "Chat").method("send").fill(rules::NOT_ASYNC.help);
    assert_eq!(shape(Role::Hub), "`async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;`");
    assert_eq!(shape(Role::Client), "`async fn send(&self, text: String) -> HubResult<()>;`");
    for rule in rules::ALL {
        let subject = Subject::new(Role::Client, "Chat");
        let filled = format!("{}{}", subject.fill(rule.title), subject.fill(rule.help));
        for placeholder in ["{trait}", "{method}", "{name}", "{kind}", "{args}", "{interface}"] {
            assert!(!filled.contains(placeholder), "{}: {filled}", rule.code);
        }
    }
}

/// With a capital letter, unless it starts with code.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
