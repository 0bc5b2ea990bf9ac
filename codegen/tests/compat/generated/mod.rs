//! Pairs of types that were made by chance: what the rules say, against what serde and the TypeScript compiler do with
//! values and types of both.

mod source;

use std::{fmt::Write as _, fs, path::Path};

use hubs::contract::{self, Contract, ContractFlow, FORMAT, HubContract, HubType, Method, Output, Param, TypeRegistry};
use hubs_codegen::{
    compat::{self, Change, Direction, Verdict},
    emit::{
        Emitter as _,
        typescript::{TypeScript, Types},
    },
};

use crate::typescript::{project, run};

/// The pairs themselves.
mod pool {
    #![allow(dead_code, reason = "the types are read by serde and by the contract")]

    use super::Made;

    include!("pool.rs");
}

/// One pair.
pub(crate) struct Made {
    name: &'static str,
    old: Contract,
    new: Contract,
    /// What old pages send, and what the new server gives.
    sent: &'static [&'static str],
    given: &'static [&'static str],
    old_reads: fn(&str) -> bool,
    new_reads: fn(&str) -> bool,
}

impl Made {
    fn of<O: HubType, N: HubType>(
        name: &'static str,
        sent: &'static [&'static str],
        given: &'static [&'static str],
    ) -> Self {
        let (old, new) = (contract_of::<O>(), contract_of::<N>());
        Self { name, old, new, sent, given, old_reads: reads::<O>, new_reads: reads::<N> }
    }

    fn changes(&self, direction: Direction) -> Vec<Change> {
        compat::compare(&self.old, &self.new).into_iter().filter(|change| change.direction == direction).collect()
    }

    fn told(&self, what: &str, changes: &[Change]) -> String {
        format!("{}: {what}\n{}", self.name, compat::text(changes, false))
    }
}

fn reads<T: HubType>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

/// A hub that takes a `T` and gives one.
fn contract_of<T: HubType>() -> Contract {
    let mut registry = TypeRegistry::new();
    let taken = registry.visit::<T>(contract::Direction::Input);
    let given = registry.visit::<T>(contract::Direction::Output);
    let types = registry.finish().unwrap();
    let method = |name: &str, params, output| Method {
        name: name.to_owned(),
        rust_name: name.to_lowercase(),
        docs: String::new(),
        deprecated: None,
        cancellable: false,
        rate: None,
        authorize: None,
        resumable: false,
        idempotent: false,
        slow_readers: None,
        durable: false,
        params,
        output,
        error: None,
    };
    let ty = types.resolve(taken, contract::Direction::Input).unwrap();
    let take = vec![Param { name: "value".to_owned(), flow: ContractFlow::Value, ty }];
    let ty = Some(types.resolve(given, contract::Direction::Output).unwrap());
    let hub = HubContract {
        name: "H".to_owned(),
        rust_path: "made::H".to_owned(),
        docs: String::new(),
        deprecated: None,
        authorize: None,
        methods: vec![
            method("Give", Vec::new(), Output { flow: ContractFlow::Value, ty }),
            method("Take", take, Output { flow: ContractFlow::None, ty: None }),
        ],
        client: None,
    };
    let (package, hubs) = ("made".to_owned(), vec![hub]);
    Contract { format: FORMAT, package, features: Vec::new(), dotnet_messagepack: false, hubs, types: types.named }
}

fn worst(changes: &[Change], part: fn(&Change) -> Verdict) -> Verdict {
    changes.iter().map(part).max().unwrap_or(Verdict::Compatible)
}

#[test]
fn the_pairs_are_those_of_the_seeds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat/generated/pool.rs");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, source::all()).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == source::all(), "UPDATE_EXPECT=1 writes pool.rs anew; run it twice");
}

/// What serde refuses is breaking, and what it takes is not called so. In the other direction, what an old reader cannot
/// read is not called compatible.
#[test]
fn what_serde_does_is_what_the_rules_say() {
    let mut wrong = String::new();
    let (mut refused, mut unread) = (0, 0);
    let pairs = pool::pairs();
    for pair in &pairs {
        for sample in pair.sent {
            assert!((pair.old_reads)(sample), "{}: {sample} is no value of the old type", pair.name);
        }
        for sample in pair.given {
            assert!((pair.new_reads)(sample), "{}: {sample} is no value of the new type", pair.name);
        }
        let changes = pair.changes(Direction::PageSends);
        let verdict = worst(&changes, |change| change.wire);
        match (pair.sent.iter().find(|sample| !(pair.new_reads)(sample)), verdict) {
            (Some(sample), Verdict::Compatible | Verdict::Risky) => {
                let _ = writeln!(wrong, "{}", pair.told(&format!("{sample} is refused"), &changes));
            }
            (Some(_), Verdict::Breaking) => refused += 1,
            (None, Verdict::Breaking) => {
                let _ = writeln!(wrong, "{}", pair.told("nothing is refused", &changes));
            }
            (None, _) => {}
        }
        let changes = pair.changes(Direction::ServerSends);
        if let Some(sample) = pair.given.iter().find(|sample| !(pair.old_reads)(sample)) {
            unread += 1;
            if worst(&changes, |change| change.wire) == Verdict::Compatible {
                let _ = writeln!(wrong, "{}", pair.told(&format!("{sample} cannot be read by the old"), &changes));
            }
        }
    }
    println!("{} pairs: {refused} break what pages send, {unread} what they read", pairs.len());
    assert!(wrong.is_empty(), "{wrong}");
    assert!(refused > 15 && unread > 15, "the changes are too small: {refused}, {unread}");
}

/// Rules about names that code may use, though the types fit.
const ABOUT_NAMES: [&str; 9] = [
    "type-removed",
    "input-split",
    "field-removed",
    "field-renamed",
    "optional-field-removed",
    "variant-removed",
    "variant-renamed",
    "variant-added",
    "names-opened",
];

/// Where the types of the new contract do not fit in the place of the old ones, the rules call the source broken; and
/// where they fit, only for a name that is gone.
#[test]
fn what_the_compiler_does_is_what_the_rules_say() {
    let folder = project("made");
    let pairs = pool::pairs();
    for pair in &pairs {
        let place = folder.join("src").join(pair.name);
        for (side, contract) in [("old", &pair.old), ("new", &pair.new)] {
            fs::create_dir_all(place.join(side)).unwrap();
            let files = TypeScript::default().emit(contract).unwrap();
            let types = files.into_iter().find(|file| file.path == "types.ts").unwrap();
            fs::write(place.join(side).join("types.ts"), types.text).unwrap();
        }
        let read = |contract: &Contract| Types::new(contract).input_name("T").unwrap_or_else(|| "T".to_owned());
        let imports = "import type * as old from \"./old/types.js\";\nimport type * as now from \"./new/types.js\";\n";
        let (before, after) = (read(&pair.old), read(&pair.new));
        let sends = format!("{imports}export const send = (value: old.{before}): now.{after} => value;\n");
        let gives = format!("{imports}export const give = (value: now.T): old.T => value;\n");
        fs::write(place.join("PageSends.ts"), sends).unwrap();
        fs::write(place.join("ServerSends.ts"), gives).unwrap();
    }
    let (refused, said) = run(&folder);
    let mut wrong = String::new();
    let mut count = 0;
    for (pair, direction) in
        pairs.iter().flat_map(|pair| [(pair, Direction::PageSends), (pair, Direction::ServerSends)])
    {
        let refused = refused.contains(&format!("src/{}/{direction:?}.ts", pair.name));
        count += usize::from(refused);
        let changes = pair.changes(direction);
        let broken: Vec<_> = changes.iter().filter(|change| change.source == Verdict::Breaking).collect();
        if refused && broken.is_empty() {
            let _ = writeln!(wrong, "{}", pair.told(&format!("{direction:?}: the compiler refuses"), &changes));
        }
        if !refused && broken.iter().any(|change| !ABOUT_NAMES.contains(&change.rule)) {
            let _ = writeln!(wrong, "{}", pair.told(&format!("{direction:?}: the compiler is content"), &changes));
        }
    }
    println!("{} pairs: {count} of {} directions do not compile", pairs.len(), 2 * pairs.len());
    assert!(wrong.is_empty(), "{wrong}\n{said}");
}
