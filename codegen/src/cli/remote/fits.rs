//! Whether a value is what a contract asks for, before it is sent. What a schema says in words that are not known here passes,
//! and the server decides.

use hubs::contract::Contract;
use serde_json::{Map, Value};

/// What is wrong with a value that the server is to read; `place` names it. `None` if nothing is.
pub(super) fn problem(contract: &Contract, schema: &Value, value: &Value, place: &str) -> Option<String> {
    let map = match schema {
        Value::Object(map) => map,
        Value::Bool(false) => return Some(format!("{place} must be left out")),
        _ => return None,
    };
    if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
        let found = contract.definition(reference).and_then(|(_, def)| def.input.as_ref());
        if let Some(problem) = found.and_then(|schema| problem(contract, schema, value, place)) {
            return Some(problem);
        }
    }
    fixed(map, value, place)
        .or_else(|| kind(map, value, place))
        .or_else(|| bounds(map, value, place))
        .or_else(|| inside(contract, map, value, place))
        .or_else(|| combined(contract, map, value, place))
}

/// One of some values.
fn fixed(map: &Map<String, Value>, value: &Value, place: &str) -> Option<String> {
    let known: Vec<&Value> = match (map.get("const"), map.get("enum").and_then(Value::as_array)) {
        (Some(one), _) => vec![one],
        (None, Some(all)) => all.iter().collect(),
        (None, None) => return None,
    };
    if known.contains(&value) {
        return None;
    }
    let known: Vec<_> = known.into_iter().map(ToString::to_string).collect();
    Some(format!("{place} is {}, and may be {}", short(value), known.join(", ")))
}

fn kind(map: &Map<String, Value>, value: &Value, place: &str) -> Option<String> {
    let kinds: Vec<&str> = match map.get("type")? {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    if kinds.iter().any(|kind| is(kind, value)) {
        return None;
    }
    let names: Vec<_> = kinds.iter().map(|kind| name(kind)).collect();
    Some(format!("{place} is {}, and must be {}", short(value), names.join(" or ")))
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn name(kind: &str) -> &str {
    match kind {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn bounds(map: &Map<String, Value>, value: &Value, place: &str) -> Option<String> {
    let limit = |key: &str| map.get(key).and_then(Value::as_f64);
    if let Some(number) = value.as_f64() {
        let low = limit("minimum").filter(|low| number < *low).map(|low| format!("{place} is {value}, below {low}"));
        let high = || limit("maximum").filter(|high| number > *high);
        return low.or_else(|| high().map(|high| format!("{place} is {value}, above {high}")));
    }
    let (length, what, keys) = match value {
        Value::String(text) => (text.chars().count(), "characters", ["minLength", "maxLength"]),
        Value::Array(items) => (items.len(), "items", ["minItems", "maxItems"]),
        _ => return None,
    };
    let limit = |key: &str| map.get(key).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let low = limit(keys[0]).filter(|low| length < *low).map(|low| format!("at least {low}"));
    let high = || limit(keys[1]).filter(|high| length > *high).map(|high| format!("at most {high}"));
    low.or_else(high).map(|wanted| format!("{place} has {length} {what}, and must have {wanted}"))
}

fn inside(contract: &Contract, map: &Map<String, Value>, value: &Value, place: &str) -> Option<String> {
    match value {
        Value::Object(fields) => object(contract, map, fields, place),
        Value::Array(items) => {
            let first = map.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            items.iter().enumerate().find_map(|(number, item)| {
                let schema = first.get(number).or_else(|| map.get("items"))?;
                problem(contract, schema, item, &format!("{place}[{number}]"))
            })
        }
        _ => None,
    }
}

fn object(contract: &Contract, map: &Map<String, Value>, fields: &Map<String, Value>, place: &str) -> Option<String> {
    let properties = map.get("properties").and_then(Value::as_object);
    let aliases = |name: &str| {
        let aliases = properties.and_then(|all| all.get(name)?.get("x-aliases")?.as_array());
        aliases.map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_str)
    };
    let required = map.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let is_missing =
        |name: &&str| !fields.contains_key(*name) && !aliases(name).any(|alias| fields.contains_key(alias));
    if let Some(missing) = required.iter().filter_map(Value::as_str).find(is_missing) {
        return Some(format!("{place} has no `{missing}`"));
    }
    let known = |name: &str| {
        let all = properties?;
        let alias =
            || all.iter().find(|(field, _)| aliases(field).any(|alias| alias == name)).map(|(_, schema)| schema);
        all.get(name).or_else(alias)
    };
    fields.iter().find_map(|(name, field)| {
        let place = format!("{place}.{name}");
        match (known(name), map.get("additionalProperties")) {
            (Some(schema), _) => problem(contract, schema, field, &place),
            (None, Some(Value::Bool(false))) if map.get("patternProperties").is_none() => {
                Some(format!("{place} is not known"))
            }
            (None, Some(schema)) if schema.is_object() => problem(contract, schema, field, &place),
            (None, _) => None,
        }
    })
}

fn combined(contract: &Contract, map: &Map<String, Value>, value: &Value, place: &str) -> Option<String> {
    let all = map.get("allOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if let Some(problem) = all.iter().find_map(|part| problem(contract, part, value, place)) {
        return Some(problem);
    }
    ["oneOf", "anyOf"].into_iter().find_map(|key| {
        let parts = map.get(key)?.as_array()?;
        let problems: Option<Vec<String>> = parts.iter().map(|part| problem(contract, part, value, place)).collect();
        let mut problems = problems?;
        problems.dedup();
        match problems.as_slice() {
            [one] => Some(one.clone()),
            _ => Some(format!(
                "{place} is {} and fits no form that it may have:\n  {}",
                short(value),
                problems.join("\n  ")
            )),
        }
    })
}

/// A value in a message: a long one is cut.
fn short(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain("..".chars()).collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(schema: &Value, value: &Value) -> String {
        let point = json!({ "type": "object", "required": ["x"], "additionalProperties": false, "properties": {
            "x": { "type": "integer", "minimum": 0, "maximum": 255, "x-aliases": ["ex"] },
            "next": { "anyOf": [{ "$ref": "#/types/Point" }, { "type": "null" }] },
        }});
        let types = json!({ "Point": { "name": "Point", "rust_path": "a::Point", "input": point } });
        let whole = json!({ "format": hubs::contract::FORMAT, "package": "a", "hubs": [], "types": types });
        let contract: Contract = serde_json::from_value(whole).unwrap();
        problem(&contract, schema, value, "`it`").unwrap_or_default()
    }

    #[test]
    fn what_fits_passes() {
        let point = json!({ "$ref": "#/types/Point" });
        for value in [json!({ "x": 1 }), json!({ "ex": 1 }), json!({ "x": 1, "next": { "x": 2, "next": null } })] {
            assert_eq!(said(&point, &value), "");
        }
        assert_eq!(said(&json!({ "type": ["string", "null"] }), &json!(null)), "");
        assert_eq!(said(&json!({ "type": "number" }), &json!(1)), "");
        assert_eq!(said(&json!({ "if": {}, "format": "date-time" }), &json!(1)), "", "unknown words say nothing");
        assert_eq!(said(&json!(true), &json!([])), "");
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let point = json!({ "$ref": "#/types/Point" });
        let mood = json!({ "enum": ["calm", "busy"], "type": "string" });
        let pair =
            json!({ "type": "array", "prefixItems": [{ "type": "string" }, mood], "minItems": 2, "maxItems": 2 });
        for (schema, value, expected) in [
            (&point, json!({}), "`it` has no `x`"),
            (&point, json!({ "x": 256 }), "`it`.x is 256, above 255"),
            (&point, json!({ "x": -1 }), "`it`.x is -1, below 0"),
            (&point, json!({ "x": 1.5 }), "`it`.x is 1.5, and must be a whole number"),
            (&point, json!({ "x": 1, "z": 2 }), "`it`.z is not known"),
            (&point, json!(7), "`it` is 7, and must be an object"),
            (&mood, json!("sad"), "`it` is \"sad\", and may be \"calm\", \"busy\""),
            (&pair, json!(["a"]), "`it` has 1 items, and must have at least 2"),
            (&pair, json!(["a", "sad"]), "`it`[1] is \"sad\", and may be \"calm\", \"busy\""),
        ] {
            assert_eq!(said(schema, &value), expected);
        }
        let deep = said(&point, &json!({ "x": 1, "next": { "x": "a" } }));
        assert!(deep.contains("`it`.next.x is \"a\", and must be a whole number"), "{deep}");
    }
}
