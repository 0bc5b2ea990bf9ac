//! `types.ts`: every named type once, in the order of their names, and what pages send of it where that differs.

use std::collections::BTreeMap;

use hubs::contract::Contract;

use super::{
    format, names, recursion,
    schema::{Declared, Ty, Types, type_docs},
    text,
};

/// The whole file; `None` if there are no types.
pub(super) fn emit(contract: &Contract, types: &Types<'_>, header: &str) -> Option<String> {
    // The instances of a generic type share one declaration.
    let docs: BTreeMap<_, _> = contract.types.values().map(|def| (def.name.as_str(), type_docs(def))).collect();
    let mut declared = BTreeMap::new();
    for name in docs.keys() {
        let Some((written, read)) = types.declaration(name) else { continue };
        declared.extend([Some(written), read].into_iter().flatten().map(|one| (one.name.clone(), one)));
    }
    let declared = recursion::resolved(declared);
    let mut items = vec![header.to_owned()];
    for (name, docs) in docs {
        let Some(one) = declared.get(name) else { continue };
        items.push(format!("{}export {}\n", text::docs(&docs, None, 0), format::declaration(one)));
        items.extend(values(one));
        let read = types.input_name(name).and_then(|input| declared.get(&input));
        items.extend(read.map(|read| input(name, read)));
    }
    (items.len() > 1).then(|| items.join("\n"))
}

/// What a page sends, where it is another thing than what it receives.
fn input(name: &str, declared: &Declared) -> String {
    let docs = text::docs(&format!("{{@link {name}}} as a page sends it."), None, 0);
    format!("{docs}export {}\n", format::declaration(declared))
}

/// The list of the values of a type that is one of several texts or numbers.
fn values(declared: &Declared) -> Option<String> {
    let values: Vec<_> = literals(&declared.body)?.into_iter().map(names::literal).collect();
    let docs = text::docs(&format!("All values of {{@link {}}}.", declared.name), None, 0);
    let head = format!("{docs}export const {} = [", values_name(&declared.name));
    let line = format!("{}] as const;", values.join(", "));
    let width = text::width(head.lines().last().unwrap_or_default()) + text::width(&line);
    if width <= text::WIDTH {
        return Some(format!("{head}{line}\n"));
    }
    let lines: String = values.iter().map(|value| format!("  {value},\n")).collect();
    Some(format!("{head}\n{lines}] as const;\n"))
}

/// The name of the list of a type's values.
pub(super) fn values_name(name: &str) -> String {
    format!("{name}Values")
}

/// The texts, or the numbers, that a type is one of.
pub(super) fn literals<'a>(body: &'a Ty) -> Option<Vec<&'a str>> {
    let Ty::Union(parts) = body else { return None };
    let all = |begin: fn(char) -> bool| {
        let literal = |part: &'a Ty| match part {
            Ty::Atom(text) if text.starts_with(begin) => Some(text.as_str()),
            _ => None,
        };
        parts.iter().map(literal).collect::<Option<Vec<_>>>()
    };
    all(|c| c == '"').or_else(|| all(|c| c == '-' || c.is_ascii_digit()))
}
