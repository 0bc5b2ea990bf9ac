//! The JSON Schema half: small pure functions over schemas as schemars writes them. Must not know Rust types.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Where definitions are, as references name them.
const PREFIX: &str = "#/types/";

/// Definitions by name, in one direction.
pub(super) type Definitions = BTreeMap<String, Value>;

/// The same value with the keys of all objects in order, whatever map serde_json was built with.
pub(super) fn sorted(mut value: Value) -> Value {
    value.sort_all_objects();
    value
}

/// Replaces references to the definitions in `anonymous` by what they stand for.
///
/// # Errors
/// The name of a definition that refers to itself.
pub(super) fn inline(schema: Value, anonymous: &Definitions) -> Result<Value, String> {
    inline_in(schema, anonymous, &mut Vec::new())
}

fn inline_in(schema: Value, anonymous: &Definitions, open: &mut Vec<String>) -> Result<Value, String> {
    match schema {
        Value::Array(values) => {
            Ok(Value::Array(values.into_iter().map(|v| inline_in(v, anonymous, open)).collect::<Result<_, _>>()?))
        }
        Value::Object(mut map) => {
            let target =
                map.get("$ref").and_then(Value::as_str).and_then(referred).filter(|n| anonymous.contains_key(n));
            let Some(name) = target else {
                let entries = map.into_iter().map(|(key, v)| Ok((key, inline_in(v, anonymous, open)?)));
                return Ok(Value::Object(entries.collect::<Result<_, String>>()?));
            };
            if open.contains(&name) {
                return Err(name);
            }
            open.push(name.clone());
            let mut meant = inline_in(anonymous[&name].clone(), anonymous, open)?;
            open.pop();
            map.remove("$ref");
            if let Value::Object(meant) = &mut meant {
                meant.extend(map);
            }
            Ok(meant)
        }
        other => Ok(other),
    }
}

/// The definitions that values of these schemas are made of.
pub(super) fn reachable(roots: &[Value], definitions: &Definitions) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    roots.iter().for_each(|root| collect(root, definitions, &mut found));
    found
}

fn collect(schema: &Value, definitions: &Definitions, found: &mut BTreeSet<String>) {
    match schema {
        Value::Array(values) => values.iter().for_each(|value| collect(value, definitions, found)),
        Value::Object(map) => {
            let name = map.get("$ref").and_then(Value::as_str).and_then(referred);
            if let Some(meant) = name.as_ref().and_then(|name| definitions.get(name))
                && found.insert(name.unwrap_or_default())
            {
                collect(meant, definitions, found);
            }
            map.values().for_each(|value| collect(value, definitions, found));
        }
        _ => {}
    }
}

/// The name of the definition that a reference means. schemars writes names percent-encoded.
pub(super) fn referred(reference: &str) -> Option<String> {
    let mut bytes = reference.strip_prefix(PREFIX)?.bytes();
    let mut name = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let hex = [bytes.next()?, bytes.next()?];
            name.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            name.push(byte);
        }
    }
    String::from_utf8(name).ok().map(|name| name.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_read_back() {
        assert_eq!(referred("#/types/Message").as_deref(), Some("Message"));
        assert_eq!(referred("#/types/Page%3CMessage%3E").as_deref(), Some("Page<Message>"));
        assert_eq!(referred("#/elsewhere/Message"), None);
    }

    #[test]
    fn anonymous_definitions_are_written_out() {
        let anonymous = Definitions::from([("Range_of_uint32".to_owned(), json!({"type": "object"}))]);
        let schema = json!({"properties": {"a": {"$ref": "#/types/Range_of_uint32", "description": "d"}}});
        let expected = json!({"properties": {"a": {"type": "object", "description": "d"}}});
        assert_eq!(inline(schema, &anonymous), Ok(expected));
    }

    #[test]
    fn an_anonymous_definition_that_refers_to_itself_is_named() {
        let anonymous = Definitions::from([("Tree".to_owned(), json!({"items": {"$ref": "#/types/Tree"}}))]);
        assert_eq!(inline(json!({"$ref": "#/types/Tree"}), &anonymous), Err("Tree".to_owned()));
    }
}
