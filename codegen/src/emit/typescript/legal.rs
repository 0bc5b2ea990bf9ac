//! What the generated files could not say truly: reserved members, names that are taken, streams to
//! clients. All at once.

use std::collections::BTreeMap;

use hubs::contract::{ClientContract, Contract, ContractFlow, HubContract, Method};

use super::{EmitErrors, Types, names, numbers};
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
    "AsyncIterable",
    "Boolean",
    "Disposable",
    "Error",
    "HubCallError",
    "HubConnection",
    "HubLink",
    "HubLinkOptions",
    "HubLinkState",
    "HubLinkStatus",
    "HubRetryDelay",
    "HubStream",
    "Number",
    "Object",
    "Omit",
    "Partial",
    "Promise",
    "Readonly",
    "Record",
    "String",
    "Subject",
    "Uint8Array",
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
pub(super) fn check(contract: &Contract, types: &Types<'_>) -> Result<(), EmitErrors> {
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
            if let Some(input) = types.input_name(&def.name) {
                taken.claim(&input, &def.rust_path, &mut errors);
            }
        }
    }
    let too_wide = numbers::wide(contract).into_iter().filter(|wide| wide.bits == 128);
    errors.extend(too_wide.map(|wide| EmitError::TooWide { path: wide.path, rust_path: wide.rust_path }));
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
        format!("create{name}Connection"),
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
    let generated = [
        client.name.clone(),
        format!("{}Part", client.name),
        format!("register{}", client.name),
        format!("register{}Partially", client.name),
        format!("file {}", names::file(&client.name)),
    ];
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
        let mut flows = std::iter::once(method.output.flow).chain(method.params.iter().map(|param| param.flow));
        if !is_hub && flows.any(|flow| flow == ContractFlow::Stream) {
            errors.push(EmitError::ClientStream { rust_path: rust_path.clone() });
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(hubs: &serde_json::Value, types: &serde_json::Value) -> String {
        let contract = json!({"format": 1, "package": "demo", "hubs": hubs, "types": types});
        let contract: Contract = serde_json::from_value(contract).unwrap();
        check(&contract, &Types::new(&contract)).map_or_else(|errors| errors.to_string(), |()| String::new())
    }

    fn hub(name: &str, methods: &serde_json::Value) -> serde_json::Value {
        json!({"name": name, "rust_path": format!("demo::{name}"), "methods": methods})
    }

    fn method(rust_name: &str, flow: &str) -> serde_json::Value {
        json!({"name": rust_name, "rust_name": rust_name, "params": [], "output": {"flow": flow}})
    }

    #[test]
    fn methods_that_become_one_name_are_both_named() {
        let said = said(&json!([hub("H", &json!([method("a_b", "none"), method("aB", "none")]))]), &json!({}));
        assert_eq!(said, "HUB111: `demo::H::a_b` and `demo::H::aB` are both `aB` in TypeScript; rename one of them");
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let mut hubs = json!([hub("ChatHub", &json!([method("count", "stream")])), hub("Chat", &json!([]))]);
        hubs[0]["client"] = hub("ChatClient", &json!([method("told", "stream")]));
        let said = said(&hubs, &json!({}));
        assert!(!said.contains("ChatHub::count"), "{said}");
        for text in ["HUB115: `demo::ChatClient::told`", "HUB112: `connectChat` (demo::Chat)"] {
            assert!(said.contains(text), "{said}");
        }
    }

    #[test]
    fn a_client_interface_may_be_shared() {
        let client = json!({"name": "C", "rust_path": "demo::C", "methods": [method("told", "none")]});
        let with_client = |name: &str| {
            let mut hub = hub(name, &json!([]));
            hub["client"] = client.clone();
            hub
        };
        assert_eq!(said(&json!([with_client("AHub"), with_client("BHub")]), &json!({})), "");
    }
}
