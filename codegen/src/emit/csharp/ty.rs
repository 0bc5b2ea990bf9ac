//! Types in C#'s words, and which of a contract's types become which kind of declaration.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::emit::model::{Declared, Kind, Model, Object};

/// How many names may stand for each other.
const DEEPEST: usize = 16;

/// Types of C# that are no references.
const VALUES: [&str; 14] = [
    "JsonElement",
    "bool",
    "sbyte",
    "byte",
    "short",
    "ushort",
    "int",
    "uint",
    "long",
    "ulong",
    "float",
    "double",
    "Int128",
    "UInt128",
];

/// What a type of the contract becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// A record with properties.
    Record,
    /// An enumeration.
    Enum,
    /// An abstract record, which the field of this name tells apart.
    Tagged(String),
    /// A record that holds JSON.
    Union,
    /// No declaration: what it stands for is written in its place.
    Alias,
}

/// The types of a contract.
#[derive(Debug)]
pub(super) struct Types<'a> {
    pub(super) model: &'a Model,
    pub(super) forms: BTreeMap<&'a str, Form>,
    /// The abstract record of each variant, and its tag.
    pub(super) bases: BTreeMap<&'a str, (&'a str, String)>,
}

impl<'a> Types<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        let mut types = Self { model, forms: BTreeMap::new(), bases: BTreeMap::new() };
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for part in model.declared.values().flat_map(|declared| declared.kind.parts()) {
            if let Kind::Named(name) = part {
                *uses.entry(name).or_default() += 1;
            }
        }
        for declared in model.declared.values() {
            let form = types.form(declared, &uses);
            if let Form::Tagged(tag) = &form {
                for part in declared.kind.parts() {
                    if let Kind::Named(variant) = part {
                        types.bases.insert(variant, (&declared.name, tag.clone()));
                    }
                }
            }
            types.forms.insert(&declared.name, form);
        }
        types
    }

    fn form(&self, declared: &Declared, uses: &BTreeMap<&str, usize>) -> Form {
        let (plain, may_be_null) = declared.kind.without_null();
        match &plain {
            Kind::Object(_) => Form::Record,
            kind if kind.texts().is_some() => Form::Enum,
            Kind::Union(parts) => match self.tag(parts, uses).filter(|_| !may_be_null) {
                Some(tag) => Form::Tagged(tag),
                None => Form::Union,
            },
            _ => Form::Alias,
        }
    }

    /// The field that tells all variants apart, if they are objects that nothing else is made of.
    fn tag(&self, parts: &[Kind], uses: &BTreeMap<&str, usize>) -> Option<String> {
        let objects = parts.iter().map(|part| {
            let Kind::Named(name) = part else { return None };
            (uses.get(name.as_str()) == Some(&1)).then(|| self.object(name))?
        });
        let objects = objects.collect::<Option<Vec<_>>>()?;
        let first = objects.first()?;
        let is_tag = |name: &str| {
            let mut texts: Vec<&str> = objects.iter().filter_map(|object| tag_of(object, name)).collect();
            texts.sort_unstable();
            texts.dedup();
            texts.len() == parts.len()
        };
        // System.Text.Json reads the tag before all other fields only.
        let comes_first =
            |name: &str| objects.iter().all(|object| object.fields.first().is_some_and(|f| f.name == name));
        let name = &first.fields.first()?.name;
        (is_tag(name) && comes_first(name)).then(|| name.clone())
    }

    /// The type as `typeof` takes it: references have no `?` there.
    pub(super) fn runtime(&self, text: &str) -> String {
        let bare = text.trim_end_matches('?');
        let is_value = VALUES.contains(&bare) || self.forms.get(bare) == Some(&Form::Enum);
        if is_value { text.to_owned() } else { bare.to_owned() }
    }

    /// The object of this name.
    pub(super) fn object(&self, name: &str) -> Option<&'a Object> {
        match &self.model.declared.get(name)?.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The type where it is used.
    pub(super) fn text(&self, kind: &Kind) -> String {
        self.within(kind, 0)
    }

    fn within(&self, kind: &Kind, depth: usize) -> String {
        let nested = |kind: &Kind| self.within(kind, depth);
        match kind {
            Kind::Any | Kind::Never | Kind::Object(_) => "JsonElement".to_owned(),
            Kind::Null => "object?".to_owned(),
            Kind::Bool | Kind::Literal(Value::Bool(_)) => "bool".to_owned(),
            Kind::Int { bits, signed } => integer(*bits, *signed).to_owned(),
            Kind::Float(32) => "float".to_owned(),
            Kind::Float(_) => "double".to_owned(),
            Kind::Text | Kind::Literal(Value::String(_)) => "string".to_owned(),
            Kind::Literal(Value::Number(number)) => if number.is_f64() { "double" } else { "long" }.to_owned(),
            Kind::Literal(_) => "JsonElement".to_owned(),
            Kind::Bytes => "byte[]".to_owned(),
            Kind::List(item) => format!("IReadOnlyList<{}>", nested(item)),
            Kind::Map(item) => format!("IReadOnlyDictionary<string, {}>", nested(item)),
            Kind::Tuple(parts) => match Kind::union(parts.iter().cloned()) {
                Kind::Never => "IReadOnlyList<JsonElement>".to_owned(),
                item => format!("IReadOnlyList<{}>", nested(&item)),
            },
            Kind::Union(_) => self.union(kind, depth),
            Kind::Named(name) => self.named(name, depth),
        }
    }

    fn union(&self, kind: &Kind, depth: usize) -> String {
        let (plain, may_be_null) = kind.without_null();
        let text = match &plain {
            kind if kind.texts().is_some() => "string".to_owned(),
            Kind::Union(_) => "JsonElement".to_owned(),
            one => self.within(one, depth),
        };
        if may_be_null && !text.ends_with('?') { format!("{text}?") } else { text }
    }

    fn named(&self, name: &str, depth: usize) -> String {
        let Some(declared) = self.model.declared.get(name) else { return "JsonElement".to_owned() };
        let may_be_null = declared.kind.parts().contains(&Kind::Null);
        match self.forms.get(name) {
            Some(Form::Alias) if depth >= DEEPEST => "JsonElement".to_owned(),
            Some(Form::Alias) => self.within(&declared.kind, depth + 1),
            _ if may_be_null => format!("{name}?"),
            _ => name.to_owned(),
        }
    }
}

/// The text that a field always has.
pub(super) fn tag_of<'o>(object: &'o Object, name: &str) -> Option<&'o str> {
    let field = object.fields.iter().find(|field| field.name == name && !field.optional)?;
    match field.kind.texts()?.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}

fn integer(bits: u8, signed: bool) -> &'static str {
    match (bits, signed) {
        (8, true) => "sbyte",
        (8, false) => "byte",
        (16, true) => "short",
        (16, false) => "ushort",
        (32, true) => "int",
        (32, false) => "uint",
        (128, true) => "Int128",
        (128, false) => "UInt128",
        (_, true) => "long",
        (_, false) => "ulong",
    }
}
