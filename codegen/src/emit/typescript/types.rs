//! `types.ts`: every named type once, in the order of their names.

use std::collections::BTreeMap;

use hubs::contract::Contract;

use super::{format, text};

/// The whole file.
pub(super) fn emit(contract: &Contract, header: &str) -> String {
    // The instances of a generic type share one declaration.
    let declarations: BTreeMap<_, _> = contract.types.values().map(|def| (def.name.as_str(), def)).collect();
    let declarations = declarations.values().map(|def| {
        let docs = text::docs(&def.docs, None, 0);
        format!("{docs}export {}\n", format::declaration(&def.ts))
    });
    std::iter::once(header.to_owned()).chain(declarations).collect::<Vec<_>>().join("\n")
}
