//! The two forms of a type: what the server reads and what it writes. TypeScript gets both where they differ and both
//! are used; else it has one, under the type's own name.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Declaration, merge,
    render::{Hint, Render},
};
use crate::contract::{
    ContractError, Direction, TypeRef,
    schemas::Definitions,
    syntax::{self, Ty},
};

/// A type that an interface names.
pub(in crate::contract) struct Root {
    pub(in crate::contract) direction: Direction,
    pub(in crate::contract) ty: TypeRef,
}

/// All declarations, in both directions.
#[derive(Debug)]
pub(in crate::contract) struct Forms {
    hints: BTreeMap<String, Hint>,
    /// Name of a schema, and the name of its declaration.
    pub(in crate::contract) pairs: BTreeMap<String, String>,
    pub(in crate::contract) input: Definitions,
    pub(in crate::contract) output: Definitions,
    read: Way,
    written: Way,
    /// The declarations that there are two of.
    split: BTreeSet<String>,
}

/// One direction.
#[derive(Debug, Default)]
struct Way {
    bodies: BTreeMap<String, Ty>,
    /// The declarations that values of this direction are made of.
    used: BTreeSet<String>,
}

impl Forms {
    /// Writes every declaration in each direction.
    ///
    /// # Errors
    /// What TypeScript cannot say, with the Rust path.
    pub(in crate::contract) fn new(
        declarations: &BTreeMap<String, Declaration>,
        pairs: BTreeMap<String, String>,
        input: Definitions,
        output: Definitions,
        roots: &[Root],
    ) -> Result<Self, ContractError> {
        let has_schema = |name: &String| pairs.values().any(|paired| paired == name);
        let hints = declarations.iter().map(|(name, one)| (name.clone(), one.hint(has_schema(name)))).collect();
        let (read, written) = (Way::default(), Way::default());
        let mut forms = Self { hints, pairs, input, output, read, written, split: BTreeSet::new() };
        let mut errors = Vec::new();
        forms.read = forms.way(Direction::Input, roots, &mut errors);
        forms.written = forms.way(Direction::Output, roots, &mut errors);
        forms.split();
        errors.extend(forms.taken());
        let mut known: Vec<ContractError> = Vec::new();
        for error in errors {
            if !known.contains(&error) {
                known.push(error);
            }
        }
        ContractError::check(known)?;
        Ok(forms)
    }

    /// The declarations of a type, `type Name = ...;` and perhaps `type NameInput = ...;`.
    pub(in crate::contract) fn declaration(&self, name: &str, text: &str) -> (String, Option<String>) {
        let Some((head, _)) = syntax::split(text) else { return (text.to_owned(), None) };
        let read = self.read.bodies.get(name).map(|body| self.as_read(body, self.params(name)));
        let only_read = self.read.used.contains(name) && !self.written.used.contains(name);
        let body = if only_read { read.clone() } else { self.written.bodies.get(name).cloned() };
        let Some(body) = body else { return (text.to_owned(), None) };
        let input = read.filter(|_| self.split.contains(name)).map(|read| {
            let head = head.replacen(name, &input_name(name), 1);
            syntax::declaration(&head, &read)
        });
        (syntax::declaration(head, &body), input)
    }

    /// A type where it is used.
    pub(in crate::contract) fn used(&self, ty: &TypeRef, direction: Direction) -> String {
        let ty = self.render(direction).ty(&ty.schema, syntax::parse(&ty.ts).as_ref());
        syntax::write(&if direction == Direction::Input { self.as_read(&ty, &[]) } else { ty })
    }

    /// Whether any value is made of it.
    pub(in crate::contract) fn is_used(&self, name: &str) -> bool {
        self.read.used.contains(name) || self.written.used.contains(name)
    }

    fn render(&self, direction: Direction) -> Render<'_> {
        let definitions = match direction {
            Direction::Input => &self.input,
            Direction::Output => &self.output,
        };
        Render::new(&self.hints, &self.pairs, definitions)
    }

    fn way(&self, direction: Direction, roots: &[Root], errors: &mut Vec<ContractError>) -> Way {
        let mut render = self.render(direction);
        let mut bodies: BTreeMap<String, Ty> = BTreeMap::new();
        for (schema, name) in &self.pairs {
            let Some(definition) = render.definitions.get(schema) else { continue };
            let hint = &self.hints[name];
            render.params.clone_from(&hint.params);
            let mut body = render.ty(definition, hint.body.as_ref());
            let mut problem = (!says_all(hint, &body)).then_some("has the fields of its parameter among its own");
            if let Some(other) = bodies.get(name) {
                match merge::both(&body, other, direction) {
                    Some(merged) => body = merged,
                    None => problem = problem.or(Some("is another object for each of its parameters")),
                }
            }
            let (name, rust_path) = (name.clone(), hint.rust_path.clone());
            errors.extend(problem.map(|problem| ContractError::Generic { name: name.clone(), rust_path, problem }));
            bodies.insert(name, body);
        }
        for (name, hint) in self.hints.iter().filter(|(_, hint)| !hint.has_schema) {
            bodies.extend(hint.body.clone().map(|body| (name.clone(), body)));
        }
        render.params.clear();
        let mut found = BTreeSet::new();
        for root in roots.iter().filter(|root| root.direction == direction) {
            found.extend(render.ty(&root.ty.schema, syntax::parse(&root.ty.ts).as_ref()).names());
        }
        errors.append(&mut render.errors);
        let mut used = BTreeSet::new();
        while let Some(name) = found.pop_first() {
            if let Some(body) = bodies.get(&name).filter(|_| used.insert(name.clone())) {
                let params = self.params(&name);
                found.extend(body.names().into_iter().filter(|name| !params.contains(name)));
            }
        }
        Way { bodies, used }
    }

    /// Finds the declarations that differ by direction, by themselves or by what they hold.
    fn split(&mut self) {
        loop {
            let differs = |name: &&String| {
                let body = &self.read.bodies[*name];
                self.written.bodies.get(*name) != Some(body) || self.as_read(body, self.params(name)) != *body
            };
            let both = self.read.used.intersection(&self.written.used);
            let found: Vec<_> = both.filter(|name| !self.split.contains(*name)).filter(differs).cloned().collect();
            if found.is_empty() {
                return;
            }
            self.split.extend(found);
        }
    }

    /// The same with the names of what is read. A parameter may be called as a type is.
    fn as_read(&self, ty: &Ty, params: &[String]) -> Ty {
        let mut ty = ty.clone();
        let is_param = |name: &str| params.iter().any(|param| param == name);
        ty.rename(&|name| (self.split.contains(name) && !is_param(name)).then(|| input_name(name)));
        ty
    }

    fn params(&self, name: &str) -> &[String] {
        self.hints.get(name).map_or(&[], |hint| &hint.params)
    }

    /// Names of inputs that other types have.
    fn taken(&self) -> Vec<ContractError> {
        let clash = |name: &String| {
            Some(ContractError::InputName {
                name: name.clone(),
                rust_path: self.hints[name].rust_path.clone(),
                other: self.hints.get(&input_name(name))?.rust_path.clone(),
            })
        };
        self.split.iter().filter_map(clash).collect()
    }
}

fn input_name(name: &str) -> String {
    format!("{name}Input")
}

/// Whether every parameter that ts-rs names is in the type that the schema gives.
fn says_all(hint: &Hint, body: &Ty) -> bool {
    let named = hint.body.as_ref().map(Ty::names).unwrap_or_default();
    let found = body.names();
    hint.params.iter().all(|param| !named.contains(param) || found.contains(param))
}
