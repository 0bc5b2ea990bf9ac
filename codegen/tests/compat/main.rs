//! The corpus of changes: each is a pair of real contracts, and its verdicts are pinned twice, in the table and by what
//! really happens: serde reads what old pages send, and the TypeScript compiler reads the old page.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers too")]
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "contracts of the corpus are nobody's API"
)]

mod methods;
mod pair;
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

#[test]
fn what_serde_does_is_what_is_pinned() {
    let mut wrong = Vec::new();
    for pair in pairs() {
        let Some(values) = &pair.values else { continue };
        for (direction, (wire, _)) in &pair.expected {
            let (side, understood) = match direction {
                Direction::PageSends => ("the server, of an old page", (values.new_reads)(values.old_sample)),
                Direction::ServerSends => ("an old page, of the server", (values.old_reads)(values.new_sample)),
            };
            // A risky change is one that a sample of today says nothing about.
            let expected = match wire {
                Verdict::Compatible => true,
                Verdict::Breaking => false,
                Verdict::Risky => continue,
            };
            if understood != expected {
                wrong.push(format!("{}: {wire:?}, but {side}, understands: {understood}", pair.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
