//! The TypeScript half of a visit: which declarations a type needs, by name, as ts-rs writes them.

use std::{
    any::{TypeId, type_name},
    collections::{BTreeMap, HashSet},
    panic::{self, AssertUnwindSafe},
};

use ts_rs::{Config, TS, TypeVisitor};

use super::render::Hint;
use crate::contract::{ContractError, syntax};

/// One `type Name = ...;`.
#[derive(Debug)]
pub(in crate::contract) struct Declaration {
    /// Equal for all instances of one generic type.
    id: TypeId,
    pub(in crate::contract) rust_path: String,
    pub(in crate::contract) docs: String,
    pub(in crate::contract) text: String,
    pub(in crate::contract) generic: bool,
}

impl Declaration {
    /// What it tells about the type.
    pub(in crate::contract::typescript) fn hint(&self, has_schema: bool) -> Hint {
        let (head, body) = syntax::split(&self.text).unwrap_or_default();
        Hint { rust_path: self.rust_path.clone(), params: syntax::params(head), body: syntax::parse(body), has_schema }
    }
}

/// All declarations so far.
pub(in crate::contract) struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    pub(in crate::contract) by_name: BTreeMap<String, Declaration>,
    pub(in crate::contract) errors: Vec<ContractError>,
}

impl Declarations {
    pub(in crate::contract) fn new() -> Self {
        // JSON carries no bigint: 64-bit integers are numbers, true up to 2^53.
        let config = Config::new().with_large_int("number");
        Self { config, seen: HashSet::new(), by_name: BTreeMap::new(), errors: Vec::new() }
    }

    /// Adds what `T` needs and gives its name where it is used.
    pub(in crate::contract) fn add<T: TS + 'static>(&mut self) -> String {
        self.visit::<T>();
        T::name(&self.config)
    }

    fn declare<T: TS + 'static + ?Sized>(&mut self) {
        let id = TypeId::of::<T::WithoutGenerics>();
        let name = T::ident(&self.config);
        let rust_path = rust_path::<T>();
        if let Some(known) = self.by_name.get(&name) {
            if known.id != id {
                let (first, second) = sorted(known.rust_path.clone(), rust_path);
                self.errors.push(ContractError::TwoTypes { name, first, second });
            }
            return;
        }
        let docs = T::docs().map(|docs| plain_docs(&docs)).unwrap_or_default();
        let generic = T::name(&self.config).contains('<');
        let text = declaration::<T>(&self.config).unwrap_or_else(|| format!("type {name} = unknown;"));
        self.by_name.insert(name, Declaration { id, rust_path, docs, text, generic });
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Types without a path of their own (numbers, `Vec`, tuples) are written where they are used.
        if T::output_path().is_some() {
            self.declare::<T>();
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// What ts-rs writes; `None` where it gives up with a panic, as it does for a flattened `Option`.
fn declaration<T: TS + 'static + ?Sized>(config: &Config) -> Option<String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let text = panic::catch_unwind(AssertUnwindSafe(|| T::decl(config)));
    panic::set_hook(hook);
    text.ok()
}

/// `chat::Page` for `chat::Page<chat::Message>`.
fn rust_path<T: ?Sized>() -> String {
    let full = type_name::<T>();
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
