//! What serde collects before it knows the type (tags, flattened fields): it keeps the keys of maps as text, and cannot
//! read numbers from them. `#[hub_type]` marks such types in their schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schemas::{self, Definitions};

/// The mark.
const MARK: &str = "x-hubs-buffered";

/// The name of the declaration that a type with `#[hub_type]` has.
const TYPE: &str = "x-hubs-type";

/// The flattened fields, each with what it is if it has no fields.
const FLATTENED: &str = "x-hubs-flattened";

/// The same schema without marks, and without values that were made when it was written (defaults, examples).
pub(super) fn unmarked(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let left_out = [MARK, TYPE, FLATTENED, "default", "examples"];
            let entries = map.into_iter().filter(|(key, _)| !left_out.contains(&key.as_str()));
            let entries = entries.map(|(key, value)| match value {
                // Fields may have any name.
                Value::Object(fields) if ["properties", "patternProperties"].contains(&key.as_str()) => {
                    let fields = fields.into_iter().map(|(name, field)| (name, unmarked(field)));
                    (key, Value::Object(fields.collect()))
                }
                value if key == "const" || key == "enum" => (key, value),
                value => (key, unmarked(value)),
            });
            let entries: Map<String, Value> = entries.collect();
            // A mark turns the schema of a type without values, `false`, into an object.
            let no_value =
                entries.len() == 1 && entries.get("not").is_some_and(|not| *not == Value::Object(Map::new()));
            if no_value { Value::Bool(false) } else { Value::Object(entries) }
        }
        Value::Array(values) => Value::Array(values.into_iter().map(unmarked).collect()),
        other => other,
    }
}

/// The name of the declaration that this is the schema of; `None` for types of others.
pub(super) fn declared(schema: &Value) -> Option<&str> {
    schema.get(TYPE)?.as_str()
}

/// The flattened fields of a type that have no fields of their own: how each is reached from the type, and what it is.
pub(super) fn flattened(schema: &Value) -> Vec<(String, String)> {
    let fields = schema.get(FLATTENED).cloned().unwrap_or_default();
    let fields: Vec<(String, Option<String>)> = serde_json::from_value(fields).unwrap_or_default();
    fields.into_iter().filter_map(|(name, what)| Some((name, what?))).collect()
}

/// Paths of the fields in the definition `name` whose keys cannot be read.
pub(super) fn unreadable(name: &str, definitions: &Definitions) -> BTreeSet<String> {
    let mut search = Search { definitions, seen: BTreeSet::new(), found: BTreeSet::new() };
    if let Some(schema) = definitions.get(name) {
        search.walk(name, schema, false);
    }
    search.found
}

struct Search<'a> {
    definitions: &'a Definitions,
    seen: BTreeSet<(String, bool)>,
    found: BTreeSet<String>,
}

impl Search<'_> {
    fn walk(&mut self, path: &str, schema: &Value, buffered: bool) {
        let Some(map) = schema.as_object() else { return };
        let buffered = buffered || map.contains_key(MARK);
        if buffered && has_number_keys(map) {
            self.found.insert(path.to_owned());
        }
        for (key, value) in map {
            match (key.as_str(), value) {
                ("properties", Value::Object(fields)) => {
                    for (name, field) in fields {
                        self.walk(&format!("{path}.{name}"), field, buffered);
                    }
                }
                ("patternProperties", Value::Object(values)) => {
                    values.values().for_each(|value| self.walk(path, value, buffered));
                }
                ("oneOf" | "anyOf" | "allOf" | "prefixItems", Value::Array(parts)) => {
                    parts.iter().for_each(|part| self.walk(path, part, buffered));
                }
                ("items" | "additionalProperties", part) => self.walk(path, part, buffered),
                ("$ref", Value::String(reference)) => self.follow(path, reference, buffered),
                _ => {}
            }
        }
    }

    /// What is wrong in a type by itself is told of that type.
    fn follow(&mut self, path: &str, reference: &str, buffered: bool) {
        let Some(name) = schemas::referred(reference).filter(|_| buffered) else { return };
        if let Some(schema) = self.definitions.get(&name)
            && self.seen.insert((name, buffered))
        {
            self.walk(path, schema, buffered);
        }
    }
}

fn has_number_keys(map: &Map<String, Value>) -> bool {
    let patterns = map.get("patternProperties").and_then(Value::as_object);
    patterns.is_some_and(|patterns| patterns.keys().any(|pattern| pattern.ends_with(r"\d+$")))
}
