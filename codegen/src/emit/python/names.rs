//! Names that Python can have.

use std::collections::BTreeSet;

/// Words that cannot be names.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Whether a text can be the name of a field. Two underscores at the start make a name that is private to its class.
pub(super) fn is_field(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    starts && !name.starts_with("__") && chars.all(|c| c.is_alphanumeric() || c == '_') && !KEYWORDS.contains(&name)
}

/// The name, with an underscore behind it if it is a word of the language.
pub(super) fn member(name: &str) -> String {
    if KEYWORDS.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// The name of an interface's class.
pub(super) fn class(name: &str) -> String {
    if super::TAKEN.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// The names of parameters; `hidden` are those that are used in another way.
pub(super) fn params<'a>(names: impl IntoIterator<Item = &'a str>, hidden: &[&str]) -> Vec<String> {
    let mut taken: BTreeSet<String> = hidden.iter().map(|name| (*name).to_owned()).collect();
    names.into_iter().map(|name| distinct(&member(name.trim_start_matches('_')), &mut taken)).collect()
}

/// The name, with underscores behind it until nothing else has it.
pub(super) fn distinct(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = if name.is_empty() { "value".to_owned() } else { member(name) };
    while !taken.insert(name.clone()) {
        name.push('_');
    }
    name
}

/// `chat_hub` of `ChatHub`.
pub(super) fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut before = None;
    for c in name.chars() {
        if c.is_uppercase() && before.is_some_and(|before: char| before.is_lowercase() || before.is_numeric()) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        before = Some(c);
    }
    out
}

/// A text between quotes.
pub(super) fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_distinct() {
        assert_eq!(params(["from", "self", "from_", "_x"], &["self"]), ["from_", "self_", "from__", "x"]);
        assert_eq!(snake("ChatHub2Client"), "chat_hub2_client");
        assert_eq!(class("Any"), "Any_");
        assert!(
            is_field("replyTo") && !is_field("reply-to") && !is_field("class") && !is_field("__x") && !is_field("1")
        );
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(text("a\"\\\n\u{1}é"), "\"a\\\"\\\\\\n\\U00000001é\"");
    }
}
