//! Calls that send a text to everybody: the next is made when the last receiver has it. Every receiver has to get every
//! text, once, and those of one sender in order.

use anyhow::{Context as _, Result, bail, ensure};

use super::{
    measure::{Load, Sheet},
    text::Text,
};
use crate::{
    net::{Handler, Net},
    options::Options,
    wire::{Arguments, Call, Message},
};

pub(super) struct Broadcast {
    sheet: Sheet,
    text: Text,
    method: String,
    window: usize,
    connections: usize,
    senders: usize,
    /// By sender: each of its broadcasts.
    sent: Vec<Vec<Sent>>,
    /// By receiver, then sender: what came.
    inboxes: Vec<Inbox>,
    /// Broadcasts that have not reached every receiver, and calls without an answer yet.
    open: u64,
    unanswered: u64,
}

/// Which broadcasts of one sender came: all before `next`, and these of the later ones.
#[derive(Default, Clone)]
struct Inbox {
    next: u64,
    early: Vec<u64>,
}

impl Inbox {
    /// Takes a broadcast. Returns whether it is the next one; `None` if it came before.
    fn take(&mut self, number: u64) -> Option<bool> {
        if number < self.next || self.early.contains(&number) {
            return None;
        }
        let in_order = number == self.next;
        if in_order {
            self.next += 1;
            while let Some(index) = self.early.iter().position(|early| *early == self.next) {
                self.early.swap_remove(index);
                self.next += 1;
            }
        } else {
            self.early.push(number);
        }
        Some(in_order)
    }
}

struct Sent {
    since: u64,
    missing: usize,
}

impl Broadcast {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            sheet: Sheet::new(options),
            text: Text::new(options.bytes),
            method: options.method.clone(),
            window: options.window,
            connections: options.connections,
            senders: options.senders,
            sent: (0..options.senders).map(|_| Vec::new()).collect(),
            inboxes: vec![Inbox::default(); options.senders * options.connections],
            open: 0,
            unanswered: 0,
        }
    }

    fn call(&mut self, net: &mut Net, sender: usize) -> Result<()> {
        if !self.sheet.may_call() {
            return Ok(());
        }
        let number = self.sent[sender].len() as u64;
        self.sent[sender].push(Sent { since: net.now(), missing: self.connections });
        self.open += 1;
        self.unanswered += 1;
        let arguments = Arguments::Text(self.text.of(sender, number));
        net.call(sender, Call { id: number + 1, method: &self.method, arguments })
    }

    fn received(&mut self, net: &mut Net, at: usize, text: &[u8]) -> Result<()> {
        let (sender, number) = self.text.parse(text).context("a broadcast that was not sent")?;
        let sent = self.sent.get_mut(sender).and_then(|sent| sent.get_mut(number as usize));
        let sent = sent.context("a broadcast that was not sent yet")?;
        let inbox = &mut self.inboxes[at * self.senders + sender];
        let in_order = inbox.take(number).with_context(|| format!("connection {at} got broadcast {number} twice"))?;
        self.sheet.order(in_order).with_context(|| format!("connection {at} got broadcast {number} too early"))?;
        sent.missing -= 1;
        let (since, complete) = (sent.since, sent.missing == 0);
        self.sheet.done(1);
        self.sheet.delay(net.now().saturating_sub(since));
        if complete {
            self.open -= 1;
            self.call(net, sender)?;
        }
        Ok(())
    }
}

impl Handler for Broadcast {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        match message {
            Message::Call(crate::wire::Scalar::Text(text)) => self.received(net, at, &text),
            Message::Result { id, .. } => {
                let called = self.sent.get(at).map_or(0, Vec::len) as u64;
                ensure!(id >= 1 && id <= called, "connection {at} was answered for call {id}, of {called}");
                self.unanswered -= 1;
                Ok(())
            }
            other => bail!("connection {at} got {other:?}"),
        }
    }
}

impl Load for Broadcast {
    fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    fn connections(&self) -> usize {
        self.connections
    }

    fn start(&mut self, net: &mut Net) -> Result<()> {
        net.look();
        for number in 0..self.window {
            self.call(net, number % self.sent.len())?;
        }
        Ok(())
    }

    fn settled(&self) -> bool {
        self.open == 0 && self.unanswered == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Inbox;

    #[test]
    fn what_comes_early_is_told_from_what_comes_twice() {
        let mut inbox = Inbox::default();
        let taken = [0, 2, 3, 2, 1, 1, 4].map(|number| inbox.take(number));
        assert_eq!(taken, [Some(true), Some(false), Some(false), None, Some(true), None, Some(true)]);
        assert!(inbox.early.is_empty());
    }
}
