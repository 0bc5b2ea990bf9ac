//! Which other nodes run. Without I/O; the time is passed in.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::Instant;

/// How often a node says that it runs.
pub(super) const BEAT: Duration = Duration::from_millis(2500);

/// How long a node may be silent before its members are taken for gone.
const SILENT: Duration = Duration::from_secs(8);

#[derive(Debug, Default)]
pub(super) struct Nodes {
    heard: HashMap<Arc<str>, Instant>,
}

impl Nodes {
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
