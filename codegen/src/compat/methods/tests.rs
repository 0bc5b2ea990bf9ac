//! What the rules say of methods that change, without the compiler and without a server.

use serde_json::{Value, json};

use super::*;

/// A hub with one method that names this error, and what its type says.
fn contract(error: &Value) -> Contract {
    let mut method = json!({"name": "Join", "rust_name": "join", "params": [], "output": {"flow": "none"}});
    if !error.is_null() {
        method["error"] = json!({"schema": {"$ref": "#/types/JoinError"}});
    }
    let types = json!({"JoinError": {"name": "JoinError", "rust_path": "demo::JoinError", "input": error}});
    let types = if error.is_null() { json!({}) } else { types };
    let hub = json!({"name": "H", "rust_path": "demo::H", "methods": [method]});
    serde_json::from_value(json!({"format": 2, "package": "demo", "hubs": [hub], "types": types})).unwrap()
}

/// Rule, path, and what it means on the wire and in the source.
fn found(old: &Value, new: &Value) -> Vec<(&'static str, String, Verdict, Verdict)> {
    let found = compare(&contract(old), &contract(new)).into_iter();
    found.map(|change| (change.rule, change.path, change.wire, change.source)).collect()
}

#[test]
fn errors_that_a_method_names_are_compared() {
    let (full, closed) = (json!({"enum": ["full"]}), json!({"enum": ["full", "closed"]}));
    let path = || "JoinError(closed)".to_owned();
    let more = found(&full, &closed);
    assert_eq!(more, [("variant-added", path(), Verdict::Risky, Verdict::Breaking)]);
    let less = found(&closed, &full);
    assert_eq!(less, [("variant-removed", path(), Verdict::Compatible, Verdict::Breaking)]);
    assert_eq!(found(&full, &full), []);
}

#[test]
fn a_page_does_without_the_data_of_an_error() {
    let full = json!({"enum": ["full"]});
    let rules = |old: &Value, new: &Value| {
        let found = found(old, new).into_iter();
        found.filter(|(_, path, ..)| path == "H.Join").map(|(rule, _, wire, source)| (rule, wire, source)).next()
    };
    let added = Some(("error-added", Verdict::Compatible, Verdict::Compatible));
    assert_eq!(rules(&Value::Null, &full), added);
    assert_eq!(rules(&full, &Value::Null), Some(("error-removed", Verdict::Risky, Verdict::Breaking)));
}

/// Rules of a change from one hub to another, with what they mean on the wire and in the source.
fn between(old: &Value, new: &Value) -> Vec<(&'static str, Verdict, Verdict)> {
    let contract = |hub: &Value| {
        let document = json!({"format": 2, "package": "demo", "hubs": [hub], "types": {}});
        serde_json::from_value::<Contract>(document).unwrap()
    };
    let found = compare(&contract(old), &contract(new)).into_iter();
    found.map(|change| (change.rule, change.wire, change.source)).collect()
}

#[test]
fn what_a_page_can_count_on_is_compared() {
    let method = |settings: Value| {
        let mut method = json!({"name": "Say", "rust_name": "say", "params": [], "output": {"flow": "none"}});
        method.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        method
    };
    let calls = |settings| json!({"name": "H", "rust_path": "demo::H", "methods": [method(settings)]});
    let handles = |settings| {
        let client = json!({"name": "C", "rust_path": "demo::C", "methods": [method(settings)]});
        json!({"name": "H", "rust_path": "demo::H", "methods": [], "client": client})
    };
    let (plain, idempotent) = (calls(json!({})), calls(json!({"idempotent": true})));
    assert_eq!(between(&idempotent, &idempotent), []);
    assert_eq!(between(&plain, &idempotent), [("idempotent-added", Verdict::Compatible, Verdict::Compatible)]);
    assert_eq!(between(&idempotent, &plain), [("idempotent-removed", Verdict::Risky, Verdict::Compatible)]);
    let (plain, durable) = (handles(json!({})), handles(json!({"durable": true})));
    assert_eq!(between(&durable, &durable), []);
    assert_eq!(between(&plain, &durable), [("durable-added", Verdict::Compatible, Verdict::Compatible)]);
    assert_eq!(between(&durable, &plain), [("durable-removed", Verdict::Risky, Verdict::Risky)]);
}

#[test]
fn what_members_show_is_compared() {
    let shows = |presence: Value| {
        let mut client = json!({"name": "C", "rust_path": "demo::C", "methods": []});
        if !presence.is_null() {
            client["presence"] = json!({"schema": presence});
        }
        json!({"name": "H", "rust_path": "demo::H", "methods": [], "client": client})
    };
    let (none, text, number) =
        (shows(Value::Null), shows(json!({"type": "string"})), shows(json!({"type": "boolean"})));
    assert_eq!(between(&none, &text), [("presence-added", Verdict::Compatible, Verdict::Compatible)]);
    assert_eq!(between(&text, &none), [("presence-removed", Verdict::Breaking, Verdict::Breaking)]);
    assert_eq!(between(&text, &number), [("type-changed", Verdict::Breaking, Verdict::Breaking)]);
    assert_eq!(between(&text, &text), []);
}
