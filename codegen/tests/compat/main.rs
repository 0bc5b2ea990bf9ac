//! The corpus of changes: each is a pair of real contracts, with the verdicts that people expect. The rules must give
//! them, and so must what really happens: the TypeScript compiler reads the old page with the new client (the source),
//! and the old client talks to the new server in Node (the wire). All new hubs are one server.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers too")]
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "contracts of the corpus are no public API"
)]

mod generated;
mod happened;
mod hubs;
mod methods;
mod pair;
mod server;
mod typescript;
mod values;

use std::collections::BTreeSet;

use happened::Run;
use hubs_codegen::compat::{self, Direction, Verdict};
use pair::Pair;
use typescript::Compiled;

fn pairs() -> Vec<Pair> {
    [values::pairs(), methods::pairs(), self::hubs::pairs()].concat()
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

/// Each old page is compiled with the new client, and each old client talks to the new server under both protocols; what
/// comes of it is a verdict, and the rules give the same. No row is taken at its word.
#[test]
fn the_rules_say_what_happens() {
    let pairs = pairs();
    let compiled = typescript::compile(&pairs);
    let runs = happened::run(&compiled.folder, &pairs);
    assert_eq!(runs.len(), 2 * pairs.len(), "every pair is run under both protocols");
    let wrong: Vec<_> = runs
        .iter()
        .flat_map(|run| {
            let pair = pairs.iter().find(|pair| pair.name == run.pair).expect("the runner knows no other");
            pair.expected.iter().filter_map(|(direction, _)| mismatch(pair, run, *direction, &compiled))
        })
        .collect();
    let unexpected = compiled.unexpected(&pairs);
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), compiled.said);
    assert!(unexpected.is_empty(), "{unexpected:?}\n{}", compiled.said);
}

/// Where the rules and what happened differ.
fn mismatch(pair: &Pair, run: &Run, direction: Direction, compiled: &Compiled) -> Option<String> {
    let ours = || run.facts.iter().filter(|fact| happened::is_about(fact, pair, direction));
    let refused = compiled.refuses(pair, direction);
    let named = compiled.refuses_named(pair, direction);
    let derived = (happened::verdict(ours()), happened::source(refused, named, ours()));
    let ruled = judged(pair, direction);
    let facts: String = ours().map(|fact| format!("{fact}\n")).collect();
    (ruled != derived).then(|| {
        format!(
            "{} ({direction:?}, {}): the rules say {ruled:?}, what happened says {derived:?}; \
             the compiler refuses the page: {refused}\n{facts}",
            pair.name, run.protocol,
        )
    })
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

#[test]
fn every_rule_has_a_pair() {
    let pairs = pairs();
    let changes: Vec<_> = pairs.iter().flat_map(|pair| compat::compare(&pair.old, &pair.new)).collect();
    let used: BTreeSet<_> = changes.iter().map(|change| change.rule).collect();
    // Each is `NAME: Rule = rule("name", ..` or `both("name", ..`.
    let all = include_str!("../../src/compat/rules.rs").split(": Rule =").skip(1);
    let all = all.map(|rule| rule.split('"').nth(1).expect("a rule has a name"));
    // Serde reads no such keyword, so that nothing can happen: see `a_keyword_that_no_rule_reads_is_said`. A variant that
    // arrives under its new name looks like another one to what compares arguments; pairs made by chance have those. The
    // errors of methods change no argument: the unit tests of `compat::methods` compare them.
    // Nor does who may call, and how often: the unit tests of `compat::authorization` and `compat::rate` compare that.
    // What a page misses whose connection is lost, and who is in a group, do not happen here: those, too, are in the tests of
    // `compat::methods`.
    let elsewhere = [
        "keyword-changed",
        "variant-renamed",
        "error-added",
        "error-removed",
        "authorization-stricter",
        "authorization-looser",
        "rate-stricter",
        "rate-looser",
        "durable-removed",
        "idempotent-removed",
        "presence-added",
        "presence-removed",
    ];
    let missing: Vec<_> = all.filter(|name| !used.contains(name) && !elsewhere.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_keyword_that_no_rule_reads_is_said() {
    let pair = values::pairs().into_iter().find(|pair| pair.name == "required_field_added").unwrap();
    for (word, value) in [("multipleOf", serde_json::json!(5)), ("x-house-rule", serde_json::json!("no Mondays"))] {
        let mut new = pair.old.clone();
        let schema = new.types.get_mut("T").unwrap().input.as_mut().unwrap();
        schema["properties"]["a"][word] = value;
        let changes = compat::compare(&pair.old, &new);
        let said = changes.iter().find(|change| change.rule == "keyword-changed").expect(word);
        assert!(said.path == "T.a" && said.what.contains(word) && said.wire == Verdict::Risky, "{said:?}");
    }
}
