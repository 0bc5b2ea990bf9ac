//! Which other nodes run. Without I/O; the time is passed in.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::Instant;

/// How often a node says that it runs.
pub(super) const BEAT: Duration = Duration::from_millis(2500);

/// How long a node may be silent before its members are taken for gone.
const SILENT: Duration = Duration::from_secs(8);

/// How long other nodes may take to answer one that is new.
const INTRODUCTION: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Nodes {
    heard: HashMap<Arc<str>, Instant>,
    introduction: Option<Introduction>,
}

/// This node is new, and does not know all others yet.
#[derive(Debug)]
struct Introduction {
    /// How many others there are, if that is known.
    others: Option<usize>,
    /// How long they may take.
    until: Instant,
}

impl Nodes {
    /// `introduction`: there may be others.
    pub(super) fn new(introduction: bool, now: Instant) -> Self {
        let introduction = introduction.then(|| Introduction { others: None, until: now + INTRODUCTION });
        Self { heard: HashMap::new(), introduction }
    }

    /// So many others have been told that this node runs, and answer.
    pub(super) fn introduced_to(&mut self, others: usize) {
        if let Some(introduction) = &mut self.introduction {
            introduction.others = Some(others);
        }
    }

    /// Whether all others are known from now on.
    pub(super) fn are_known(&mut self, now: Instant) -> bool {
        let Introduction { others, until } = match &self.introduction {
            Some(introduction) => introduction,
            None => return false,
        };
        let are_known = others.is_some_and(|others| self.heard.len() >= others) || *until <= now;
        if are_known {
            self.introduction = None;
        }
        are_known
    }

    /// Until when that may take; `None`: they are known.
    pub(super) fn introduction(&self) -> Option<Instant> {
        self.introduction.as_ref().map(|introduction| introduction.until)
    }

    /// A node has said something. Whether it was not known.
    pub(super) fn heard(&mut self, node: &str, now: Instant) -> bool {
        if let Some(heard) = self.heard.get_mut(node) {
            *heard = now;
            return false;
        }
        self.heard.insert(node.into(), now);
        true
    }

    pub(super) fn forget(&mut self, node: &str) {
        self.heard.remove(node);
    }

    /// This node was not reached: the others were not silent meanwhile.
    pub(super) fn pardon(&mut self, now: Instant) {
        self.heard.values_mut().for_each(|heard| *heard = now);
    }

    /// Forgets the nodes that are silent, and gives them.
    pub(super) fn silent(&mut self, now: Instant) -> Vec<Arc<str>> {
        self.heard.extract_if(|_, heard| *heard + SILENT <= now).map(|(node, _)| node).collect()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<str>> {
        self.heard.keys()
    }
}
