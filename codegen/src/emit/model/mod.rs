//! The types of a contract as languages with declared types say them: every object and every instance of a generic type
//! has a name. Made from the JSON Schemas; knows no target language.

mod aliases;
mod kind;
mod lift;
mod schema;

use std::collections::{BTreeMap, BTreeSet};

use hubs::contract::{Contract, Direction, Method, TypeRef};

pub(super) use self::{
    kind::{Field, Kind, Object},
    lift::pascal,
    schema::deprecated,
};
use self::{lift::Lift, schema::Reader};

/// A type with a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    /// Its name, which no other type has.
    pub(super) name: String,
    /// What is said about it.
    pub(super) docs: String,
    /// What it is; not [`Kind::Named`] of itself.
    pub(super) kind: Kind,
}

/// All types of a contract.
#[derive(Debug)]
pub(super) struct Model {
    /// The types, by name.
    pub(super) declared: BTreeMap<String, Declared>,
    /// What each place of an interface has: `ChatHub.Say.text`.
    places: BTreeMap<String, Kind>,
}

/// What passes at one place of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// The parameter of this name.
    Param(&'a str),
    /// What comes back.
    Output,
    /// The error that a method names.
    Error,
}

impl Model {
    /// `taken` are names that no type may have: it gets an underscore.
    pub(super) fn new(contract: &Contract, taken: impl IntoIterator<Item = String>) -> Self {
        let places = places(contract);
        let read = bodies(contract, Direction::Input, &places);
        let written = bodies(contract, Direction::Output, &places);
        let split = split(&read, &written);
        let mut lift = Lift::new(taken.into_iter().chain(interfaces(contract)));
        let names = names(&mut lift, [&read, &written], &split);
        for (direction, bodies) in [(Direction::Output, &written), (Direction::Input, &read)] {
            for (key, kind) in bodies {
                let is_split = split.contains(key);
                if direction == Direction::Input && written.contains_key(key) && !is_split {
                    continue;
                }
                let name = names[&(key.clone(), direction == Direction::Input && is_split)].clone();
                let docs = contract.types.get(key).map(schema::type_docs).unwrap_or_default();
                let kind = renamed(kind.clone(), direction, &names, &split);
                lift.declare(&name, docs, kind);
            }
        }
        let places = places.into_iter().map(|(place, owner, direction, ty)| {
            let kind = Reader::new(contract, direction).root(ty);
            let kind = renamed(kind, direction, &names, &split);
            (place, lift.lifted(kind, &owner))
        });
        let places = places.collect();
        Self { declared: aliases::resolved(lift.finish()), places }
    }

    /// What passes at a place of a method.
    pub(super) fn at(&self, interface: &str, method: &Method, place: Place<'_>) -> &Kind {
        self.places.get(&key(interface, method, place)).unwrap_or(&Kind::Any)
    }
}

fn key(interface: &str, method: &Method, place: Place<'_>) -> String {
    match place {
        Place::Param(name) => format!("{interface}.{}.{name}", method.name),
        Place::Output => format!("{interface}.{}", method.name),
        Place::Error => format!("{interface}.{}!", method.name),
    }
}

/// A place, the words to name an object by that stands there, who reads it, and its type.
type Used<'a> = (String, String, Direction, &'a TypeRef);

/// Every place of every interface, each once.
fn places(contract: &Contract) -> Vec<Used<'_>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let hubs = contract.hubs.iter().map(|hub| (&hub.name, &hub.methods, Direction::Input));
    let clients = contract.hubs.iter().filter_map(|hub| hub.client.as_ref());
    let clients = clients.map(|client| (&client.name, &client.methods, Direction::Output));
    for (interface, methods, direction) in hubs.chain(clients) {
        if !seen.insert(interface) {
            continue;
        }
        for method in methods {
            let mut add = |place, word: &str, direction, ty| {
                let owner = format!("{}{}", method.name, lift::pascal(word));
                found.push((key(interface, method, place), owner, direction, ty));
            };
            for param in &method.params {
                add(Place::Param(&param.name), &param.name, direction, &param.ty);
            }
            if let Some(ty) = &method.output.ty {
                add(Place::Output, "result", direction.back(), ty);
            }
            if let Some(ty) = &method.error {
                add(Place::Error, "error", direction.back(), ty);
            }
        }
    }
    found
}

/// What each type says that values of one direction are made of, by its key in the contract.
fn bodies(contract: &Contract, direction: Direction, places: &[Used<'_>]) -> BTreeMap<String, Kind> {
    let reader = Reader::new(contract, direction);
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (.., ty) in places.iter().filter(|(_, _, way, _)| *way == direction) {
        reader.root(ty).names(&mut wanted);
    }
    let mut found = BTreeMap::new();
    while let Some(key) = wanted.pop_first() {
        if found.contains_key(&key) {
            continue;
        }
        let kind = reader.body(&key);
        kind.names(&mut wanted);
        found.insert(key, kind);
    }
    found
}

/// The types that are one thing where the server reads them and another where it writes them.
fn split(read: &BTreeMap<String, Kind>, written: &BTreeMap<String, Kind>) -> BTreeSet<String> {
    let mut split = BTreeSet::new();
    loop {
        let before = split.len();
        for (key, kind) in read {
            let Some(other) = written.get(key) else { continue };
            let mut named = BTreeSet::new();
            kind.names(&mut named);
            if kind != other || named.iter().any(|name| split.contains(name)) {
                split.insert(key.clone());
            }
        }
        if split.len() == before {
            return split;
        }
    }
}

type Names = BTreeMap<(String, bool), String>;

/// The name of each type, and of what is sent where that is another.
fn names(lift: &mut Lift, bodies: [&BTreeMap<String, Kind>; 2], split: &BTreeSet<String>) -> Names {
    let keys: BTreeSet<&String> = bodies.into_iter().flat_map(BTreeMap::keys).collect();
    // Types with a name of their own before instances of generic ones, so that the latter step aside.
    let (plain, instances): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| !key.contains('<'));
    let mut names = Names::new();
    for key in plain.into_iter().chain(instances) {
        names.insert((key.clone(), false), lift.allocate(&lift::type_name(key)));
    }
    for key in split {
        let name = format!("{}Input", names[&(key.clone(), false)]);
        names.insert((key.clone(), true), lift.allocate(&name));
    }
    names
}

fn renamed(kind: Kind, direction: Direction, names: &Names, split: &BTreeSet<String>) -> Kind {
    kind.rename(&|key| {
        let is_input = direction == Direction::Input && split.contains(key);
        names.get(&(key.to_owned(), is_input)).cloned().unwrap_or_else(|| key.to_owned())
    })
}

/// The names of all interfaces.
fn interfaces(contract: &Contract) -> impl Iterator<Item = String> {
    let hubs = contract.hubs.iter();
    hubs.flat_map(|hub| std::iter::once(&hub.name).chain(hub.client.as_ref().map(|client| &client.name)).cloned())
}
