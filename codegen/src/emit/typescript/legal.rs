//! What the generated files could not say truly: reserved members, names that are taken, streams to
//! clients. All at once.

use std::collections::BTreeMap;

use hubs::contract::{ClientContract, Contract, ContractFlow, HubContract, Method};

use super::{EmitErrors, Types, names, numbers, presence};
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

/// Names that the generated files import, export or use as globals.
const USED_NAMES: &[&str] = &[
    "AbortSignal",
    "Array",
    "AsyncIterable",
    "Boolean",
    "Disposable",
    "Error",
    "failedWith",
    "getCurrentInstance",
    "getCurrentScope",
    "HubCaller",
    "HubCallError",
    "HubCallQueue",
    "HubCallReason",
    "HubFeed",
    "HubFeedOptions",
    "HubGap",
    "HubLink",
    "HubLinkOptions",
    "HubLinkState",
    "HubLinkStatus",
    "HubLogOptions",
    "HubLogScope",
    "hubProtocol",
    "HubRecovered",
    "HubRetryDelay",
    "HubStream",
    "invoke",
    "invokeCancellable",
    "invokeIdempotent",
    "Logs",
    "Number",
    "Object",
    "OfficialLink",
    "Omit",
    "onMounted",
    "onScopeDispose",
    "openFeed",
    "Partial",
    "Promise",
    "Readonly",
    "Record",
    "register",
    "retryDelay",
    "send",
    "ShallowRef",
    "shallowRef",
    "started",
    "stream",
    "String",
    "Subject",
    "Symbol",
    "upload",
    "useCallback",
    "UsedHub",
    "useEffect",
    "useLatest",
    "useLayoutEffect",
    "useLink",
    "useMemo",
    "useRef",
    "useSyncExternalStore",
    "withErrors",
];

/// Words that TypeScript reads as something else in the place of a name.
const LANGUAGE_NAMES: &[&str] = &[
    "abstract",
    "accessor",
    "any",
    "as",
    "asserts",
    "async",
    "bigint",
    "boolean",
    "constructor",
    "declare",
    "from",
    "get",
    "global",
    "infer",
    "intrinsic",
    "is",
    "keyof",
    "module",
    "namespace",
    "never",
    "number",
    "object",
    "of",
    "out",
    "override",
    "readonly",
    "require",
    "satisfies",
    "set",
    "string",
    "symbol",
    "type",
    "unique",
    "unknown",
    "using",
];

const USED: &str = "the generated files use that name already";

/// Why the generated files cannot declare a name.
fn impossible(name: &str) -> Option<&'static str> {
    if USED_NAMES.contains(&name) {
        Some(USED)
    } else if LANGUAGE_NAMES.contains(&name) || names::RESERVED_WORDS.contains(&name) {
        Some("it is a word of the language")
    } else {
        (!names::is_identifier(name)).then_some("it is not an identifier")
    }
}

/// Finds everything that cannot be written.
pub(super) fn check(contract: &Contract, types: &Types<'_>) -> Result<(), EmitErrors> {
    let mut errors = Vec::new();
    let shows_presence = contract.hubs.iter().any(|hub| presence::ty(hub).is_some());
    let mut taken = Taken { shows_presence, ..Taken::default() };
    for hub in &contract.hubs {
        check_hub(hub, &mut taken, &mut errors);
    }
    for def in contract.types.values() {
        let input = types.input_name(&def.name);
        let values = types.values(&def.name).map(|_| super::types::values_name(&def.name));
        for name in [Some(def.name.clone()), input, values].into_iter().flatten() {
            taken.claim(&name, &def.rust_path, &mut errors);
        }
    }
    for named in super::errors::all(contract, types) {
        taken.claim(&named.guard, &named.text, &mut errors);
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
        format!("use{name}"),
        format!("Use{name}Options"),
    ];
    let hook = presence::ty(hub).map(|_| format!("use{name}Presence"));
    for name in generated.into_iter().chain(hook) {
        taken.claim(&name, &hub.rust_path, errors);
    }
    taken.claim_file(&hub.name, &hub.rust_path, errors);
    check_methods(&hub.methods, &hub.rust_path, true, errors);
    if let Some(client) = &hub.client {
        check_client(client, taken, errors);
    }
}

fn check_client(client: &ClientContract, taken: &mut Taken, errors: &mut Vec<EmitError>) {
    if taken.has(&client.name, &client.rust_path) {
        return; // shared with a hub that was checked before
    }
    let generated = [
        client.name.clone(),
        format!("{}Part", client.name),
        format!("register{}", client.name),
        format!("register{}Partially", client.name),
    ];
    for name in generated {
        taken.claim(&name, &client.rust_path, errors);
    }
    taken.claim_file(&client.name, &client.rust_path, errors);
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
struct Taken {
    owners: BTreeMap<String, String>,
    /// Whether the names of [`presence::NAMES`] are used, too.
    shows_presence: bool,
}

impl Taken {
    fn has(&self, name: &str, rust_path: &str) -> bool {
        self.owners.get(name).is_some_and(|owner| owner == rust_path)
    }

    fn claim(&mut self, name: &str, rust_path: &str, errors: &mut Vec<EmitError>) {
        let owner = self.owners.insert(name.to_owned(), rust_path.to_owned());
        if owner.as_deref() == Some(rust_path) {
            return;
        }
        let taken = owner.map(|owner| format!("`{owner}` gives something of that name"));
        let is_used = self.shows_presence && presence::NAMES.contains(&name);
        let why = if is_used { Some(USED) } else { impossible(name) };
        if let Some(why) = taken.or_else(|| why.map(str::to_owned)) {
            errors.push(EmitError::TakenName { name: name.to_owned(), rust_path: rust_path.to_owned(), why });
        }
    }

    /// The file that an interface is written to.
    fn claim_file(&mut self, interface: &str, rust_path: &str, errors: &mut Vec<EmitError>) {
        let name = format!("{}.ts", names::file(interface));
        let Some(owner) = self.owners.insert(name.clone(), rust_path.to_owned()) else { return };
        if owner != rust_path {
            let why = format!("`{owner}` is written to that file");
            errors.push(EmitError::TakenName { name, rust_path: rust_path.to_owned(), why });
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
