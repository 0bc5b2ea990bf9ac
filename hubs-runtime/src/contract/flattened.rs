//! What a flattened field holds, for the schema of the type around it: serde writes fields of objects and nothing else.

use std::{cell::RefCell, collections::BTreeSet};

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

thread_local! {
    /// The types that are being looked at: a type may hold itself further down.
    static OPEN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// What values of `T` are, in words, if they never have fields.
pub fn what<T: JsonSchema>() -> Option<&'static str> {
    let id = T::schema_id().into_owned();
    if !OPEN.with_borrow_mut(|open| open.insert(id.clone())) {
        return None;
    }
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let schema = T::json_schema(&mut generator).to_value();
    OPEN.with_borrow_mut(|open| open.remove(&id));
    without_fields(&schema, &generator, 0)
}

/// How many references in a row are followed.
const DEEPEST: u8 = 16;

fn without_fields(schema: &Value, generator: &SchemaGenerator, depth: u8) -> Option<&'static str> {
    if depth > DEEPEST || schema.get("const").is_some() || schema.get("enum").is_some() {
        // A variant without fields is written as a field that is `null`.
        return None;
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = generator.definitions().iter().find(|(name, _)| reference.ends_with(&format!("/{name}")))?;
        return without_fields(target.1, generator, depth + 1);
    }
    if let Some(parts) = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array()) {
        let parts = parts.iter().filter(|part| part.get("type") != Some(&Value::from("null")));
        let found: Vec<_> = parts.map(|part| without_fields(part, generator, depth + 1)).collect();
        return found.iter().all(Option::is_some).then(|| found.into_iter().flatten().next())?;
    }
    let kind = match schema.get("type")? {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null")?,
        kind => kind.as_str()?,
    };
    match kind {
        "array" => Some("a list"),
        "string" => Some("text"),
        "integer" | "number" => Some("a number"),
        "boolean" => Some("true or false"),
        _ => None,
    }
}
