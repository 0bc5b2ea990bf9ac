//! Whole numbers that are wider than JavaScript's: where they are.

use std::collections::BTreeMap;

use hubs::contract::{Contract, Method};
use serde_json::Value;

/// Where a wide number is: the path of the field, and its place in Rust.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
    pub(super) path: String,
    pub(super) rust_path: String,
    /// How many bits it has.
    pub(super) bits: u32,
}

/// All wide numbers of a contract, each place once.
pub(super) fn wide(contract: &Contract) -> Vec<Wide> {
    let mut found = BTreeMap::new();
    for def in contract.types.values() {
        for schema in [&def.input, &def.output].into_iter().flatten() {
            walk(&def.name, &def.rust_path, schema, &mut found);
        }
    }
    for hub in &contract.hubs {
        interface(&hub.rust_path, &hub.methods, &mut found);
        if let Some(client) = &hub.client {
            interface(&client.rust_path, &client.methods, &mut found);
            if let Some(ty) = &client.presence {
                walk("presence", &client.rust_path, &ty.schema, &mut found);
            }
        }
    }
    found.into_iter().map(|((path, rust_path), bits)| Wide { path, rust_path, bits }).collect()
}

fn interface(rust_path: &str, methods: &[Method], found: &mut BTreeMap<(String, String), u32>) {
    for method in methods {
        let rust_path = format!("{rust_path}::{}", method.rust_name);
        for param in &method.params {
            walk(&param.name, &rust_path, &param.ty.schema, found);
        }
        if let Some(ty) = &method.output.ty {
            walk("what it returns", &rust_path, &ty.schema, found);
        }
    }
}

fn walk(path: &str, rust_path: &str, schema: &Value, found: &mut BTreeMap<(String, String), u32>) {
    let Some(map) = schema.as_object() else { return };
    // Of text, the format says which integer the text is of.
    let is_string = |kind: &Value| kind == "string";
    let is_text = map.get("type").is_some_and(|kind| match kind {
        Value::Array(kinds) => kinds.iter().any(is_string),
        kind => is_string(kind),
    });
    let bits = match map.get("format").and_then(Value::as_str).filter(|_| !is_text) {
        Some("int64" | "uint64" | "int" | "uint") => Some(64),
        Some("int128" | "uint128") => Some(128),
        _ => None,
    };
    if let Some(bits) = bits {
        found.insert((path.to_owned(), rust_path.to_owned()), bits);
    }
    for (key, value) in map {
        match (key.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                for (name, field) in fields {
                    walk(&format!("{path}.{name}"), rust_path, field, found);
                }
            }
            ("oneOf" | "anyOf" | "allOf" | "prefixItems", Value::Array(parts)) => {
                parts.iter().for_each(|part| walk(path, rust_path, part, found));
            }
            ("items" | "additionalProperties", part) => walk(path, rust_path, part, found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wide_numbers_are_found_wherever_they_are() {
        let number = |format: &str| json!({"type": "integer", "format": format});
        let contract = json!({
            "format": 1,
            "package": "demo",
            "hubs": [{"name": "H", "rust_path": "demo::H", "methods": [{
                "name": "M",
                "rust_name": "m",
                "params": [{"name": "ids", "flow": "value", "type": {"ts": "", "schema": {"items": number("int128")}}}],
                "output": {"flow": "value", "type": {"ts": "", "schema": number("uint32")}},
            }], "client": {"name": "C", "rust_path": "demo::C", "methods": [], "presence": {"schema": number("int64")}}}],
            "types": {"T": {"name": "T", "rust_path": "demo::T", "ts": "", "input": {"oneOf": [
                {"properties": {"a": number("uint64"), "b": {"additionalProperties": number("uint")}, "c": number("int32")}},
            ]}}},
        });
        let contract = serde_json::from_value(contract).unwrap();
        let found: Vec<_> = wide(&contract).into_iter().map(|w| (w.path, w.rust_path, w.bits)).collect();
        let expected =
            [("T.a", "demo::T", 64), ("T.b", "demo::T", 64), ("ids", "demo::H::m", 128), ("presence", "demo::C", 64)];
        assert_eq!(found, expected.map(|(path, rust, bits)| (path.to_owned(), rust.to_owned(), bits)));
    }
}
