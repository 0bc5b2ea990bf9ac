//! `types.ts`: every named type once, in the order of their names, and what pages send of it where that differs.

use std::collections::BTreeMap;

use hubs::contract::Contract;

use super::{
    format,
    schema::{Declared, Types},
    text,
};

/// The whole file; `None` if there are no types.
pub(super) fn emit(contract: &Contract, types: &Types<'_>, header: &str) -> Option<String> {
    // The instances of a generic type share one declaration.
    let by_name: BTreeMap<_, _> = contract.types.values().map(|def| (def.name.as_str(), def)).collect();
    let declarations = by_name.values().filter_map(|def| Some((def, types.declaration(&def.name)?)));
    let declarations = declarations.flat_map(|(def, (declared, read))| {
        let docs = text::docs(&def.docs, None, 0);
        let written = format!("{docs}export {}\n", format::declaration(&declared));
        std::iter::once(written).chain(read.map(|read| input(&def.name, &read)))
    });
    let declarations: Vec<_> = declarations.collect();
    (!declarations.is_empty()).then(|| format!("{header}\n{}", declarations.join("\n")))
}

/// What a page sends, where it is another thing than what it receives.
fn input(name: &str, declared: &Declared) -> String {
    let docs = text::docs(&format!("{{@link {name}}} as a page sends it."), None, 0);
    format!("{docs}export {}\n", format::declaration(declared))
}
