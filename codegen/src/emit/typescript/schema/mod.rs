//! TypeScript's types from a contract's JSON Schemas. Each type has two forms, what the server reads and what it writes:
//! TypeScript gets both where they differ and both are used; else it has one, under the type's own name.

mod merge;
mod objects;
mod render;
#[cfg(test)]
mod tests;
mod ty;

use std::collections::{BTreeMap, BTreeSet};

use hubs::contract::{Contract, Direction, TypeDef, TypeRef};
use serde_json::Value;

use self::render::{Hint, Render};
pub(super) use self::{
    objects::type_docs,
    ty::{Declared, Field, Key, Ty},
};
use super::{EmitErrors, format};
use crate::emit::EmitError;

/// All types of a contract as TypeScript says them.
#[derive(Debug)]
pub struct Types<'a> {
    contract: &'a Contract,
    hints: BTreeMap<String, Hint>,
    read: Way,
    written: Way,
    /// The declarations that there are two of.
    split: BTreeSet<String>,
    errors: Vec<EmitError>,
}

/// One direction.
#[derive(Debug, Default)]
struct Way {
    bodies: BTreeMap<String, Ty>,
    /// What the parameters of each instance stand for.
    given: BTreeMap<(String, String), Value>,
    /// The declarations that values of this direction are made of.
    used: BTreeSet<String>,
}

impl<'a> Types<'a> {
    /// Writes every type in each direction.
    pub fn new(contract: &'a Contract) -> Self {
        let hints = hints(contract);
        let (read, written) = (Way::default(), Way::default());
        let mut types = Self { contract, hints, read, written, split: BTreeSet::new(), errors: Vec::new() };
        let (read, wrong) = types.way(Direction::Input);
        let (written, more) = types.way(Direction::Output);
        (types.read, types.written) = (read, written);
        types.split();
        let errors = wrong.into_iter().chain(more).chain(types.taken()).collect::<Vec<_>>();
        for error in errors {
            if !types.errors.contains(&error) {
                types.errors.push(error);
            }
        }
        types
    }

    /// What TypeScript cannot say.
    ///
    /// # Errors
    /// All of it, with the Rust paths.
    pub fn check(&self) -> Result<(), EmitErrors> {
        if self.errors.is_empty() { Ok(()) } else { Err(EmitErrors(self.errors.clone())) }
    }

    /// The names that pages can import: those of the types, and those of what pages send where that differs.
    pub fn names(&self) -> BTreeSet<String> {
        let used = self.read.used.union(&self.written.used).cloned();
        used.chain(self.split.iter().map(|name| input_name(name))).collect()
    }

    /// Name of what pages send, if it has one of its own.
    pub fn input_name(&self, name: &str) -> Option<String> {
        self.split.contains(name).then(|| input_name(name))
    }

    /// The texts that a type is one of, as literals; `None` for every other type.
    pub(super) fn values(&self, name: &str) -> Option<Vec<String>> {
        let (declared, _) = self.declaration(name)?;
        Some(super::types::literals(&declared.body)?.into_iter().map(str::to_owned).collect())
    }

    /// The type in the words of TypeScript where it is used, on one line.
    pub fn text(&self, ty: &TypeRef, direction: Direction) -> String {
        format::inline(&self.used(ty, direction))
    }

    /// A declaration as a page reads what it names, and the one for what it sends if that is another; on one line each.
    pub fn declaration_text(&self, name: &str) -> Option<(String, Option<String>)> {
        let (ty, input) = self.declaration(name)?;
        Some((format::line(&ty), input.as_ref().map(format::line)))
    }

    /// The declarations of a type: `Name`, and perhaps `NameInput`. `None` if no value is made of it.
    pub(super) fn declaration(&self, name: &str) -> Option<(Declared, Option<Declared>)> {
        let params = self.params(name).to_vec();
        let declared = |name: String, body: Ty| Declared { name, params: params.clone(), body };
        let read = self.read.bodies.get(name).map(|body| self.as_read(body.clone(), &params));
        let is_written = self.written.used.contains(name);
        if !is_written && !self.read.used.contains(name) {
            return None;
        }
        let body = if is_written { self.written.bodies.get(name).cloned() } else { read.clone() };
        let input = read.filter(|_| self.split.contains(name)).map(|read| declared(input_name(name), read));
        Some((declared(name.to_owned(), body.unwrap_or_else(|| Ty::atom("unknown"))), input))
    }

    /// A type where it is used.
    pub(super) fn used(&self, ty: &TypeRef, direction: Direction) -> Ty {
        let mut render = Render::new(self.contract, direction, &self.hints);
        let way = if direction == Direction::Input { &self.read } else { &self.written };
        render.given.clone_from(&way.given);
        let ty = root(&mut render, ty);
        if direction == Direction::Input { self.as_read(ty, &[]) } else { ty }
    }

    fn way(&self, direction: Direction) -> (Way, Vec<EmitError>) {
        let mut render = Render::new(self.contract, direction, &self.hints);
        // Twice: what the parameters of each instance stand for is seen in the first round.
        self.bodies(&mut render);
        render.errors.clear();
        let mut bodies = self.bodies(&mut render);
        for (name, hint) in self.hints.iter().filter(|(_, hint)| !hint.has_schema) {
            bodies.extend(hint.body.clone().map(|body| (name.clone(), body)));
        }
        render.params.clear();
        let mut found = BTreeSet::new();
        for ty in roots(self.contract, direction) {
            found.extend(root(&mut render, ty).names());
        }
        let mut used = BTreeSet::new();
        while let Some(name) = found.pop_first() {
            if let Some(body) = bodies.get(&name).filter(|_| used.insert(name.clone())) {
                let params = self.params(&name);
                found.extend(body.names().into_iter().filter(|name| !params.contains(name)));
            }
        }
        (Way { bodies, given: render.given, used }, render.errors)
    }

    /// What each declaration with a schema says.
    fn bodies(&self, render: &mut Render<'_>) -> BTreeMap<String, Ty> {
        let mut bodies: BTreeMap<String, Ty> = BTreeMap::new();
        for (schema, def) in &self.contract.types {
            let Some(definition) = def.schema(render.direction) else { continue };
            let hint = &self.hints[&def.name];
            render.params.clone_from(&hint.params);
            render.instance.clone_from(schema);
            let mut body = render.ty(definition, hint.body.as_ref());
            let mut problem = (!says_all(hint, &body)).then_some("has the fields of its parameter among its own");
            if let Some(other) = bodies.get(&def.name) {
                match merge::both(&body, other, render.direction) {
                    Some(merged) => body = merged,
                    None => problem = problem.or(Some("is another object for each of its parameters")),
                }
            }
            let (name, rust_path) = (def.name.clone(), hint.rust_path.clone());
            render.errors.extend(problem.map(|problem| EmitError::Generic { name, rust_path, problem }));
            bodies.insert(def.name.clone(), body);
        }
        bodies
    }

    /// Finds the declarations that differ by direction, by themselves or by what they hold.
    fn split(&mut self) {
        loop {
            let differs = |name: &&String| {
                let body = &self.read.bodies[*name];
                self.written.bodies.get(*name) != Some(body) || self.as_read(body.clone(), self.params(name)) != *body
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
    fn as_read(&self, ty: Ty, params: &[String]) -> Ty {
        let is_param = |name: &str| params.iter().any(|param| param == name);
        ty.replace(&|name| (self.split.contains(name) && !is_param(name)).then(|| Ty::Atom(input_name(name))))
    }

    fn params(&self, name: &str) -> &[String] {
        self.hints.get(name).map_or(&[], |hint| &hint.params)
    }

    /// Names of inputs that other types have.
    fn taken(&self) -> Vec<EmitError> {
        let clash = |name: &String| {
            Some(EmitError::InputName {
                name: name.clone(),
                rust_path: self.hints[name].rust_path.clone(),
                other: self.hints.get(&input_name(name))?.rust_path.clone(),
            })
        };
        self.split.iter().filter_map(clash).collect()
    }
}

/// What the shapes of the named types say.
fn hints(contract: &Contract) -> BTreeMap<String, Hint> {
    let hint = |def: &TypeDef| Hint {
        rust_path: def.rust_path.clone(),
        params: def.params.clone(),
        body: def.shape.as_ref().map(Ty::of),
        has_schema: def.input.is_some() || def.output.is_some(),
    };
    contract.types.values().map(|def| (def.name.clone(), hint(def))).collect()
}

/// The types that interfaces name, in one direction.
fn roots(contract: &Contract, direction: Direction) -> impl Iterator<Item = &TypeRef> {
    let hubs = contract.hubs.iter().map(|hub| (&hub.methods, Direction::Input));
    let clients = contract.hubs.iter().filter_map(|hub| Some((&hub.client.as_ref()?.methods, Direction::Output)));
    let shown = contract.hubs.iter().filter_map(|hub| hub.client.as_ref()?.presence.as_ref());
    let shown = shown.filter(move |_| direction == Direction::Output);
    let called = hubs.chain(clients).flat_map(move |(methods, arguments)| {
        methods.iter().flat_map(move |method| {
            let params = method.params.iter().map(|param| &param.ty).filter(move |_| arguments == direction);
            let back = method.output.ty.iter().chain(&method.error);
            params.chain(back.filter(move |_| arguments != direction))
        })
    });
    called.chain(shown)
}

fn root(render: &mut Render<'_>, ty: &TypeRef) -> Ty {
    render.ty(&ty.schema, ty.shape.as_ref().map(Ty::of).as_ref())
}

fn input_name(name: &str) -> String {
    format!("{name}Input")
}

/// Whether every parameter that the shape names is in the type that the schema gives.
fn says_all(hint: &Hint, body: &Ty) -> bool {
    let named = hint.body.as_ref().map(Ty::names).unwrap_or_default();
    let found = body.names();
    hint.params.iter().all(|param| !named.contains(param) || found.contains(param))
}
