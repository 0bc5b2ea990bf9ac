//! A JSON Schema as TypeScript, in one direction. What ts-rs wrote for the same type is a hint: it knows the names of
//! aliases, the parameters of generic types and the order of fields. Where it says another thing than the schema, the
//! schema is right.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::objects;
use crate::contract::{
    ContractError,
    schemas::{self, Definitions},
    syntax::{self, Ty},
};

/// A declaration as ts-rs wrote it.
#[derive(Debug)]
pub(super) struct Hint {
    pub(super) rust_path: String,
    /// `["T"]` of `Page<T>`.
    pub(super) params: Vec<String>,
    /// `None` for a text beyond our grammar.
    pub(super) body: Option<Ty>,
    /// Whether a schema belongs to it; if not, it is another name for a type.
    pub(super) has_schema: bool,
}

/// Everything that types of one direction refer to.
pub(super) struct Render<'a> {
    pub(super) hints: &'a BTreeMap<String, Hint>,
    /// Name of a schema, and the name of its declaration.
    pub(super) pairs: &'a BTreeMap<String, String>,
    pub(super) definitions: &'a Definitions,
    /// The parameters of the declaration in work.
    pub(super) params: Vec<String>,
    /// Definitions that are being written out.
    open: Vec<String>,
    pub(super) errors: Vec<ContractError>,
}

/// Keys that say nothing about values.
const COMMENTS: [&str; 8] =
    ["description", "title", "deprecated", "default", "examples", "readOnly", "writeOnly", "format"];

/// How long an array may be to be written as a tuple.
const LONGEST_TUPLE: u64 = 64;

impl<'a> Render<'a> {
    pub(super) fn new(
        hints: &'a BTreeMap<String, Hint>,
        pairs: &'a BTreeMap<String, String>,
        definitions: &'a Definitions,
    ) -> Self {
        Self { hints, pairs, definitions, params: Vec::new(), open: Vec::new(), errors: Vec::new() }
    }

    /// The type of all values that `schema` allows.
    pub(super) fn ty(&mut self, schema: &Value, hint: Option<&Ty>) -> Ty {
        let hint = hint.map(Ty::bare);
        if let Some(param) = hint.filter(|hint| self.is_param(hint)) {
            return param.clone();
        }
        let map = match schema {
            Value::Object(map) => map,
            Value::Bool(false) => return Ty::atom("never"),
            _ => return Ty::atom("unknown"),
        };
        if let Some((rest, nulls)) = without_null(map) {
            return self.nullable(&rest, nulls, hint);
        }
        if let Some(alias) = self.alias(schema, hint) {
            return alias;
        }
        self.plain(map, hint)
    }

    fn plain(&mut self, map: &Map<String, Value>, hint: Option<&Ty>) -> Ty {
        if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(schemas::referred)
            && map.keys().all(|key| key == "$ref" || COMMENTS.contains(&key.as_str()))
        {
            return self.reference(&name, hint);
        }
        if let Some(value) = map.get("const") {
            return literal(value);
        }
        if let Some(values) = map.get("enum").and_then(Value::as_array) {
            return union(values.iter().map(literal).collect());
        }
        if objects::SHAPES.iter().any(|key| map.contains_key(*key)) {
            return self.combined(map, hint);
        }
        match map.get("type") {
            Some(Value::String(kind)) => self.kind(kind, map, hint),
            Some(Value::Array(kinds)) => {
                union(kinds.iter().filter_map(Value::as_str).map(|kind| self.kind(kind, map, hint)).collect())
            }
            _ => Ty::atom("unknown"),
        }
    }

    fn kind(&mut self, kind: &str, map: &Map<String, Value>, hint: Option<&Ty>) -> Ty {
        match kind {
            "string" if map.get("contentEncoding").is_some_and(|encoding| encoding == "base64") => {
                Ty::Union(vec![Ty::atom("string"), Ty::atom("Uint8Array")])
            }
            "string" => Ty::atom("string"),
            "integer" | "number" => Ty::atom("number"),
            "boolean" => Ty::atom("boolean"),
            "null" => Ty::atom("null"),
            "array" => self.array(map, hint),
            "object" => self.combined(map, hint),
            _ => Ty::atom("unknown"),
        }
    }

    fn array(&mut self, map: &Map<String, Value>, hint: Option<&Ty>) -> Ty {
        if let Some(items) = map.get("prefixItems").and_then(Value::as_array) {
            let items = items.iter().enumerate();
            return Ty::Tuple(items.map(|(index, item)| self.ty(item, place(hint, index))).collect());
        }
        let limit = |key: &str| map.get(key).and_then(Value::as_u64);
        match (limit("minItems").unwrap_or(0), limit("maxItems"), map.get("items")) {
            (_, Some(0), _) => Ty::Tuple(Vec::new()),
            (least, Some(most), Some(item)) if least == most && most <= LONGEST_TUPLE => {
                let item = self.ty(item, place(hint, 0));
                Ty::Tuple((0..most).map(|_| item.clone()).collect())
            }
            (_, _, Some(item)) => Ty::Generic("Array".to_owned(), vec![self.ty(item, place(hint, 0))]),
            (_, _, None) => Ty::Generic("Array".to_owned(), vec![Ty::atom("unknown")]),
        }
    }

    fn nullable(&mut self, rest: &Value, nulls: bool, hint: Option<&Ty>) -> Ty {
        let hint = match hint {
            Some(Ty::Union(parts)) => {
                let parts: Vec<_> = parts.iter().filter(|part| **part != Ty::atom("null")).cloned().collect();
                Some(if let [one] = parts.as_slice() { one.clone() } else { Ty::Union(parts) })
            }
            other => other.cloned(),
        };
        let rest = self.ty(rest, hint.as_ref());
        if nulls { union(vec![rest, Ty::atom("null")]) } else { rest }
    }

    /// A named type where it is used, or what it is where TypeScript has no name for it.
    fn reference(&mut self, schema: &str, hint: Option<&Ty>) -> Ty {
        let named = hint.and_then(called).filter(|name| self.hints.contains_key(*name));
        let Some(declared) = self.pairs.get(schema) else {
            if let Some(name) = named.filter(|name| !self.pairs.values().any(|paired| paired == name)) {
                self.two_names(name, schema);
            }
            return self.written_out(schema, hint);
        };
        match (self.hints[declared].params.as_slice(), hint) {
            ([], _) => Ty::Atom(declared.clone()),
            (_, Some(Ty::Generic(name, args))) if name == declared => Ty::Generic(name.clone(), args.clone()),
            _ => self.written_out(schema, None),
        }
    }

    fn two_names(&mut self, name: &str, schema: &str) {
        self.errors.push(ContractError::NoPartner {
            typescript: format!("`{name}` (`{}`)", self.hints[name].rust_path),
            schema: format!("`{schema}`"),
        });
    }

    fn written_out(&mut self, schema: &str, hint: Option<&Ty>) -> Ty {
        let Some(meant) = self.definitions.get(schema) else { return Ty::atom("unknown") };
        if self.open.iter().any(|open| open == schema) {
            self.errors.push(ContractError::NoTypeScript { name: schema.to_owned() });
            return Ty::atom("unknown");
        }
        self.open.push(schema.to_owned());
        let ty = self.ty(meant, hint);
        self.open.pop();
        ty
    }

    /// Another name for a type, if what it stands for is what the schema says.
    fn alias(&mut self, schema: &Value, hint: Option<&Ty>) -> Option<Ty> {
        let referred = schema.get("$ref").and_then(Value::as_str).and_then(schemas::referred);
        if referred.is_some_and(|schema| !self.pairs.contains_key(&schema) && !is_of_std(&schema)) {
            return None;
        }
        let name = called(hint?)?;
        let alias = self.hints.get(name).filter(|alias| !alias.has_schema)?;
        let mut body = alias.body.clone()?;
        if let Ty::Generic(_, args) = hint? {
            let given: BTreeMap<_, _> = alias.params.iter().zip(args.iter().map(syntax::write)).collect();
            body.rename(&|name| given.get(&name.to_owned()).cloned());
            body = syntax::parse(&syntax::write(&body))?;
        }
        let errors = self.errors.len();
        let found = self.ty(schema, Some(&body));
        self.errors.truncate(errors);
        (syntax::write(&found) == syntax::write(body.bare())).then(|| hint.cloned()).flatten()
    }

    fn is_param(&self, hint: &Ty) -> bool {
        matches!(hint, Ty::Atom(name) if self.params.contains(name))
    }
}

/// Whether schemars gave this name to a type of the standard library, which TypeScript has no name for.
fn is_of_std(schema: &str) -> bool {
    ["Range_of_", "Bound_of_", "Result_of_", "Duration", "SystemTime"].iter().any(|name| schema.starts_with(name))
}

/// The name that a type is called by.
pub(super) fn called(ty: &Ty) -> Option<&str> {
    match ty {
        Ty::Atom(name) | Ty::Generic(name, _) => Some(name),
        _ => None,
    }
}

/// One type, or all of them with `|` between, each once.
pub(super) fn union(parts: Vec<Ty>) -> Ty {
    let mut flat: Vec<Ty> = Vec::new();
    for part in parts {
        let inner = if let Ty::Union(inner) = part { inner } else { vec![part] };
        for part in inner {
            if part != Ty::atom("never") && !flat.contains(&part) {
                flat.push(part);
            }
        }
    }
    match flat.len() {
        0 => Ty::atom("never"),
        1 => flat.remove(0),
        _ if flat.contains(&Ty::atom("unknown")) => Ty::atom("unknown"),
        _ => Ty::Union(flat),
    }
}

pub(super) fn literal(value: &Value) -> Ty {
    Ty::Atom(value.as_str().map_or_else(|| value.to_string(), syntax::quoted))
}

/// The hint for one item of an array.
fn place(hint: Option<&Ty>, index: usize) -> Option<&Ty> {
    match hint? {
        Ty::Generic(_, items) if items.len() == 1 => items.first(),
        Ty::Tuple(items) => items.get(index),
        Ty::Array(item) => Some(item),
        _ => None,
    }
}

/// The schema without `null`, and whether there is one; `None` if there is nothing to take off.
fn without_null(map: &Map<String, Value>) -> Option<(Value, bool)> {
    let is_null =
        |schema: &Value| schema.get("type").is_some_and(|kind| kind == "null") && schema.get("enum").is_none();
    for key in ["anyOf", "oneOf"] {
        let Some(branches) = map.get(key).and_then(Value::as_array) else { continue };
        if map.keys().any(|other| other != key && !COMMENTS.contains(&other.as_str())) {
            continue;
        }
        let rest: Vec<_> = branches.iter().filter(|branch| !is_null(branch)).cloned().collect();
        if rest.len() == 1 || (rest.len() < branches.len() && !rest.is_empty()) {
            let nulls = rest.len() < branches.len();
            let rest = if let [one] = rest.as_slice() { one.clone() } else { serde_json::json!({ key: rest }) };
            return Some((rest, nulls));
        }
    }
    let kinds = map.get("type").and_then(Value::as_array)?;
    let rest: Vec<_> = kinds.iter().filter(|kind| *kind != "null").cloned().collect();
    if rest.len() == kinds.len() || rest.is_empty() {
        return None;
    }
    let mut schema = map.clone();
    let kind = if let [one] = rest.as_slice() { one.clone() } else { rest.into() };
    schema.insert("type".to_owned(), kind);
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    Some((schema.into(), true))
}
