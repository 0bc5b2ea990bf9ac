//! Names that C# can have.

use std::collections::BTreeSet;

use crate::emit::model::pascal;

/// Words that need an `@` to be names.
const KEYWORDS: [&str; 77] = [
    "abstract",
    "as",
    "base",
    "bool",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "checked",
    "class",
    "const",
    "continue",
    "decimal",
    "default",
    "delegate",
    "do",
    "double",
    "else",
    "enum",
    "event",
    "explicit",
    "extern",
    "false",
    "finally",
    "fixed",
    "float",
    "for",
    "foreach",
    "goto",
    "if",
    "implicit",
    "in",
    "int",
    "interface",
    "internal",
    "is",
    "lock",
    "long",
    "namespace",
    "new",
    "null",
    "object",
    "operator",
    "out",
    "override",
    "params",
    "private",
    "protected",
    "public",
    "readonly",
    "ref",
    "return",
    "sbyte",
    "sealed",
    "short",
    "sizeof",
    "stackalloc",
    "static",
    "string",
    "struct",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "uint",
    "ulong",
    "unchecked",
    "unsafe",
    "ushort",
    "using",
    "virtual",
    "void",
    "volatile",
    "while",
];

/// Members that every record has.
const OF_RECORDS: [&str; 8] =
    ["Clone", "Deconstruct", "EqualityContract", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone"];

/// A name that begins as names do.
pub(super) fn identifier(name: &str) -> String {
    match name.chars().next() {
        None => "Value".to_owned(),
        Some(first) if first.is_alphabetic() || first == '_' => name.to_owned(),
        Some(_) => format!("_{name}"),
    }
}

/// Names of members of one type, each once and none as the type itself.
#[derive(Debug)]
pub(super) struct Members(BTreeSet<String>);

impl Members {
    pub(super) fn of(owner: &str) -> Self {
        let reserved = OF_RECORDS.iter().chain(&["ToString", "PrintMembers", "Json"]).copied();
        Self(reserved.chain([owner]).map(str::to_owned).collect())
    }

    /// The member for a name in JSON.
    pub(super) fn add(&mut self, name: &str) -> String {
        let mut member = identifier(&pascal(name));
        while !self.0.insert(member.clone()) {
            member.push('_');
        }
        member
    }
}

/// The method for a name in Rust: `SendMessageAsync`.
pub(super) fn method(rust_name: &str) -> String {
    format!("{}Async", identifier(&pascal(rust_name)))
}

/// The names of parameters, each once.
pub(super) fn params<'a>(names: impl IntoIterator<Item = &'a str>, hidden: &[&str]) -> Vec<String> {
    let mut taken: BTreeSet<String> = hidden.iter().map(|name| (*name).to_owned()).collect();
    let param = |name: &str| {
        let name = identifier(&pascal(name));
        let mut chars = name.chars();
        let mut name: String = chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect();
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        if KEYWORDS.contains(&name.as_str()) { format!("@{name}") } else { name }
    };
    names.into_iter().map(param).collect()
}

/// A text between quotes.
pub(super) fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
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
        let hidden = ["cancellationToken"];
        let named = params(["event", "cancellation_token", "from_user", "2d"], &hidden);
        assert_eq!(named, ["@event", "cancellationToken_", "fromUser", "_2d"]);
        assert_eq!(method("send_message"), "SendMessageAsync");
        let mut members = Members::of("Note");
        assert_eq!(
            ["note", "reply-to", "replyTo", "json", ""].map(|name| members.add(name)),
            ["Note_", "ReplyTo", "ReplyTo_", "Json_", "Value"]
        );
        assert_eq!(text("a\"\\\n"), "\"a\\\"\\\\\\u000a\"");
    }
}
