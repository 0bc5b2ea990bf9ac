//! Names in TypeScript made from names in Rust.

use hubs::contract::Param;

/// Words that cannot name a parameter or a type in strict code.
pub(super) const RESERVED_WORDS: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Files that the generator writes itself, and names that Windows does not allow.
const FILES: &[&str] = &[
    "types",
    "errors",
    "runtime",
    "connection",
    "call",
    "lazy",
    "log",
    "presence",
    "refresh",
    "streams",
    "index",
    "vue",
    "react",
    "aux",
    "con",
    "nul",
    "prn",
];

/// Names that the generated functions use themselves.
const OUR_NAMES: &[&str] = &[
    "connection",
    "handlers",
    "invoke",
    "invokeCancellable",
    "latest",
    "register",
    "send",
    "signal",
    "stream",
    "upload",
    "withErrors",
];

/// `sendMessage` for `send_message`.
pub(super) fn camel(rust_name: &str) -> String {
    let mut name = String::new();
    for part in rust_name.trim_start_matches("r#").split('_').filter(|part| !part.is_empty()) {
        let mut chars = part.chars();
        let Some(first) = chars.next() else { continue };
        if name.is_empty() {
            name.extend(first.to_lowercase());
        } else {
            name.extend(first.to_uppercase());
        }
        name.push_str(chars.as_str());
    }
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// The parameters' names in a signature, each legal and each of them once.
pub(super) fn params(params: &[Param]) -> Vec<String> {
    distinct(params, &[])
}

/// The parameters' names inside a generated function, where ours must stay visible.
pub(super) fn locals(params: &[Param]) -> Vec<String> {
    distinct(params, OUR_NAMES)
}

fn distinct(params: &[Param], hidden: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for param in params {
        let mut name = camel(&param.name);
        while RESERVED_WORDS.contains(&name.as_str()) || hidden.contains(&name.as_str()) || names.contains(&name) {
            name.push('_');
        }
        names.push(name);
    }
    names
}

/// A method as a member of an interface: `new(..)` would be a constructor there.
pub(super) fn member(name: &str) -> String {
    if name == "new" { "\"new\"".to_owned() } else { name.to_owned() }
}

/// A name as a key of an object.
pub(super) fn key(name: &str) -> String {
    match name {
        // `{ __proto__: .. }` would set the object's prototype.
        "__proto__" => "[\"__proto__\"]".to_owned(),
        // Of letters beyond 16 bits not every tool knows that they are letters.
        _ if is_identifier(name) && name.chars().all(|c| u32::from(c) < 0x1_0000) => name.to_owned(),
        _ => text(name),
    }
}

/// Whether a name can be the name of a type.
pub(super) fn is_identifier(name: &str) -> bool {
    let starts = |c: char| c.is_alphabetic() || c == '_' || c == '$';
    name.starts_with(starts) && name.chars().all(|c| starts(c) || c.is_ascii_digit())
}

/// A string literal, in the quotes that need fewer escapes.
pub(super) fn text(value: &str) -> String {
    // JSON strings are JavaScript strings.
    let json = serde_json::Value::from(value).to_string();
    let count = |quote: char| value.chars().filter(|c| *c == quote).count();
    if count('"') <= count('\'') {
        return json;
    }
    let inner = &json[1..json.len() - 1];
    format!("'{}'", inner.replace('\'', "\\'").replace("\\\"", "\""))
}

/// A type that is one word or one value; texts are JSON there.
pub(super) fn literal(word: &str) -> String {
    match serde_json::from_str(word) {
        Ok(serde_json::Value::String(value)) => text(&value),
        _ => word.to_owned(),
    }
}

/// `Chat` for `ChatHub`: what a page connects to.
pub(super) fn application(hub: &str) -> &str {
    match hub.strip_suffix("Hub") {
        Some(rest) if !rest.is_empty() => rest,
        _ => hub,
    }
}

/// The module of an interface: `chat-hub` for `ChatHub`.
pub(super) fn file(interface: &str) -> String {
    let chars: Vec<_> = interface.trim_start_matches("r#").chars().collect();
    let mut name = String::new();
    for (index, &c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| chars[index]);
        let starts_word = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && chars.get(index + 1).is_some_and(|next| next.is_lowercase()))
            });
        if starts_word {
            name.push('-');
        }
        if c == '_' {
            name.push('-');
        } else {
            name.extend(c.to_lowercase());
        }
    }
    if FILES.contains(&name.as_str()) { format!("{name}-interface") } else { name }
}

#[cfg(test)]
mod tests {
    use hubs::contract::{ContractFlow, TypeRef};

    use super::*;

    #[test]
    fn rust_names_become_camel_case() {
        assert_eq!(camel("send_message"), "sendMessage");
        assert_eq!(camel("r#type"), "type");
        assert_eq!(camel("_unused"), "unused");
        assert_eq!(camel("_2d"), "_2d");
        assert_eq!(camel("v2_room"), "v2Room");
    }

    #[test]
    fn parameters_are_legal_and_distinct() {
        let param = |name: &str| Param {
            name: name.to_owned(),
            flow: ContractFlow::Value,
            ty: TypeRef { schema: serde_json::Value::Null, shape: None },
        };
        let names = ["delete", "connection", "a_b", "aB", "room"].map(param);
        assert_eq!(params(&names), ["delete_", "connection", "aB", "aB_", "room"]);
        assert_eq!(locals(&names), ["delete_", "connection_", "aB", "aB_", "room"]);
    }

    #[test]
    fn files_are_kebab_case() {
        assert_eq!(file("ChatHub"), "chat-hub");
        assert_eq!(file("HTTPHub"), "http-hub");
        assert_eq!(file("Types"), "types-interface");
        assert_eq!(application("ChatHub"), "Chat");
        assert_eq!(application("Hub"), "Hub");
    }
}
