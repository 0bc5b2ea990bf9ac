//! What moved between two contract documents, and what it means: for pages that are open while the server changes, and
//! for the code of pages. Reads the documents only.

mod authorization;
mod keywords;
mod methods;
mod rate;
mod report;
mod rules;
mod shape;
mod values;

use std::collections::BTreeSet;

use hubs::contract::Contract;
pub use report::text;
use serde::Serialize;

/// What a change means for what is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing fails.
    Compatible,
    /// Nothing fails by itself, but a person should review it.
    Risky,
    /// Something that worked fails.
    Breaking,
}

/// Who sends the values in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Pages: arguments of hub methods, answers to the server.
    PageSends,
    /// The server: arguments of client methods, answers to pages.
    ServerSends,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The rule that judged it; names stay the same from version to version.
    pub rule: &'static str,
    /// Whose values it is about.
    pub direction: Direction,
    /// What changed: an interface, a method, or the field of a type.
    pub path: String,
    /// What happened to it.
    pub what: String,
    /// For pages that were generated from the old contract and talk to the new server.
    pub wire: Verdict,
    /// For the code of pages, compiled with files generated from the new contract.
    pub source: Verdict,
    /// Why.
    pub reason: &'static str,
    /// The methods that are affected, by their wire names.
    pub methods: BTreeSet<String>,
}

impl Change {
    /// The worse of its two verdicts.
    pub fn verdict(&self) -> Verdict {
        self.wire.max(self.source)
    }
}

/// All changes, the worst first.
pub fn compare(old: &Contract, new: &Contract) -> Vec<Change> {
    let mut changes = methods::compare(old, new);
    changes.sort_by(|a, b| {
        let order = |change: &Change| (std::cmp::Reverse((change.verdict(), change.wire)), change.path.clone());
        order(a).cmp(&order(b)).then_with(|| (a.rule, a.direction, &a.what).cmp(&(b.rule, b.direction, &b.what)))
    });
    changes
}

/// The worst verdict of all.
pub fn worst(changes: &[Change]) -> Verdict {
    changes.iter().map(Change::verdict).max().unwrap_or(Verdict::Compatible)
}
