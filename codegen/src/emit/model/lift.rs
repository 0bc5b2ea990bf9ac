//! Names for what has none: an object inside of another type is called after its owner and its place.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Declared,
    kind::{Kind, Object},
};

/// Collects declarations.
pub(super) struct Lift {
    taken: BTreeSet<String>,
    declared: BTreeMap<String, Declared>,
    /// Objects that have a name already: equal ones share it.
    known: Vec<(Object, String)>,
}

impl Lift {
    pub(super) fn new(taken: impl Iterator<Item = String>) -> Self {
        Self { taken: taken.collect(), declared: BTreeMap::new(), known: Vec::new() }
    }

    /// A name that nothing else has.
    pub(super) fn allocate(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// Adds a type whose name is allocated, and all objects inside of it.
    pub(super) fn declare(&mut self, name: &str, docs: String, kind: Kind) {
        let kind = match kind {
            Kind::Object(object) => Kind::Object(self.inside(object, name)),
            other => self.lifted(other, name),
        };
        self.declared.insert(name.to_owned(), Declared { name: name.to_owned(), docs, kind });
    }

    /// The type with names in place of objects.
    pub(super) fn lifted(&mut self, kind: Kind, owner: &str) -> Kind {
        match kind {
            Kind::Object(object) => self.named(object, owner),
            Kind::Union(parts) => {
                let several = parts.iter().filter(|part| matches!(part, Kind::Object(_))).count() > 1
                    || parts.iter().any(|part| part.texts().is_some());
                let mut number = 0;
                let parts = parts.into_iter().map(|part| {
                    number += 1;
                    match part {
                        Kind::Object(object) if several => {
                            let word = variant(&object).unwrap_or_else(|| number.to_string());
                            self.named(object, &joined(owner, &word))
                        }
                        other => self.lifted(other, owner),
                    }
                });
                Kind::union(parts.collect::<Vec<_>>())
            }
            Kind::Tuple(parts) => {
                let parts = parts.into_iter().enumerate();
                Kind::Tuple(parts.map(|(index, part)| self.lifted(part, &format!("{owner}{}", index + 1))).collect())
            }
            Kind::List(item) => Kind::List(Box::new(self.lifted(*item, &joined(owner, "item")))),
            Kind::Map(item) => Kind::Map(Box::new(self.lifted(*item, &joined(owner, "value")))),
            other => other,
        }
    }

    fn named(&mut self, object: Object, owner: &str) -> Kind {
        if let Some((_, name)) = self.known.iter().find(|(known, _)| *known == object) {
            return Kind::Named(name.clone());
        }
        let name = self.allocate(owner);
        self.known.push((object.clone(), name.clone()));
        let docs = object.docs.clone();
        self.declare(&name, docs, Kind::Object(object));
        Kind::Named(name)
    }

    fn inside(&mut self, object: Object, owner: &str) -> Object {
        let Object { docs, mut fields, rest } = object;
        for field in &mut fields {
            let kind = std::mem::replace(&mut field.kind, Kind::Any);
            field.kind = self.lifted(kind, &joined(owner, &field.name));
        }
        let rest = rest.map(|rest| Box::new(self.lifted(*rest, &joined(owner, "rest"))));
        Object { docs, fields, rest }
    }

    pub(super) fn finish(self) -> BTreeMap<String, Declared> {
        self.declared
    }
}

/// The word that tells a variant from the others: its tag, or its only field.
fn variant(object: &Object) -> Option<String> {
    let tag =
        object.fields.iter().filter(|field| !field.optional).find_map(|field| match field.kind.texts()?.as_slice() {
            [one] => Some((*one).to_owned()),
            _ => None,
        });
    let only = || if let [one] = object.fields.as_slice() { Some(one.name.clone()) } else { None };
    tag.or_else(only).filter(|word| word.chars().any(char::is_alphanumeric))
}

/// `EventMoved`; `EventMovedValue` for what is inside of `EventMoved` under that name.
fn joined(owner: &str, word: &str) -> String {
    let word = pascal(word);
    if owner.ends_with(&word) { format!("{owner}Value") } else { format!("{owner}{word}") }
}

/// `VeryBusy` of `very_busy`, `veryBusy` and `VERY-BUSY`.
pub(in crate::emit) fn pascal(word: &str) -> String {
    let parts = word.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let parts = parts.map(|part| {
        let shouted = part.chars().count() > 1 && !part.chars().any(char::is_lowercase);
        let part = if shouted { part.to_lowercase() } else { part.to_owned() };
        let mut chars = part.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    });
    parts.collect()
}

/// `PageOfNote` of `Page<Note>`.
pub(super) fn type_name(key: &str) -> String {
    let Some((head, args)) = key.split_once('<') else { return key.to_owned() };
    let args = args.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let upper = |part: &str| {
        let mut chars = part.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    format!("{head}Of{}", args.map(upper).collect::<String>())
}
