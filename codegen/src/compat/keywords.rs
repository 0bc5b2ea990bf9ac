//! The words of JSON Schema that the rules read. What any other word says is compared as it stands, so that nothing is
//! passed over in silence.

use std::collections::BTreeMap;

use serde_json::Value;

/// What decides which values are right, and is read.
const READ: [&str; 26] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contentEncoding",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "required",
    "type",
    "uniqueItems",
];

/// What is said to people, or read elsewhere.
const NOTES: [&str; 12] = [
    "$comment",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "unevaluatedProperties",
    "writeOnly",
    "x-aliases",
    "x-deprecated",
];

/// All others in a schema, and what they say.
pub(super) fn unread(schema: &Value) -> BTreeMap<&str, &Value> {
    let words = schema.as_object().into_iter().flatten().map(|(word, value)| (word.as_str(), value));
    let mut unread: BTreeMap<_, _> = words.filter(|(word, _)| !READ.contains(word) && !NOTES.contains(word)).collect();
    // Only a fixed length is read.
    if schema.get("minItems") != schema.get("maxItems") {
        let limits = ["minItems", "maxItems"].into_iter();
        unread.extend(limits.filter_map(|word| Some((word, schema.get(word)?))));
    }
    unread
}
