//! A JSON Schema as TypeScript, in one direction. The shape of the same type is a hint: it knows the names of aliases,
//! the parameters of generic types and the order of fields. Where it says another thing than the schema, the schema is
//! right.

use std::collections::BTreeMap;

use hubs::contract::{Contract, Direction, TypeDef};
use serde_json::{Map, Value};

use super::{objects, ty::Ty};
use crate::emit::EmitError;

/// What a type of the contract is called, and how its shape says it is written.
#[derive(Debug)]
pub(super) struct Hint {
    pub(super) rust_path: String,
    /// `["T"]` of `Page<T>`.
    pub(super) params: Vec<String>,
    /// `None` where nothing is known.
    pub(super) body: Option<Ty>,
    /// Whether a schema belongs to it; if not, it is another name for a type.
    pub(super) has_schema: bool,
}

/// Everything that types of one direction refer to.
pub(super) struct Render<'a> {
    pub(super) contract: &'a Contract,
    pub(super) direction: Direction,
    pub(super) hints: &'a BTreeMap<String, Hint>,
    /// The parameters of the declaration in work.
    pub(super) params: Vec<String>,
    /// Name of the schema in work.
    pub(super) instance: String,
    /// What the parameters of each instance stand for: `T` of `Page<Note>`.
    pub(super) given: BTreeMap<(String, String), Value>,
    /// Definitions that are being written out.
    open: Vec<String>,
    pub(super) errors: Vec<EmitError>,
}

/// Keys that say nothing about values.
const COMMENTS: [&str; 10] = [
    "description",
    "title",
    "deprecated",
    "x-deprecated",
    "x-aliases",
    "default",
    "examples",
    "readOnly",
    "writeOnly",
    "format",
];

/// How long an array may be to be written as a tuple.
const LONGEST_TUPLE: u64 = 64;

impl<'a> Render<'a> {
    pub(super) fn new(contract: &'a Contract, direction: Direction, hints: &'a BTreeMap<String, Hint>) -> Self {
        Self {
            contract,
            direction,
            hints,
            params: Vec::new(),
            instance: String::new(),
            given: BTreeMap::new(),
            open: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// The type of all values that `schema` allows.
    pub(super) fn ty(&mut self, schema: &Value, hint: Option<&Ty>) -> Ty {
        if let Some(param) = hint.and_then(|hint| self.param(hint, schema)) {
            return param;
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
        if let Some((name, def)) =
            map.get("$ref").and_then(Value::as_str).and_then(|name| self.contract.definition(name))
            && map.keys().all(|key| key == "$ref" || COMMENTS.contains(&key.as_str()))
        {
            return self.reference(name, def, hint);
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
            "string" if is_integer(map) => Ty::atom("`${bigint}`"),
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

    /// A named type where it is used, or what it is where its parameters are not known.
    fn reference(&mut self, schema: &str, def: &TypeDef, hint: Option<&Ty>) -> Ty {
        match (def.params.as_slice(), hint) {
            ([], _) => Ty::Atom(def.name.clone()),
            (params, Some(Ty::Generic(name, args))) if *name == def.name => {
                Ty::Generic(name.clone(), self.arguments(schema, params, args))
            }
            _ => self.written_out(schema, def),
        }
    }

    fn written_out(&mut self, schema: &str, def: &TypeDef) -> Ty {
        let Some(meant) = def.schema(self.direction) else { return Ty::atom("unknown") };
        if self.open.iter().any(|open| open == schema) {
            self.errors.push(EmitError::NoParameters { name: def.name.clone(), rust_path: def.rust_path.clone() });
            return Ty::atom("unknown");
        }
        self.open.push(schema.to_owned());
        let ty = self.ty(meant, None);
        self.open.pop();
        ty
    }

    /// Another name for a type, if what it stands for is what the schema says.
    fn alias(&mut self, schema: &Value, hint: Option<&Ty>) -> Option<Ty> {
        let name = called(hint?)?;
        let alias = self.hints.get(name).filter(|alias| !alias.has_schema)?;
        let mut body = alias.body.clone()?;
        if let Ty::Generic(_, args) = hint? {
            let given: BTreeMap<&str, &Ty> = alias.params.iter().map(String::as_str).zip(args).collect();
            body = body.replace(&|name| given.get(name).copied().cloned());
        }
        let errors = self.errors.len();
        let found = self.ty(schema, Some(&body));
        self.errors.truncate(errors);
        (found.without_docs() == body).then(|| hint.cloned()).flatten()
    }

    /// A parameter stays one, and what it stands for is kept.
    fn param(&mut self, hint: &Ty, schema: &Value) -> Option<Ty> {
        let Ty::Atom(name) = hint else { return None };
        if !self.params.contains(name) {
            return None;
        }
        let key = (self.instance.clone(), name.clone());
        // `Option<T>` shows `T` without its null, which another field may show with it.
        let with_null = |known: &Value| known.as_object().is_some_and(|map| without_null(map).is_some());
        if !self.given.get(&key).is_some_and(with_null) {
            self.given.insert(key, schema.clone());
        }
        Some(hint.clone())
    }

    /// The arguments of a generic type, each as the schema of what it stands for says.
    fn arguments(&mut self, schema: &str, params: &[String], args: &[Ty]) -> Vec<Ty> {
        let args = params.iter().zip(args).map(|(param, arg)| {
            let given = self.given.get(&(schema.to_owned(), param.clone())).cloned();
            given.map_or_else(|| arg.clone(), |given| self.ty(&given, Some(arg)))
        });
        args.collect()
    }
}

/// Whether the texts are integers, of `hubs::Text`.
fn is_integer(map: &Map<String, Value>) -> bool {
    let format = map.get("format").and_then(Value::as_str);
    format.is_some_and(|format| ["int64", "uint64", "int128", "uint128"].contains(&format))
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
    Ty::Atom(value.to_string())
}

/// The hint for one item of an array.
fn place(hint: Option<&Ty>, index: usize) -> Option<&Ty> {
    match hint? {
        Ty::Generic(_, items) if items.len() == 1 => items.first(),
        Ty::Tuple(items) => items.get(index),
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
