//! TypeScript's types as a tree: read from text, asked about, written on one line. Knows no contract and no Rust types.

mod parse;
mod token;
mod write;

use std::collections::BTreeSet;

pub use parse::ty as parse;
use token::{Token, tokens};
pub use write::{declaration, quoted, ty as write};

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
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
    /// `(A)`
    Group(Box<Ty>),
    /// `A[]`
    Array(Box<Ty>),
}

/// `a?: A`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The doc comment, without its marks.
    pub docs: String,
    /// What stands before the colon.
    pub key: Key,
    /// Whether it has a question mark.
    pub optional: bool,
    /// What stands after the colon.
    pub ty: Ty,
}

/// What stands before the colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// `a` or `"a b"`, with quotes if it was written with them.
    Name(String),
    /// `[key in K]`
    Each(String, Ty),
}

impl Ty {
    /// A name or a literal.
    #[must_use]
    pub fn atom(text: &str) -> Self {
        Self::Atom(text.to_owned())
    }

    /// The same without the brackets around it.
    #[must_use]
    pub fn bare(&self) -> &Self {
        match self {
            Self::Group(inner) => inner.bare(),
            other => other,
        }
    }

    /// Changes every name that a type is called by: `Array` in `Array<A>`, and `A`.
    pub fn rename(&mut self, to: &dyn Fn(&str) -> Option<String>) {
        match self {
            Self::Atom(name) => {
                if let Some(new) = to(name) {
                    *name = new;
                }
            }
            Self::Generic(name, items) => {
                if let Some(new) = to(name) {
                    *name = new;
                }
                items.iter_mut().for_each(|item| item.rename(to));
            }
            Self::Union(items) | Self::All(items) | Self::Tuple(items) => {
                items.iter_mut().for_each(|item| item.rename(to));
            }
            Self::Object(fields) => {
                for field in fields {
                    if let Key::Each(_, each) = &mut field.key {
                        each.rename(to);
                    }
                    field.ty.rename(to);
                }
            }
            Self::Group(inner) | Self::Array(inner) => inner.rename(to),
        }
    }

    /// Every name that a type is called by, literals among them.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let names = std::cell::RefCell::new(BTreeSet::new());
        self.clone().rename(&|name| {
            names.borrow_mut().insert(name.to_owned());
            None
        });
        names.into_inner()
    }
}

impl Field {
    /// The name without its quotes; `None` for `[key in K]`.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let Key::Name(name) = &self.key else { return None };
        Some(serde_json::from_str(name).unwrap_or_else(|_| name.clone()))
    }
}

/// `Page<T>` and `{ ... }` of `type Page<T> = { ... };`.
#[must_use]
pub fn split(declaration: &str) -> Option<(&str, &str)> {
    let mut depth = 0_u32;
    for (index, c) in declaration.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.checked_sub(1)?,
            '=' if depth == 0 => {
                let head = declaration[..index].trim().strip_prefix("type ")?.trim();
                return Some((head, declaration[index + 1..].trim().strip_suffix(';')?.trim()));
            }
            _ => {}
        }
    }
    None
}

/// The parameters in `Page<T, U = string>`.
#[must_use]
pub fn params(head: &str) -> Vec<String> {
    match parse::ty(head) {
        Some(Ty::Generic(_, params)) => params.iter().map(write::ty).collect(),
        _ => Vec::new(),
    }
}

/// The names that a type uses; keys of objects are not among them.
#[must_use]
pub fn words(ts: &str) -> Vec<String> {
    let Some(tokens) = tokens(ts) else { return Vec::new() };
    let is_key = |index: usize| matches!(tokens.get(index + 1), Some(Token::Mark(':' | '?')));
    let words = tokens.iter().enumerate().filter_map(|(index, token)| match token {
        Token::Word(word) if !is_key(index) => Some(word.clone()),
        _ => None,
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_names_and_not_keys() {
        assert_eq!(words(r#"Array<{ Message: Page<Member>, a?: "Text" }>"#), ["Array", "Page", "Member"]);
    }

    #[test]
    fn declarations_come_apart() {
        assert_eq!(split("type Page<T> = { a: T, };"), Some(("Page<T>", "{ a: T, }")));
        assert_eq!(params("Page<T, U>"), ["T", "U"]);
        assert_eq!(split("enum A { B }"), None);
    }

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "{ a: number, \"b c\"?: Array<string> | null, }",
            "{ [key in Mood]?: [number, string] } & (A | { b: B, })",
            "\"a\" | \"b\" | (A & B)[]",
            "{ \n/**\n * Two\n * lines.\n */\na: number, }",
            "[]",
            "{  }",
        ] {
            assert_eq!(write(&parse(text).unwrap()), text);
        }
    }

    #[test]
    fn every_name_is_renamed() {
        let mut ty = parse("{ a: Array<A>, b: { [key in A]: B<A> } }").unwrap();
        ty.rename(&|name| (name == "A").then(|| "C".to_owned()));
        assert_eq!(write(&ty), "{ a: Array<C>, b: { [key in C]: B<C> }, }");
        assert_eq!(ty.names().into_iter().collect::<Vec<_>>(), ["Array", "B", "C"]);
    }
}
