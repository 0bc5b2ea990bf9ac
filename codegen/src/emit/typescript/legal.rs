//! What the generated files could not say truly: reserved members, names that are taken, streams. All at once.

use std::collections::BTreeMap;

use hubs::contract::{ClientContract, Contract, ContractFlow, HubContract, Method};

use super::{EmitErrors, names};
use crate::emit::EmitError;

/// Members that mean something to JavaScript, whatever the object.
const RESERVED_MEMBERS: &[(&str, &str)] = &[
    ("then", "JavaScript would take the object for a promise"),
    ("constructor", "every object has one"),
    ("toString", "every object has one"),
    ("toLocaleString", "every object has one"),
    ("valueOf", "every object has one"),
    ("toJSON", "JavaScript calls it when it writes the object"),
    ("hasOwnProperty", "every object has one"),
    ("isPrototypeOf", "every object has one"),
    ("propertyIsEnumerable", "every object has one"),
];

/// Names of types that the files import or that the language has.
const TAKEN_TYPES: &[&str] = &[
    "Array",
    "Boolean",
    "Disposable",
    "Error",
    "HubCallError",
    "HubConnection",
    "HubConnectionBuilder",
    "Number",
    "Object",
    "Promise",
    "Readonly",
    "Record",
    "String",
    "any",
    "bigint",
    "boolean",
    "never",
    "null",
    "number",
    "object",
    "string",
    "symbol",
    "undefined",
    "unknown",
    "void",
];

/// Finds everything that cannot be written.
pub(super) fn check(contract: &Contract) -> Result<(), EmitErrors> {
    let mut errors = Vec::new();
    let mut taken = Taken::default();
    for hub in &contract.hubs {
        check_hub(hub, &mut taken, &mut errors);
    }
    for def in contract.types.values() {
        if TAKEN_TYPES.contains(&def.name.as_str()) {
            let why = "the generated files use that name already".to_owned();
            errors.push(EmitError::TakenName { name: def.name.clone(), rust_path: def.rust_path.clone(), why });
        } else {
            taken.claim(&def.name, &def.rust_path, &mut errors);
        }
        if def.ts.starts_with("enum ") {
            errors.push(EmitError::NotErasable { rust_path: def.rust_path.clone() });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(EmitErrors(errors)) }
}

fn check_hub(hub: &HubContract, taken: &mut Taken, errors: &mut Vec<EmitError>) {
    let name = names::application(&hub.name);
    let generated = [
        hub.name.clone(),
        format!("{}Send", hub.name),
        format!("create{}", hub.name),
        format!("Connect{name}Options"),
        format!("{name}Connection"),
        format!("connect{name}"),
        format!("file {}", names::file(&hub.name)),
    ];
    for name in generated {
        taken.claim(&name, &hub.rust_path, errors);
    }
    check_methods(&hub.methods, &hub.rust_path, true, errors);
    if let Some(client) = &hub.client {
        check_client(client, taken, errors);
    }
}

fn check_client(client: &ClientContract, taken: &mut Taken, errors: &mut Vec<EmitError>) {
    if taken.has(&client.name, &client.rust_path) {
        return; // shared with a hub that was looked at before
    }
    let generated =
        [client.name.clone(), format!("register{}", client.name), format!("file {}", names::file(&client.name))];
    for name in generated {
        taken.claim(&name, &client.rust_path, errors);
    }
    check_methods(&client.methods, &client.rust_path, false, errors);
}

fn check_methods(methods: &[Method], interface: &str, is_hub: bool, errors: &mut Vec<EmitError>) {
    let mut members: BTreeMap<String, String> = BTreeMap::new();
    for method in methods {
        let rust_path = format!("{interface}::{}", method.rust_name);
        let name = names::camel(&method.rust_name);
        let reserved = RESERVED_MEMBERS.iter().find(|(reserved, _)| *reserved == name).map(|(_, why)| *why);
        let sends = (is_hub && name == "send").then_some("`hub.send` holds the calls that do not wait");
        if let Some(why) = reserved.or(sends) {
            let (wire, rust_path) = (method.name.clone(), rust_path.clone());
            errors.push(EmitError::ReservedMember { name: name.clone(), rust_path, why, wire });
        }
        if std::iter::once(method.output.flow)
            .chain(method.params.iter().map(|p| p.flow))
            .any(|f| f == ContractFlow::Stream)
        {
            errors.push(EmitError::Stream { rust_path: rust_path.clone() });
        }
        if let Some(first) = members.insert(name.clone(), rust_path.clone()) {
            errors.push(EmitError::TwoMembers { name, first, second: rust_path });
        }
    }
}

/// Who has which exported name.
#[derive(Default)]
struct Taken(BTreeMap<String, String>);

impl Taken {
    fn has(&self, name: &str, rust_path: &str) -> bool {
        self.0.get(name).is_some_and(|owner| owner == rust_path)
    }

    fn claim(&mut self, name: &str, rust_path: &str, errors: &mut Vec<EmitError>) {
        let Some(owner) = self.0.insert(name.to_owned(), rust_path.to_owned()) else { return };
        if owner != rust_path {
            let why = format!("`{owner}` gives something of that name");
            errors.push(EmitError::TakenName { name: name.to_owned(), rust_path: rust_path.to_owned(), why });
        }
    }
}
