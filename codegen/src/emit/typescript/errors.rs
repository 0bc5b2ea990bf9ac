//! `errors.ts`: for each type of errors that methods name, a function that finds it in the error of a failed call.

use std::collections::BTreeMap;

use hubs::contract::{Contract, Direction, Method, TypeRef};

use super::{GeneratedFile, Module, Types, names, schema::Ty, text};

/// A type of errors, as TypeScript names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// `JoinError`; the errors of calls carry it, to be told apart by.
    pub(super) text: String,
    /// `isJoinError`
    pub(super) guard: String,
}

/// The errors that a method names; `None` for a method that fails with text, or whose errors have no name.
pub(super) fn named(types: &Types<'_>, method: &Method) -> Option<Named> {
    let ty = method.error.as_ref()?;
    let (Ty::Atom(head) | Ty::Generic(head, _)) = types.used(ty, Direction::Output) else { return None };
    if !types.names().contains(&head) {
        return None;
    }
    let text = types.text(ty, Direction::Output);
    let name: String = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '$')).collect();
    Some(Named { guard: format!("is{name}"), text })
}

/// All types of errors that the hubs of a contract name, each once, in order.
pub(super) fn all(contract: &Contract, types: &Types<'_>) -> Vec<Named> {
    found(contract, types).into_values().map(|(named, _)| named).collect()
}

fn found<'a>(contract: &'a Contract, types: &Types<'_>) -> BTreeMap<String, (Named, &'a TypeRef)> {
    let methods = contract.hubs.iter().flat_map(|hub| &hub.methods);
    let errors = methods.filter_map(|method| Some((named(types, method)?, method.error.as_ref()?)));
    errors.map(|(named, ty)| (named.text.clone(), (named, ty))).collect()
}

/// The whole file; `None` if no method names its errors.
pub(super) fn emit(contract: &Contract, types: &Types<'_>, header: &str) -> Option<GeneratedFile> {
    let errors = found(contract, types);
    if errors.is_empty() {
        return None;
    }
    let mut module = Module::new(types);
    module.runtime("failedWith");
    module.runtime_type("HubCallError");
    for (Named { text: name, guard }, ty) in errors.into_values() {
        let ty = module.ty(ty, Direction::Output);
        let docs = text::docs(&format!("Whether a call failed with a `{name}`, which is then in `data`."), None, 0);
        let params = ["error: unknown".to_owned()];
        let after = format!(": error is HubCallError<{ty}> {{");
        let head = text::wrapped(&format!("export function {guard}"), &params, &after, 0);
        module.push(format!("{docs}{head}\n  return failedWith(error, {});\n}}\n", names::text(&name)));
    }
    Some(module.finish("errors", header))
}
