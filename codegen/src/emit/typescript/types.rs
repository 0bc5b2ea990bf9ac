//! `types.ts`: every named type once, in the order of their names, and what pages send of it where that differs.

use std::collections::BTreeMap;

use hubs::contract::Contract;

use super::{format, text};

/// The whole file.
pub(super) fn emit(contract: &Contract, header: &str) -> String {
    // The instances of a generic type share one declaration.
    let declarations: BTreeMap<_, _> = contract.types.values().map(|def| (def.name.as_str(), def)).collect();
    let declarations = declarations.values().flat_map(|def| {
        let docs = text::docs(&def.docs, None, 0);
        let written = format!("{docs}export {}\n", format::declaration(&def.ts));
        std::iter::once(written).chain(def.ts_input.as_deref().map(|ts| input(&def.name, ts)))
    });
    std::iter::once(header.to_owned()).chain(declarations).collect::<Vec<_>>().join("\n")
}

/// What a page sends, where it is another thing than what it receives.
fn input(name: &str, ts: &str) -> String {
    let docs = text::docs(&format!("{{@link {name}}} as a page sends it."), None, 0);
    format!("{docs}export {}\n", format::declaration(ts))
}
