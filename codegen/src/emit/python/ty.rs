//! Types in Python's words.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Module, names};
use crate::emit::model::Kind;

/// Where a type stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// An annotation, which is not evaluated.
    Annotation,
    /// An expression, which is: names of types may not be known yet, and texts have no `|`.
    Expression,
}

/// The type as it is written in `module`, with all imports that it needs.
pub(super) fn ty(module: &mut Module, kind: &Kind, style: Style) -> String {
    let nested = |module: &mut Module, kind: &Kind| ty(module, kind, style);
    match kind {
        Kind::Any => module.typing("Any"),
        Kind::Never => module.typing("NoReturn"),
        Kind::Null => "None".to_owned(),
        Kind::Bool => module.builtin("bool"),
        Kind::Int { .. } => module.builtin("int"),
        Kind::Float(_) => module.builtin("float"),
        Kind::Text | Kind::Bytes => module.builtin("str"),
        Kind::Literal(_) | Kind::Union(_) => union(module, kind.parts(), style),
        Kind::List(item) => format!("{}[{}]", module.builtin("list"), nested(module, item)),
        Kind::Tuple(parts) if parts.is_empty() => format!("{}[{}]", module.builtin("list"), module.typing("Any")),
        Kind::Tuple(parts) => {
            let item = Kind::union(parts.iter().cloned());
            format!("{}[{}]", module.builtin("list"), nested(module, &item))
        }
        Kind::Map(values) => {
            let (dict, text) = (module.builtin("dict"), module.builtin("str"));
            format!("{dict}[{text}, {}]", nested(module, values))
        }
        Kind::Named(name) => {
            module.model(name);
            if style == Style::Expression { names::text(name) } else { name.clone() }
        }
        Kind::Object(_) => {
            let (dict, text) = (module.builtin("dict"), module.builtin("str"));
            format!("{dict}[{text}, {}]", module.typing("Any"))
        }
    }
}

fn union(module: &mut Module, parts: &[Kind], style: Style) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut literals: Vec<String> = Vec::new();
    let mut place = None;
    for part in parts {
        let word = match part {
            Kind::Literal(value) => match literal(value) {
                Some(literal) => {
                    place.get_or_insert(words.len());
                    literals.push(literal);
                    continue;
                }
                None => module.builtin("float"),
            },
            other => ty(module, other, style),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if let Some(place) = place {
        words.insert(place, format!("{}[{}]", module.typing("Literal"), literals.join(", ")));
    }
    match words.as_slice() {
        [one] => one.clone(),
        _ if style == Style::Annotation => words.join(" | "),
        _ => format!("{}[{}]", module.typing("Union"), words.join(", ")),
    }
}

/// A value that `Literal` takes.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(names::text(text)),
        Value::Bool(value) => Some(if *value { "True" } else { "False" }.to_owned()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// Names of builtins that types use, and that a method or field of the same name would hide.
pub(super) fn hidden<'a>(members: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    const USED: [&str; 6] = ["bool", "dict", "float", "int", "list", "str"];
    members.into_iter().filter(|member| USED.contains(member)).map(str::to_owned).collect()
}
