//! The JSON Schema half: small pure functions over schemas as schemars writes them. Must not know Rust types.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Where definitions are, as references name them.
const PREFIX: &str = "#/types/";

/// Definitions by name, in one direction.
pub(super) type Definitions = BTreeMap<String, Value>;

/// The same value with the keys of all objects in order, whatever map serde_json was built with.
pub(super) fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<_, _> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
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

/// What one TypeScript type cannot say about a type: path of the field, what is wrong, what to do.
pub(super) type Difference = (String, &'static str, &'static str);

/// Finds the fields where reading and writing differ in a way that `ts`, one TypeScript declaration for both, hides.
pub(super) fn differences(name: &str, input: &Value, output: &Value, ts: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(name, input, output, ts, &mut found);
    found
}

fn compare(path: &str, input: &Value, output: &Value, ts: &str, found: &mut Vec<Difference>) {
    let (Some(input), Some(output)) = (input.as_object(), output.as_object()) else { return };
    compare_fields(path, input, output, ts, found);
    for key in ["oneOf", "anyOf", "allOf", "prefixItems"] {
        let (input, output) = (list(input, key), list(output, key));
        if input.len() == output.len() {
            input.iter().zip(output).for_each(|(input, output)| compare(path, input, output, ts, found));
        } else {
            found.push((
                path.to_owned(),
                "has variants that are only read or only written",
                "use two types, one for each direction",
            ));
        }
    }
    for key in ["items", "additionalProperties"] {
        if let (Some(input), Some(output)) = (input.get(key), output.get(key)) {
            compare(path, input, output, ts, found);
        }
    }
    if ["const", "enum"].iter().any(|key| input.get(*key) != output.get(*key)) {
        found.push((
            path.to_owned(),
            "has another name when it is read than when it is written",
            "use one name for both",
        ));
    }
}

fn compare_fields(
    path: &str,
    input: &Map<String, Value>,
    output: &Map<String, Value>,
    ts: &str,
    found: &mut Vec<Difference>,
) {
    let none = Map::new();
    let fields = |schema: &Map<String, Value>| schema.get("properties").and_then(Value::as_object).cloned();
    let (read, written) = (fields(input), fields(output));
    let (read, written) = (read.as_ref().unwrap_or(&none), written.as_ref().unwrap_or(&none));
    let always: BTreeSet<_> = list(output, "required").iter().filter_map(Value::as_str).collect();
    for field in read.keys().chain(written.keys()).collect::<BTreeSet<_>>() {
        let here = format!("{path}.{field}");
        match (read.get(field), written.get(field)) {
            (Some(read), Some(written)) => {
                if !always.contains(field.as_str()) && !optional_in(ts, field) {
                    found.push((
                        here.clone(),
                        "may be left out when it is written, and TypeScript would take it as always there",
                        "add `#[serde(default)]` beside `skip_serializing_if`, which makes it optional in TypeScript",
                    ));
                }
                compare(&here, read, written, ts, found);
            }
            (Some(_), None) => found.push((here, "is only read, never written", "use two types, or write it too")),
            _ => found.push((here, "is only written, never read", "use two types, or read it too")),
        }
    }
}

/// Whether the declaration has a field `name?:`.
fn optional_in(ts: &str, field: &str) -> bool {
    ts.contains(&format!("{field}?:")) || ts.contains(&format!("\"{field}\"?:"))
}

fn list<'a>(schema: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
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

    #[test]
    fn a_field_that_may_be_missing_must_be_optional_in_typescript() {
        let input = json!({"properties": {"note": {"type": "string"}}});
        let found = differences("M", &input, &input, "type M = { note: string, };");
        assert_eq!(found[0].0, "M.note");
        assert!(differences("M", &input, &input, "type M = { note?: string, };").is_empty());
    }

    #[test]
    fn a_field_of_one_direction_is_found() {
        let input = json!({"properties": {"a": {}, "b": {}}, "required": ["a", "b"]});
        let output = json!({"properties": {"a": {}}, "required": ["a"]});
        assert_eq!(differences("M", &input, &output, "")[0].0, "M.b");
    }
}
