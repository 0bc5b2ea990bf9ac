//! The names of a visit: which types a type is made of, what they are called, which parameters they have, and in
//! which order their fields stand. `named` knows all of it.

use std::{any::TypeId, collections::BTreeMap};

use super::{
    ContractError, Shape,
    named::{Declared, Named, Names, Parts},
    shape,
};

/// One named type.
#[derive(Debug)]
pub(super) struct Declaration {
    /// Equal for all instances of one generic type.
    id: TypeId,
    pub(super) rust_path: String,
    pub(super) docs: String,
    pub(super) params: Vec<String>,
    /// `None` where ts-rs says nothing that can be read.
    pub(super) shape: Option<Shape>,
}

/// All declarations so far.
#[derive(Default)]
pub(super) struct Declarations {
    parts: Parts,
    pub(super) by_name: BTreeMap<String, Declaration>,
    pub(super) errors: Vec<ContractError>,
}

impl Declarations {
    /// Adds what `T` needs and returns its shape where it is used.
    pub(super) fn add<T: Named>(&mut self) -> Option<Shape> {
        self.parts.add::<T>();
        for declared in self.parts.take() {
            self.declare(declared);
        }
        shape::read(&Names::default().of::<T>())
    }

    fn declare(&mut self, declared: Declared) {
        let Declared { id, name, rust_path, docs, params, text } = declared;
        let rust_path = without_params(rust_path);
        if let Some(known) = self.by_name.get(name) {
            if known.id != id {
                let (first, second) = sorted(known.rust_path.clone(), rust_path);
                self.errors.push(ContractError::TwoTypes { name: name.to_owned(), first, second });
            }
            return;
        }
        let text = text.unwrap_or_default();
        if text.starts_with("enum ") {
            self.errors.push(ContractError::NotErasable { rust_path: rust_path.clone() });
        }
        let docs = docs.map(|docs| plain_docs(&docs)).unwrap_or_default();
        let params = params.iter().map(|param| (*param).to_owned()).collect();
        let shape = shape::declaration(&text);
        self.by_name.insert(name.to_owned(), Declaration { id, rust_path, docs, params, shape });
    }
}

/// `chat::Page` for `chat::Page<chat::Message>`.
fn without_params(full: &str) -> String {
    full.split_once('<').map_or(full, |(path, _)| path).to_owned()
}

fn sorted(a: String, b: String) -> (String, String) {
    if a <= b { (a, b) } else { (b, a) }
}

/// The text inside a `/** ... */`.
fn plain_docs(comment: &str) -> String {
    let inner = comment.trim().trim_start_matches("/**").trim_end_matches("*/");
    let lines = inner.lines().map(|line| {
        let line = line.trim_start();
        line.strip_prefix('*').unwrap_or(line).trim()
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain_docs;

    #[test]
    fn docs_lose_their_comment_marks() {
        assert_eq!(plain_docs("/**\n * One line.\n *\n * More.\n */\n"), "One line.\n\nMore.");
        assert_eq!(plain_docs("/** a\n b */\n"), "a\nb");
    }
}
