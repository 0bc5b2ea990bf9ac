//! Writes types on one line, as ts-rs does; people get them from the formatter of `cargo hubs`.

use super::{Field, Key, Ty};

/// A type. Brackets are put where they are needed.
#[must_use]
pub fn ty(value: &Ty) -> String {
    match value {
        Ty::Union(parts) => joined(parts, " | ", |part| matches!(part, Ty::Union(_))),
        Ty::All(parts) => joined(parts, " & ", |part| matches!(part, Ty::Union(_) | Ty::All(_))),
        Ty::Atom(text) => text.clone(),
        Ty::Generic(name, items) => format!("{name}<{}>", joined(items, ", ", |_| false)),
        Ty::Tuple(items) => format!("[{}]", joined(items, ", ", |_| false)),
        Ty::Object(fields) => match fields.as_slice() {
            [] => "{  }".to_owned(),
            [Field { key: Key::Each(..), .. }] => format!("{{ {} }}", field(&fields[0])),
            _ => format!("{{ {}, }}", fields.iter().map(field).collect::<Vec<_>>().join(", ")),
        },
        Ty::Group(inner) => format!("({})", ty(inner)),
        Ty::Array(inner) => format!("{}[]", bracketed(inner, matches!(**inner, Ty::Union(_) | Ty::All(_)))),
    }
}

/// `type Name = ...;`
#[must_use]
pub fn declaration(head: &str, body: &Ty) -> String {
    format!("type {head} = {};", ty(body))
}

/// A string literal.
#[must_use]
pub fn quoted(text: &str) -> String {
    // JSON strings are JavaScript strings.
    serde_json::Value::from(text).to_string()
}

fn joined(parts: &[Ty], between: &str, brackets: fn(&Ty) -> bool) -> String {
    parts.iter().map(|part| bracketed(part, brackets(part))).collect::<Vec<_>>().join(between)
}

fn bracketed(part: &Ty, brackets: bool) -> String {
    if brackets { format!("({})", ty(part)) } else { ty(part) }
}

fn field(field: &Field) -> String {
    let docs = if field.docs.is_empty() {
        String::new()
    } else {
        let docs = field.docs.replace("*/", "*\\/");
        let lines: String = docs.lines().map(|line| format!(" * {line}").trim_end().to_owned() + "\n").collect();
        format!("\n/**\n{lines} */\n")
    };
    let key = match &field.key {
        Key::Name(name) => name.clone(),
        Key::Each(name, each) => format!("[{name} in {}]", ty(each)),
    };
    format!("{docs}{key}{}: {}", if field.optional { "?" } else { "" }, ty(&field.ty))
}
