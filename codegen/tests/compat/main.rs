//! The corpus of changes: each is a pair of real contracts, with the verdicts that people expect. The rules must give
//! them, and so must what really happens: the TypeScript compiler reads the old page with the new client (the source),
//! and the old client talks to the new server in Node (the wire). All new hubs are one server.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers too")]
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "contracts of the corpus are nobody's API"
)]

mod happened;
mod methods;
mod pair;
mod server;
mod typescript;
mod values;

use hubs_codegen::compat::{self, Direction, Verdict};
use pair::Pair;

fn pairs() -> Vec<Pair> {
    [values::pairs(), methods::pairs()].concat()
}

/// The verdicts that the rules give in one direction.
fn judged(pair: &Pair, direction: Direction) -> (Verdict, Verdict) {
    let changes = compat::compare(&pair.old, &pair.new);
    let ours = changes.iter().filter(|change| change.direction == direction);
    ours.fold((Verdict::Compatible, Verdict::Compatible), |(wire, source), change| {
        (wire.max(change.wire), source.max(change.source))
    })
}

#[test]
fn the_rules_say_what_is_pinned() {
    let mut wrong = Vec::new();
    for pair in pairs() {
        for (direction, expected) in &pair.expected {
            let found = judged(&pair, *direction);
            if found != *expected {
                let changes = compat::text(&compat::compare(&pair.old, &pair.new), false);
                wrong.push(format!("{} ({direction:?}): {found:?}, not {expected:?}\n{changes}", pair.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each old page is compiled with the new client, and each old client talks to the new server; what comes of it is a
/// verdict, and the rules give the same. No row is taken at its word.
#[test]
fn the_rules_say_what_happens() {
    let pairs = pairs();
    let compiled = typescript::compile(&pairs);
    let happened = happened::run(&compiled.folder, &pairs);
    let mut wrong = Vec::new();
    for pair in &pairs {
        let facts = happened.get(pair.name).expect("every pair was run");
        for (direction, _) in &pair.expected {
            let ours = || facts.iter().filter(|fact| happened::is_about(fact, pair, *direction));
            let refused = compiled.refuses(pair, *direction);
            let named = compiled.refuses_named(pair, *direction);
            let derived = (happened::verdict(ours()), happened::source(refused, named, ours()));
            let ruled = judged(pair, *direction);
            if ruled != derived {
                let list: Vec<_> = ours().map(|fact| format!("{fact}\n")).collect();
                wrong.push(format!(
                    "{} ({direction:?}): the rules say {ruled:?}, what happened says {derived:?}; \
                     the compiler refuses the page: {refused}\n{}",
                    pair.name,
                    list.concat()
                ));
            }
        }
    }
    let unexpected = compiled.unexpected(&pairs);
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), compiled.said);
    assert!(unexpected.is_empty(), "{unexpected:?}\n{}", compiled.said);
}

#[test]
fn the_corpus_is_large_and_has_surprises() {
    let pairs = pairs();
    let changes: usize = pairs.iter().map(|pair| pair.expected.len()).sum();
    assert!(changes >= 60, "{changes} changes");
    for surprise in [pair::LOOKS_BREAKING, pair::LOOKS_COMPATIBLE] {
        let count = pairs.iter().filter(|pair| pair.surprise == surprise).count();
        assert!(count >= 8, "{count} that are a {surprise}");
    }
}

#[test]
fn equal_contracts_have_no_changes() {
    for pair in pairs() {
        assert!(compat::compare(&pair.old, &pair.old).is_empty(), "{}", pair.name);
        assert!(compat::compare(&pair.new, &pair.new).is_empty(), "{}", pair.name);
    }
}
