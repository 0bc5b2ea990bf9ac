//! JSON Schema to types, in one direction.

use std::collections::BTreeSet;

use hubs::contract::{Contract, Direction, Shape, TypeDef, TypeRef};
use serde_json::{Map, Value};

use super::kind::{Field, Kind, Object};

/// Keys of a schema that is more than one simple kind.
const SHAPES: [&str; 7] =
    ["properties", "patternProperties", "additionalProperties", "allOf", "anyOf", "oneOf", "$ref"];

/// How long an array may be to be a tuple.
const LONGEST_TUPLE: u64 = 64;

/// How deep types may be flattened into each other.
const DEEPEST: usize = 16;

/// Reads the schemas of a contract in one direction.
pub(super) struct Reader<'a> {
    contract: &'a Contract,
    direction: Direction,
}

impl<'a> Reader<'a> {
    pub(super) fn new(contract: &'a Contract, direction: Direction) -> Self {
        Self { contract, direction }
    }

    /// A type where an interface names it.
    pub(super) fn root(&self, ty: &TypeRef) -> Kind {
        Schema { reader: self, order: &order(ty.shape.as_ref()), depth: 0 }.kind(&ty.schema)
    }

    /// What the type with this key is.
    pub(super) fn body(&self, key: &str) -> Kind {
        self.body_within(key, 0)
    }

    fn body_within(&self, key: &str, depth: usize) -> Kind {
        let def = self.contract.types.get(key);
        let Some((def, schema)) = def.and_then(|def| Some((def, def.schema(self.direction)?))) else {
            return Kind::Any;
        };
        Schema { reader: self, order: &order(def.shape.as_ref()), depth }.kind(schema)
    }
}

/// One schema in work.
struct Schema<'a> {
    reader: &'a Reader<'a>,
    /// The names of fields in the order of Rust.
    order: &'a [String],
    depth: usize,
}

impl Schema<'_> {
    fn kind(&self, schema: &Value) -> Kind {
        let map = match schema {
            Value::Object(map) => map,
            Value::Bool(false) => return Kind::Never,
            _ => return Kind::Any,
        };
        if let Some(value) = map.get("const") {
            return literal(value);
        }
        if let Some(values) = map.get("enum").and_then(Value::as_array) {
            return Kind::union(values.iter().map(literal));
        }
        if SHAPES.iter().any(|key| map.contains_key(*key)) {
            return self.combined(map);
        }
        match map.get("type") {
            Some(Value::String(kind)) => self.simple(kind, map),
            Some(Value::Array(kinds)) => {
                Kind::union(kinds.iter().filter_map(Value::as_str).map(|kind| self.simple(kind, map)))
            }
            _ => Kind::Any,
        }
    }

    fn simple(&self, kind: &str, map: &Map<String, Value>) -> Kind {
        match kind {
            "string" if map.get("contentEncoding").is_some_and(|encoding| encoding == "base64") => Kind::Bytes,
            "string" => Kind::Text,
            "integer" => integer(map),
            "number" if map.get("format").is_some_and(|format| format == "float") => Kind::Float(32),
            "number" => Kind::Float(64),
            "boolean" => Kind::Bool,
            "null" => Kind::Null,
            "array" => self.array(map),
            "object" => self.combined(map),
            _ => Kind::Any,
        }
    }

    fn array(&self, map: &Map<String, Value>) -> Kind {
        if let Some(items) = map.get("prefixItems").and_then(Value::as_array) {
            return Kind::Tuple(items.iter().map(|item| self.kind(item)).collect());
        }
        let limit = |key: &str| map.get(key).and_then(Value::as_u64);
        let item = map.get("items").map_or(Kind::Any, |item| self.kind(item));
        match (limit("minItems").unwrap_or(0), limit("maxItems")) {
            (_, Some(0)) => Kind::Tuple(Vec::new()),
            (least, Some(most)) if least == most && most <= LONGEST_TUPLE => {
                Kind::Tuple((0..most).map(|_| item.clone()).collect())
            }
            _ => Kind::List(Box::new(item)),
        }
    }

    /// All that a schema says at once: its fields, and each part that is flattened in.
    fn combined(&self, map: &Map<String, Value>) -> Kind {
        let mut whole = self.own(map);
        let reference = map.get("$ref").and_then(Value::as_str).and_then(|name| self.reader.contract.definition(name));
        if let Some((name, _)) = reference {
            whole = self.joined(whole, Some(Kind::Named(name.to_owned())));
        }
        for part in list(map, "allOf") {
            whole = self.joined(whole, Some(self.kind(part)));
        }
        for key in ["oneOf", "anyOf"] {
            let Some(variants) = map.get(key).and_then(Value::as_array) else { continue };
            let variants = variants.iter().map(|variant| {
                let kind = documented(self.kind(variant), &docs(variant));
                self.joined(whole.clone(), Some(kind)).unwrap_or(Kind::Any)
            });
            whole = Some(Kind::union(variants.collect::<Vec<_>>()));
        }
        whole.unwrap_or(Kind::Object(Object::default()))
    }

    /// The fields of the schema itself; `None` if it says nothing of fields.
    fn own(&self, map: &Map<String, Value>) -> Option<Kind> {
        let rest = match map.get("patternProperties").and_then(Value::as_object).and_then(|all| all.values().next()) {
            Some(values) => Some(values),
            None => map.get("additionalProperties").filter(|values| **values != Value::Bool(false)),
        };
        let rest = rest.map(|values| self.kind(values));
        let properties = map.get("properties").and_then(Value::as_object).filter(|fields| !fields.is_empty());
        match (properties, rest) {
            (None, None) => None,
            (None, Some(rest)) => Some(Kind::Map(Box::new(rest))),
            (Some(fields), rest) => {
                let fields = self.fields(fields, map);
                Some(Kind::Object(Object { docs: String::new(), fields, rest: rest.map(Box::new) }))
            }
        }
    }

    fn fields(&self, properties: &Map<String, Value>, map: &Map<String, Value>) -> Vec<Field> {
        let required: BTreeSet<_> = list(map, "required").iter().filter_map(Value::as_str).collect();
        let place = |name: &String| self.order.iter().position(|known| known == name).unwrap_or(usize::MAX);
        let mut names: Vec<&String> = properties.keys().collect();
        names.sort_by_key(|name| (place(name), (*name).clone()));
        let field = |name: &String| Field {
            name: name.clone(),
            docs: docs(&properties[name]),
            optional: !required.contains(name.as_str()),
            kind: self.kind(&properties[name]),
        };
        names.into_iter().map(field).collect()
    }

    /// What is both; `None` stands for nothing that is said.
    fn joined(&self, one: Option<Kind>, other: Option<Kind>) -> Option<Kind> {
        let (one, other) = match (one, other) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => return one.or(other),
        };
        Some(match (one, other) {
            (Kind::Any | Kind::Null, known) | (known, Kind::Any | Kind::Null) => known,
            (Kind::Union(parts), other) => {
                Kind::union(parts.into_iter().filter_map(|part| self.joined(Some(part), Some(other.clone()))))
            }
            (one, Kind::Union(parts)) => {
                Kind::union(parts.into_iter().filter_map(|part| self.joined(Some(one.clone()), Some(part))))
            }
            (Kind::Named(name), other) => return self.joined(Some(self.opened(&name)), Some(other)),
            (one, Kind::Named(name)) => return self.joined(Some(one), Some(self.opened(&name))),
            (Kind::Object(one), Kind::Object(other)) => Kind::Object(both(one, other)),
            (Kind::Object(object), Kind::Map(rest)) | (Kind::Map(rest), Kind::Object(object)) => {
                Kind::Object(Object { rest: Some(rest), ..object })
            }
            (Kind::Map(one), Kind::Map(other)) => Kind::Map(Box::new(Kind::union([*one, *other]))),
            _ => Kind::Any,
        })
    }

    /// What a type is that is flattened into another.
    fn opened(&self, key: &str) -> Kind {
        if self.depth >= DEEPEST { Kind::Any } else { self.reader.body_within(key, self.depth + 1) }
    }
}

fn both(one: Object, other: Object) -> Object {
    let docs = if one.docs.is_empty() { other.docs } else { one.docs };
    let mut fields = one.fields;
    for field in other.fields {
        if !fields.iter().any(|known| known.name == field.name) {
            fields.push(field);
        }
    }
    Object { docs, fields, rest: one.rest.or(other.rest) }
}

fn documented(kind: Kind, docs: &str) -> Kind {
    match kind {
        Kind::Object(object) if object.docs.is_empty() => Kind::Object(Object { docs: docs.to_owned(), ..object }),
        other => other,
    }
}

fn integer(map: &Map<String, Value>) -> Kind {
    let format = map.get("format").and_then(Value::as_str).unwrap_or("int64");
    let signed = !format.starts_with('u');
    let bits = format.trim_start_matches("uint").trim_start_matches("int").parse().unwrap_or(64);
    Kind::Int { bits, signed }
}

fn literal(value: &Value) -> Kind {
    if value.is_null() { Kind::Null } else { Kind::Literal(value.clone()) }
}

/// The names of all fields in a shape, in its order.
fn order(shape: Option<&Shape>) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(shape) = shape {
        collect(shape, &mut names);
    }
    names
}

fn collect(shape: &Shape, names: &mut Vec<String>) {
    match shape {
        Shape::List(item) => collect(item, names),
        Shape::Map { values, .. } => collect(values, names),
        Shape::Tuple(parts) | Shape::Union(parts) | Shape::All(parts) => {
            parts.iter().for_each(|part| collect(part, names));
        }
        Shape::Object(fields) => {
            for field in fields {
                names.push(field.name.clone());
                collect(&field.shape, names);
            }
        }
        _ => {}
    }
}

fn list<'a>(map: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    map.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What is said about a value.
fn docs(schema: &Value) -> String {
    let docs = schema.get("description").and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned();
    let Some(note) = deprecation(schema) else { return docs };
    [docs, note].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn deprecation(schema: &Value) -> Option<String> {
    (schema.get("deprecated") == Some(&Value::Bool(true))).then_some(())?;
    let note = schema.get("x-deprecated").and_then(Value::as_str).unwrap_or_default();
    Some(deprecated(note))
}

/// A sentence for something that is deprecated, with the note that Rust has for it.
pub(in crate::emit) fn deprecated(note: &str) -> String {
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    if note.is_empty() { "Deprecated.".to_owned() } else { format!("Deprecated: {note}.") }
}

/// What is said about a type, and about each of its texts.
pub(super) fn type_docs(def: &TypeDef) -> String {
    let schema = def.output.as_ref().or(def.input.as_ref());
    let variants = ["oneOf", "anyOf"].into_iter().find_map(|key| schema?.get(key)?.as_array());
    let texts = variants.into_iter().flatten().filter_map(|variant| {
        let said = docs(variant).split_whitespace().collect::<Vec<_>>().join(" ");
        let text = variant.get("const")?;
        (!said.is_empty()).then(|| format!("- `{text}`: {said}"))
    });
    let texts = texts.collect::<Vec<_>>().join("\n");
    let parts = [def.docs.clone(), texts, schema.and_then(deprecation).unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}
