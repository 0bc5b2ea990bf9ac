//! Objects: their fields, what is flattened into them, maps, and unions of them.

use std::collections::BTreeSet;

use hubs::contract::TypeDef;
use serde_json::{Map, Value};

use super::{
    render::{Render, literal, union},
    ty::{Field, Key, Ty},
};

/// Keys of a schema that is more than one simple kind.
pub(super) const SHAPES: [&str; 7] =
    ["properties", "patternProperties", "additionalProperties", "allOf", "anyOf", "oneOf", "$ref"];

impl Render<'_> {
    /// All that a schema says at once: its fields, and each part that is flattened in.
    pub(super) fn combined(&mut self, map: &Map<String, Value>, hint: Option<&Ty>) -> Ty {
        let mut parts: Vec<Ty> = Vec::new();
        let fields = self.fields(map, hint);
        let rest = self.rest(map, &fields, hint);
        let has_own = !fields.is_empty() || rest.is_some();
        if !fields.is_empty() {
            parts.push(Ty::Object(fields));
        }
        parts.extend(rest);
        if let Some(reference) = map.get("$ref") {
            let hint = members(hint).into_iter().find(|part| !matches!(part, Ty::Object(_)));
            parts.push(self.ty(&serde_json::json!({ "$ref": reference }), hint));
        }
        for part in list(map, "allOf") {
            parts.push(self.ty(part, hint));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(variants) = map.get(key).and_then(Value::as_array) {
                parts.push(self.variants(variants, has_own, hint));
            }
        }
        match parts.len() {
            0 if says_nothing(map) => Ty::Generic("Record".to_owned(), vec![Ty::atom("string"), Ty::atom("never")]),
            0 => Ty::map(Ty::atom("string"), Ty::atom("unknown"), false),
            1 => parts.remove(0),
            _ => Ty::All(parts),
        }
    }

    fn variants(&mut self, variants: &[Value], has_own: bool, hint: Option<&Ty>) -> Ty {
        let mut hints: Vec<&Ty> = Vec::new();
        for part in members(hint) {
            hints.extend(if let Ty::Union(parts) = part { parts.as_slice() } else { std::slice::from_ref(part) });
        }
        let (texts, hints): (Vec<&Ty>, Vec<&Ty>) = hints.into_iter().partition(|hint| is_text(hint));
        let holding: Vec<&Value> = variants.iter().filter(|variant| !is_name(variant)).collect();
        let types = variants.iter().map(|variant| {
            if has_own && variant.as_object().is_some_and(Map::is_empty) {
                return Ty::Object(Vec::new());
            }
            let place = holding.iter().position(|other| *other == variant).filter(|_| holding.len() == hints.len());
            let hint = hints.iter().find(|hint| is_alike(variant, hint)).or_else(|| hints.get(place?));
            documented(self.ty(variant, hint.copied()), &docs(variant))
        });
        in_order(union(types.collect()), &texts)
    }

    /// The fields that have names, in the order of the hint.
    fn fields(&mut self, map: &Map<String, Value>, hint: Option<&Ty>) -> Vec<Field> {
        let Some(properties) = map.get("properties").and_then(Value::as_object) else { return Vec::new() };
        let required: BTreeSet<_> = list(map, "required").iter().filter_map(Value::as_str).collect();
        let hints: Vec<&Field> = members(hint).into_iter().filter_map(object).flatten().collect();
        let order = |name: &String| hints.iter().position(|field| field.name() == Some(name));
        let mut names: Vec<_> = properties.keys().collect();
        names.sort_by_key(|name| (order(name).unwrap_or(usize::MAX), (*name).clone()));
        let mut fields = Vec::new();
        for name in names {
            let hint = order(name).map(|index| hints[index]);
            fields.push(Field {
                docs: docs(&properties[name]),
                key: Key::Name(name.clone()),
                optional: !required.contains(name.as_str()),
                ty: self.ty(&properties[name], hint.map(|hint| &hint.ty)),
            });
        }
        fields
    }

    /// The type of all fields that have no names in the contract.
    fn rest(&mut self, map: &Map<String, Value>, fields: &[Field], hint: Option<&Ty>) -> Option<Ty> {
        let patterns = map.get("patternProperties").and_then(Value::as_object);
        let values = match patterns.and_then(|patterns| patterns.values().next()) {
            Some(values) => values,
            None => map.get("additionalProperties").filter(|values| **values != Value::Bool(false))?,
        };
        let hinted = members(hint).into_iter().filter_map(object).flatten().find(|f| matches!(f.key, Key::Each(..)));
        let values = self.ty(values, hinted.map(|field| &field.ty));
        // An index tells about every field, the named ones among them.
        let mut all = vec![values];
        all.extend(fields.iter().map(|field| field.ty.clone()));
        let values = union(all);
        match hinted {
            Some(Field { key: Key::Each(keys), .. }) if fields.is_empty() && self.is_choice(keys) => {
                Some(Ty::map(keys.clone(), values, true))
            }
            // Keys are text, also where Rust has integers: TypeScript's numbers end before those of 64 bits do.
            _ => Some(Ty::map(Ty::atom("string"), values, false)),
        }
    }

    /// Whether a type is a name for some texts.
    fn is_choice(&self, ty: &Ty) -> bool {
        let Ty::Atom(name) = ty else { return false };
        match self.hints.get(name).and_then(|hint| hint.body.as_ref()) {
            Some(Ty::Union(parts)) => parts.iter().all(is_text),
            Some(one) => is_text(one),
            None => false,
        }
    }
}

fn is_text(ty: &Ty) -> bool {
    matches!(ty, Ty::Atom(text) if text.starts_with('"'))
}

/// Puts texts into the order of Rust; schemars has those with a comment behind the others.
fn in_order(ty: Ty, order: &[&Ty]) -> Ty {
    let Ty::Union(mut parts) = ty else { return ty };
    let mut texts: Vec<Ty> = parts.iter().filter(|part| is_text(part)).cloned().collect();
    texts.sort_by_key(|text| order.iter().position(|hint| *hint == text));
    for (place, text) in parts.iter_mut().filter(|part| is_text(part)).zip(texts) {
        *place = text;
    }
    Ty::Union(parts)
}

/// Whether a variant is one of some texts.
fn is_name(variant: &Value) -> bool {
    variant.get("const").is_some() || variant.get("enum").is_some()
}

/// Whether both have the same fields, and the same texts where the schema has one text.
fn is_alike(variant: &Value, hint: &Ty) -> bool {
    let Some(properties) = variant.get("properties").and_then(Value::as_object) else { return false };
    let fields: Vec<&Field> = members(Some(hint)).into_iter().filter_map(object).flatten().collect();
    let same = |field: &&Field| {
        let Some(property) = field.name().and_then(|name| properties.get(name)) else { return false };
        property.get("const").is_none_or(|value| literal(value) == field.ty)
    };
    fields.len() == properties.len() && fields.iter().all(same)
}

/// The parts of an intersection.
fn members(hint: Option<&Ty>) -> Vec<&Ty> {
    match hint {
        Some(Ty::All(parts)) => parts.iter().collect(),
        Some(other) => vec![other],
        None => Vec::new(),
    }
}

fn object(ty: &Ty) -> Option<&[Field]> {
    if let Ty::Object(fields) = ty { Some(fields) } else { None }
}

fn docs(schema: &Value) -> String {
    let docs = schema.get("description").and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned();
    match (deprecation(schema), docs.is_empty()) {
        (None, _) => docs,
        (Some(note), true) => note,
        (Some(note), false) => format!("{docs}\n\n{note}"),
    }
}

/// What is said about a type: its docs, those of its texts, and its deprecation.
pub(in crate::emit::typescript) fn type_docs(def: &TypeDef) -> String {
    let schema = def.output.as_ref().or(def.input.as_ref());
    let variants = ["oneOf", "anyOf"].into_iter().find_map(|key| schema?.get(key)?.as_array());
    let texts = variants.into_iter().flatten().filter_map(|variant| {
        let said = docs(variant).split_whitespace().collect::<Vec<_>>().join(" ");
        let text = literal(variant.get("const")?);
        (!said.is_empty()).then(|| format!("- `{}`: {said}", super::super::format::inline(&text)))
    });
    let texts = texts.collect::<Vec<_>>().join("\n");
    let parts = [def.docs.clone(), texts, schema.and_then(deprecation).unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The same with what is said about a variant, at the field that tells which one it is.
fn documented(mut ty: Ty, docs: &str) -> Ty {
    let first = match &mut ty {
        Ty::All(parts) => parts.iter_mut().find(|part| matches!(part, Ty::Object(_))),
        one => Some(one),
    };
    if let Some(Ty::Object(fields)) = first {
        let tag = fields.iter().position(|field| is_text(&field.ty)).unwrap_or(0);
        if let Some(field) = fields.get_mut(tag).filter(|field| field.docs.is_empty()) {
            docs.clone_into(&mut field.docs);
        }
    }
    ty
}

/// `@deprecated` and why, for what is deprecated.
fn deprecation(schema: &Value) -> Option<String> {
    (schema.get("deprecated") == Some(&Value::Bool(true))).then_some(())?;
    let note = schema.get("x-deprecated").and_then(Value::as_str).unwrap_or_default();
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("@deprecated {note}").trim_end().to_owned())
}

/// A struct without fields, and not an object of whatever fields.
fn says_nothing(map: &Map<String, Value>) -> bool {
    map.get("additionalProperties").is_none_or(|more| more == &Value::Bool(false))
}

fn list<'a>(map: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    map.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
