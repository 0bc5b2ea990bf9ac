//! Types as a tree, without the words of any language.

use std::collections::BTreeSet;

use serde_json::Value;

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::emit) enum Kind {
    /// Any JSON value.
    Any,
    /// No value.
    Never,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int {
        /// How many bits it has.
        bits: u8,
        /// Whether it may be negative.
        signed: bool,
    },
    /// A number with 32 or 64 bits.
    Float(u8),
    /// Text.
    Text,
    /// Bytes, which are Base64 in JSON.
    Bytes,
    /// One value.
    Literal(Value),
    /// Items of one type.
    List(Box<Kind>),
    /// A fixed number of items.
    Tuple(Vec<Kind>),
    /// An object whose keys are any texts.
    Map(Box<Kind>),
    /// A type by its name.
    Named(String),
    /// An object with fields; it has no name yet.
    Object(Object),
    /// One of several.
    Union(Vec<Kind>),
}

/// An object.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::emit) struct Object {
    /// What is said about it.
    pub(in crate::emit) docs: String,
    /// Its fields, in the order of Rust.
    pub(in crate::emit) fields: Vec<Field>,
    /// What all other fields hold; `None` if there are none.
    pub(in crate::emit) rest: Option<Box<Kind>>,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::emit) struct Field {
    /// Its name in JSON.
    pub(in crate::emit) name: String,
    /// What is said about it.
    pub(in crate::emit) docs: String,
    /// Whether it may be missing.
    pub(in crate::emit) optional: bool,
    /// What it holds.
    pub(in crate::emit) kind: Kind,
}

impl Kind {
    /// One type, or one of several, each once.
    pub(in crate::emit) fn union(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat: Vec<Self> = Vec::new();
        for part in parts {
            let inner = if let Self::Union(inner) = part { inner } else { vec![part] };
            for part in inner {
                if part != Self::Never && !flat.contains(&part) {
                    flat.push(part);
                }
            }
        }
        match flat.len() {
            0 => Self::Never,
            1 => flat.remove(0),
            _ if flat.contains(&Self::Any) => Self::Any,
            _ => Self::Union(flat),
        }
    }

    /// The parts of a union, or the type alone.
    pub(in crate::emit) fn parts(&self) -> &[Self] {
        if let Self::Union(parts) = self { parts } else { std::slice::from_ref(self) }
    }

    /// The type without `null`, and whether it may be that.
    pub(in crate::emit) fn without_null(&self) -> (Self, bool) {
        let rest = self.parts().iter().filter(|part| **part != Self::Null).cloned();
        let may_be_null = self.parts().contains(&Self::Null);
        if matches!(self, Self::Null) { (Self::Null, false) } else { (Self::union(rest), may_be_null) }
    }

    /// The texts that it is one of; `None` for every other type.
    pub(in crate::emit) fn texts(&self) -> Option<Vec<&str>> {
        let text = |part: &'_ Self| matches!(part, Self::Literal(Value::String(_)));
        if !self.parts().iter().all(text) {
            return None;
        }
        let texts = self.parts().iter().filter_map(|part| match part {
            Self::Literal(Value::String(text)) => Some(text.as_str()),
            _ => None,
        });
        Some(texts.collect())
    }

    /// Adds every name in it.
    pub(super) fn names(&self, found: &mut BTreeSet<String>) {
        if let Self::Named(name) = self {
            found.insert(name.clone());
        }
        self.children().into_iter().for_each(|child| child.names(found));
    }

    fn children(&self) -> Vec<&Self> {
        match self {
            Self::List(item) | Self::Map(item) => vec![item],
            Self::Tuple(parts) | Self::Union(parts) => parts.iter().collect(),
            Self::Object(object) => {
                object.fields.iter().map(|field| &field.kind).chain(object.rest.as_deref()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The same with each part replaced, but not the parts of these.
    pub(super) fn map(self, change: &mut dyn FnMut(Self) -> Self) -> Self {
        match self {
            Self::List(item) => Self::List(Box::new(change(*item))),
            Self::Map(item) => Self::Map(Box::new(change(*item))),
            Self::Tuple(parts) => Self::Tuple(parts.into_iter().map(change).collect()),
            Self::Union(parts) => Self::union(parts.into_iter().map(change).collect::<Vec<_>>()),
            Self::Object(Object { docs, fields, rest }) => {
                let fields = fields.into_iter().map(|field| Field { kind: change(field.kind), ..field }).collect();
                Self::Object(Object { docs, fields, rest: rest.map(|rest| Box::new(change(*rest))) })
            }
            other => other,
        }
    }

    pub(super) fn rename(self, name: &dyn Fn(&str) -> String) -> Self {
        match self {
            Self::Named(old) => Self::Named(name(&old)),
            other => other.map(&mut |part| part.rename(name)),
        }
    }
}
