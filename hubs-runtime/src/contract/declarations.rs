//! The names of a visit: which types a type is made of, what they are called, which parameters they have, and in
//! which order their fields stand. ts-rs knows all of it.

use std::{
    any::{TypeId, type_name},
    collections::{BTreeMap, HashSet},
    panic::{self, AssertUnwindSafe},
};

use ts_rs::{Config, TS, TypeVisitor};

use super::{ContractError, Shape, shape};

/// One named type.
#[derive(Debug)]
pub(super) struct Declaration {
    /// Equal for all instances of one generic type.
    id: TypeId,
    pub(super) rust_path: String,
    pub(super) docs: String,
    /// Whether it has type parameters.
    pub(super) generic: bool,
    pub(super) params: Vec<String>,
    /// `None` where ts-rs says nothing that can be read.
    pub(super) shape: Option<Shape>,
}

/// All declarations so far.
pub(super) struct Declarations {
    config: Config,
    seen: HashSet<TypeId>,
    pub(super) by_name: BTreeMap<String, Declaration>,
    pub(super) errors: Vec<ContractError>,
}

impl Declarations {
    pub(super) fn new() -> Self {
        // JSON carries no bigint: 64-bit integers are numbers, true up to 2^53.
        let config = Config::new().with_large_int("number");
        Self { config, seen: HashSet::new(), by_name: BTreeMap::new(), errors: Vec::new() }
    }

    /// Adds what `T` needs and returns its shape where it is used.
    pub(super) fn add<T: TS + 'static>(&mut self) -> Option<Shape> {
        self.visit::<T>();
        shape::read(&T::name(&self.config))
    }

    fn declare<T: TS + 'static + ?Sized>(&mut self) {
        let id = TypeId::of::<T::WithoutGenerics>();
        let name = T::ident(&self.config);
        let rust_path = rust_path::<T>();
        if let Some(known) = self.by_name.get(&name) {
            // Two constants make two types of one declaration.
            let instances = type_name::<T>().contains('<') && known.rust_path == rust_path;
            if known.id != id && !instances {
                let (first, second) = sorted(known.rust_path.clone(), rust_path);
                self.errors.push(ContractError::TwoTypes { name, first, second });
            }
            return;
        }
        let docs = T::docs().map(|docs| plain_docs(&docs)).unwrap_or_default();
        let generic = T::name(&self.config).contains('<');
        let text = declaration::<T>(&self.config).unwrap_or_default();
        if text.starts_with("enum ") {
            self.errors.push(ContractError::NotErasable { rust_path: rust_path.clone() });
        }
        let (params, shape) = shape::declaration(&text);
        self.by_name.insert(name, Declaration { id, rust_path, docs, generic, params, shape });
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Types without a path of their own (numbers, `Vec`, tuples) are written where they are used. Any JSON value has a
        // name in ts-rs only.
        let any = ["ts_rs::", "serde_json::"].iter().any(|krate| type_name::<T>().starts_with(krate));
        if T::output_path().is_some() && !any {
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
