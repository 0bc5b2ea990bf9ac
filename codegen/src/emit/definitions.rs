//! The named types that a document needs, each in the directions it is needed in, with references that hold there.

use std::collections::{BTreeMap, BTreeSet};

use hubs::contract::{Contract, ContractFlow, Method};
use serde_json::{Value, json};

/// What the contract adds to JSON Schema, which strict validators do not know.
const NOTES: [&str; 2] = ["x-aliases", "x-deprecated"];

/// Who reads a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reader {
    /// The server: what pages send.
    Server,
    /// Pages: what the server sends.
    Page,
}

/// Collects definitions on the way.
pub(super) struct Definitions<'a> {
    contract: &'a Contract,
    /// Where they will be, such as `#/$defs/`.
    place: &'static str,
    wanted: BTreeSet<(String, Reader)>,
}

impl<'a> Definitions<'a> {
    pub(super) fn new(contract: &'a Contract, place: &'static str) -> Self {
        Self { contract, place, wanted: BTreeSet::new() }
    }

    /// A schema of the contract with references into this document.
    pub(super) fn schema(&mut self, schema: &Value, reader: Reader) -> Value {
        match schema {
            Value::Array(parts) => Value::Array(parts.iter().map(|part| self.schema(part, reader)).collect()),
            Value::Object(map) => {
                // A field may be called so too, and is an object.
                let is_note = |key: &str, value: &Value| NOTES.contains(&key) && !value.is_object();
                let entries = map.iter().filter(|(key, value)| !is_note(key, value)).map(|(key, value)| {
                    let target = (key == "$ref").then(|| self.reference(value, reader)).flatten();
                    (key.clone(), target.unwrap_or_else(|| self.schema(value, reader)))
                });
                Value::Object(entries.collect())
            }
            other => other.clone(),
        }
    }

    fn reference(&mut self, value: &Value, reader: Reader) -> Option<Value> {
        let (name, _) = self.contract.definition(value.as_str()?)?;
        let target = format!("{}{}", self.place, key(name, reader));
        self.wanted.insert((name.to_owned(), reader));
        Some(target.into())
    }

    /// All that was referred to, and all that this refers to.
    pub(super) fn finish(mut self) -> BTreeMap<String, Value> {
        let mut done: BTreeMap<String, Value> = BTreeMap::new();
        while let Some((name, reader)) = self.wanted.pop_first() {
            let key = key(&name, reader);
            let Some(def) = self.contract.types.get(&name).filter(|_| !done.contains_key(&key)) else { continue };
            let schema = match reader {
                Reader::Server => def.input.as_ref(),
                Reader::Page => def.output.as_ref().or(def.input.as_ref()),
            };
            // First, so that a type that holds itself ends.
            done.insert(key.clone(), Value::Null);
            let schema = self.schema(schema.unwrap_or(&Value::Bool(true)), reader);
            done.insert(key, schema);
        }
        done
    }

    /// The arguments of a method, as the list that is sent. Streams are not among them.
    pub(super) fn arguments(&mut self, method: &Method, reader: Reader) -> Value {
        let values = method.params.iter().filter(|param| param.flow != ContractFlow::Stream);
        let items: Vec<Value> = values
            .map(|param| {
                let mut schema = self.schema(&param.ty.schema, reader);
                if let Value::Object(map) = &mut schema {
                    map.insert("title".to_owned(), param.name.clone().into());
                }
                schema
            })
            .collect();
        let count = items.len();
        let mut list = json!({ "type": "array", "minItems": count, "maxItems": count });
        if count > 0 {
            list["prefixItems"] = items.into();
        }
        list
    }
}

/// `Page_Message_.input` for the `Page<Message>` that the server reads: letters that are safe in a reference.
fn key(name: &str, reader: Reader) -> String {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    match reader {
        Reader::Server => format!("{safe}.input"),
        Reader::Page => safe,
    }
}
