//! Texts to groups: each connection is a member of ten. It has to get every text to its groups, once and in order, and no text
//! to another group.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};

use super::{
    measure::{Load, Sheet},
    text::Text,
};
use crate::{
    net::{Handler, Net},
    options::Options,
    wire::{Arguments, Call, Message, Scalar},
};

/// How many groups each connection joins.
const JOINS: usize = 10;
/// How long joining may take.
const LIMIT: Duration = Duration::from_secs(60);

/// One further connection, the last, sends.
pub(super) struct Members {
    sheet: Sheet,
    text: Text,
    groups: usize,
    window: usize,
    /// By connection: the number of the text that is the next or a later one.
    next: Vec<u64>,
    joined: usize,
    sent: u64,
    /// Texts that have not reached all members, and calls without an answer.
    open: BTreeMap<u64, Sent>,
    unanswered: u64,
}

struct Sent {
    since: u64,
    missing: usize,
}

impl Members {
    pub(super) fn new(options: &Options) -> Result<Self> {
        let (groups, connections) = (options.groups, options.connections);
        ensure!(groups >= JOINS && groups.is_multiple_of(JOINS), "--groups are a multiple of {JOINS}");
        ensure!(
            connections >= groups && connections.is_multiple_of(groups),
            "--connections are a multiple of --groups"
        );
        Ok(Self {
            sheet: Sheet::new(options),
            text: Text::new(options.bytes),
            groups,
            window: options.window,
            next: vec![0; connections],
            joined: 0,
            sent: 0,
            open: BTreeMap::new(),
            unanswered: 0,
        })
    }

    /// The groups of a connection are evenly apart.
    fn is_member(&self, at: usize, group: usize) -> bool {
        (group + self.groups - at % self.groups).is_multiple_of(self.groups / JOINS)
    }

    fn send(&mut self, net: &mut Net) -> Result<()> {
        if !self.sheet.may_call() {
            return Ok(());
        }
        let number = self.sent;
        self.sent += 1;
        self.unanswered += 1;
        let (sender, group) = (self.next.len(), number as usize % self.groups);
        self.open.insert(number, Sent { since: net.now(), missing: self.next.len() * JOINS / self.groups });
        let name = format!("group-{group}");
        let arguments = Arguments::Texts(name.as_bytes(), self.text.of(sender, number));
        net.call(sender, Call { id: number + 1, method: "SendToGroup", arguments })
    }

    fn received(&mut self, net: &mut Net, at: usize, text: &[u8]) -> Result<()> {
        let number = self.text.parse(text).context("a text that was not sent")?.1;
        let group = number as usize % self.groups;
        ensure!(self.is_member(at, group), "connection {at} got a text to group {group}, of which it is no member");
        let next = self.next.get_mut(at).context("the sender got a text")?;
        ensure!(number >= *next, "connection {at} got text {number} twice, or after a later one");
        *next = number + 1;
        let sent = self.open.get_mut(&number).context("a text that is not under way")?;
        sent.missing -= 1;
        let (since, complete) = (sent.since, sent.missing == 0);
        self.sheet.done(1);
        self.sheet.delay(net.now().saturating_sub(since));
        if complete {
            self.open.remove(&number);
            self.send(net)?;
        }
        Ok(())
    }
}

impl Handler for Members {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        match message {
            Message::Call(Scalar::Text(text)) => self.received(net, at, &text),
            Message::Result { .. } if at < self.next.len() => {
                self.joined += 1;
                Ok(())
            }
            Message::Result { id, .. } => {
                ensure!(id >= 1 && id <= self.sent, "the sender was answered for call {id}, of {}", self.sent);
                self.unanswered = self.unanswered.checked_sub(1).context("a call was answered twice")?;
                Ok(())
            }
            other => bail!("connection {at} got {other:?}"),
        }
    }
}

impl Load for Members {
    fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    fn connections(&self) -> usize {
        self.next.len() + 1
    }

    fn start(&mut self, net: &mut Net) -> Result<()> {
        let members = self.next.len();
        for at in 0..members {
            for group in (0..self.groups).filter(|group| self.is_member(at, *group)) {
                let name = format!("group-{group}");
                let call =
                    Call { id: group as u64 + 1, method: "JoinGroup", arguments: Arguments::Text(name.as_bytes()) };
                net.call(at, call)?;
            }
        }
        net.flush()?;
        net.run_until(self, LIMIT, "the answer to the last join", |load| load.joined == members * JOINS)?;
        for _ in 0..self.window {
            self.send(net)?;
        }
        Ok(())
    }

    fn settled(&self) -> bool {
        self.open.is_empty() && self.unanswered == 0
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::Members;
    use crate::options::Options;

    #[test]
    fn every_group_has_as_many_members_as_are_waited_for() {
        for (groups, members) in [("1000", 10), ("10", 1000)] {
            let words = ["bench-load", "members", "--port", "1", "--connections", "1000", "--groups", groups];
            let load = Members::new(&Options::parse_from(words)).expect("they fit");
            for group in 0..load.groups {
                assert_eq!((0..1000).filter(|at| load.is_member(*at, group)).count(), members, "group {group}");
            }
        }
    }
}
