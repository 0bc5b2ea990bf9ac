//! TypeScript's types as a tree. Knows no contract; how a tree is printed is `format`'s.

use std::collections::BTreeSet;

use hubs::contract::{FieldShape, Shape};

use crate::emit::typescript::names;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emit::typescript) enum Ty {
    /// `A | B`
    Union(Vec<Ty>),
    /// `A & B`
    All(Vec<Ty>),
    /// `string`, `"joined"`, `7`
    Atom(String),
    /// `Array<A>`
    Generic(String, Vec<Ty>),
    /// `[A, B]`
    Tuple(Vec<Ty>),
    /// `{ a: A }`
    Object(Vec<Field>),
}

/// `a?: A`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emit::typescript) struct Field {
    /// The doc comment, without its marks.
    pub(in crate::emit::typescript) docs: String,
    /// What stands before the colon.
    pub(in crate::emit::typescript) key: Key,
    /// Whether it has a question mark.
    pub(in crate::emit::typescript) optional: bool,
    /// What stands after the colon.
    pub(in crate::emit::typescript) ty: Ty,
}

/// What stands before the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emit::typescript) enum Key {
    /// The name of a field, without quotes.
    Name(String),
    /// `[key in K]`
    Each(Ty),
}

/// One named type: `type Page<T> = ...;`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emit::typescript) struct Declared {
    pub(in crate::emit::typescript) name: String,
    pub(in crate::emit::typescript) params: Vec<String>,
    pub(in crate::emit::typescript) body: Ty,
}

impl Declared {
    /// Whether it is written as an `interface`, whose parts TypeScript resolves when they are needed.
    pub(in crate::emit::typescript) fn is_interface(&self) -> bool {
        let Ty::Object(fields) = &self.body else { return false };
        !fields.is_empty() && fields.iter().all(|field| matches!(field.key, Key::Name(_)))
    }
}

impl Ty {
    /// A name or a literal.
    pub(in crate::emit::typescript) fn atom(text: &str) -> Self {
        Self::Atom(text.to_owned())
    }

    /// `{ [key in K]: V }`
    pub(in crate::emit::typescript) fn map(keys: Self, values: Self, optional: bool) -> Self {
        Self::Object(vec![Field { docs: String::new(), key: Key::Each(keys), optional, ty: values }])
    }

    /// What a shape of the contract says.
    pub(in crate::emit::typescript) fn of(shape: &Shape) -> Self {
        let all = |parts: &[Shape]| parts.iter().map(Self::of).collect();
        match shape {
            Shape::Any => Self::atom("unknown"),
            Shape::Null => Self::atom("null"),
            Shape::Boolean => Self::atom("boolean"),
            Shape::Number => Self::atom("number"),
            Shape::String => Self::atom("string"),
            Shape::Never => Self::atom("never"),
            Shape::Const(value) => super::render::literal(value),
            Shape::Type { name, args } if args.is_empty() => Self::atom(name),
            Shape::Type { name, args } => Self::Generic(name.clone(), all(args)),
            Shape::List(item) => Self::Generic("Array".to_owned(), vec![Self::of(item)]),
            Shape::Tuple(parts) => Self::Tuple(all(parts)),
            Shape::Map { keys, values } => Self::map(Self::of(keys), Self::of(values), false),
            Shape::Object(fields) => Self::Object(fields.iter().map(Field::of).collect()),
            Shape::Union(parts) => Self::Union(all(parts)),
            Shape::All(parts) => Self::All(all(parts)),
        }
    }

    /// Replaces every name that a type is called by: `Array` in `Array<A>`, and `A`.
    pub(in crate::emit::typescript) fn replace(self, with: &dyn Fn(&str) -> Option<Self>) -> Self {
        let all = |parts: Vec<Self>| parts.into_iter().map(|part| part.replace(with)).collect();
        match self {
            Self::Atom(name) => with(&name).unwrap_or(Self::Atom(name)),
            Self::Generic(name, args) => match with(&name) {
                Some(Self::Atom(name)) => Self::Generic(name, all(args)),
                _ => Self::Generic(name, all(args)),
            },
            Self::Union(parts) => Self::Union(all(parts)),
            Self::All(parts) => Self::All(all(parts)),
            Self::Tuple(parts) => Self::Tuple(all(parts)),
            Self::Object(fields) => {
                let fields = fields.into_iter().map(|field| Field {
                    key: match field.key {
                        Key::Each(keys) => Key::Each(keys.replace(with)),
                        name => name,
                    },
                    ty: field.ty.replace(with),
                    ..field
                });
                Self::Object(fields.collect())
            }
        }
    }

    /// The same without comments.
    pub(super) fn without_docs(&self) -> Self {
        let all = |parts: &[Self]| parts.iter().map(Self::without_docs).collect();
        match self {
            Self::Object(fields) => {
                let plain = |field: &Field| Field { docs: String::new(), ty: field.ty.without_docs(), ..field.clone() };
                Self::Object(fields.iter().map(plain).collect())
            }
            Self::Union(parts) => Self::Union(all(parts)),
            Self::All(parts) => Self::All(all(parts)),
            Self::Tuple(parts) => Self::Tuple(all(parts)),
            Self::Generic(name, args) => Self::Generic(name.clone(), all(args)),
            Self::Atom(_) => self.clone(),
        }
    }

    /// Every name that a type is called by, literals among them.
    pub(in crate::emit::typescript) fn names(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.collect(&mut found);
        found
    }

    fn collect(&self, found: &mut BTreeSet<String>) {
        match self {
            Self::Atom(name) => drop(found.insert(name.clone())),
            Self::Generic(name, args) => {
                found.insert(name.clone());
                args.iter().for_each(|arg| arg.collect(found));
            }
            Self::Union(parts) | Self::All(parts) | Self::Tuple(parts) => {
                parts.iter().for_each(|part| part.collect(found));
            }
            Self::Object(fields) => {
                for field in fields {
                    if let Key::Each(keys) = &field.key {
                        keys.collect(found);
                    }
                    field.ty.collect(found);
                }
            }
        }
    }
}

impl Field {
    fn of(field: &FieldShape) -> Self {
        Self {
            docs: String::new(),
            key: Key::Name(field.name.clone()),
            optional: field.optional,
            ty: Ty::of(&field.shape),
        }
    }

    /// Its name; `None` for `[key in K]`.
    pub(super) fn name(&self) -> Option<&str> {
        if let Key::Name(name) = &self.key { Some(name) } else { None }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(&names::key(name)),
            Self::Each(keys) => write!(f, "[key in {}]", super::super::format::inline(keys)),
        }
    }
}
