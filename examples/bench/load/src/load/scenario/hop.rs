//! Texts to a group whose members are on other servers than the senders: the next is sent when the last member has it.
//! Every member has to get every text, once, and those of one sender in order.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{
    measure::{self, Load, Sheet},
    text::Text,
};
use crate::{
    net::{Handler, Net},
    options::Options,
    wire::{Arguments, Call, Message, Scalar},
};

const GROUP: &[u8] = b"hop";
/// How long all joins may take.
const JOIN: Duration = Duration::from_secs(10);

/// The senders are the first connections, the members follow, server by server.
struct Hop {
    sheet: Sheet,
    text: Text,
    window: usize,
    members: usize,
    joined: usize,
    /// By sender: each of its texts, when it was sent and to how many it has not come.
    sent: Vec<Vec<(u64, usize)>>,
    /// By member, then sender: the number of the text that is next.
    next: Vec<u64>,
    /// Texts that have not come to every member, and calls without an answer yet.
    open: u64,
    unanswered: u64,
}

impl Hop {
    fn call(&mut self, net: &mut Net, sender: usize) -> Result<()> {
        if !self.sheet.may_call() {
            return Ok(());
        }
        let number = self.sent[sender].len() as u64;
        self.sent[sender].push((net.now(), self.members));
        self.open += 1;
        self.unanswered += 1;
        let arguments = Arguments::Texts(GROUP, self.text.of(sender, number));
        net.call(sender, Call { id: number + 1, method: "SendToGroup", arguments })
    }

    fn received(&mut self, net: &mut Net, at: usize, text: &[u8]) -> Result<()> {
        let (sender, number) = self.text.parse(text).context("a text that was not sent")?;
        let senders = self.sent.len();
        let member = at.checked_sub(senders).with_context(|| format!("sender {at} is no member and got a text"))?;
        let sent = self.sent.get_mut(sender).and_then(|sent| sent.get_mut(number as usize));
        let (since, missing) = sent.context("a text that was not sent yet")?;
        let next = &mut self.next[member * senders + sender];
        ensure!(number == *next, "member {member} got text {number} of sender {sender}, not {next}");
        *next += 1;
        *missing -= 1;
        let (since, complete) = (*since, *missing == 0);
        self.sheet.done(1);
        self.sheet.delay(net.now().saturating_sub(since));
        if complete {
            self.open -= 1;
            self.call(net, sender)?;
        }
        Ok(())
    }

    fn answered(&mut self, at: usize, id: u64) -> Result<()> {
        let Some(sent) = self.sent.get(at) else {
            self.joined += 1;
            return Ok(());
        };
        ensure!(id >= 1 && id <= sent.len() as u64, "sender {at} was answered for call {id}, of {}", sent.len());
        self.unanswered -= 1;
        Ok(())
    }
}

impl Handler for Hop {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        match message {
            Message::Call(Scalar::Text(text)) => self.received(net, at, &text),
            Message::Result { id, .. } => self.answered(at, id),
            other => bail!("connection {at} got {other:?}"),
        }
    }
}

impl Load for Hop {
    fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    /// All are open by then.
    fn connections(&self) -> usize {
        0
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

/// Opens all connections, has the members join, and measures.
pub(super) fn run(net: &mut Net, options: &Options) -> Result<Value> {
    let here = [options.port];
    let ports = if options.to.is_empty() { &here } else { options.to.as_slice() };
    let members = options.connections * ports.len();
    let mut load = Hop {
        sheet: Sheet::new(options),
        text: Text::new(options.bytes),
        window: options.window,
        members,
        joined: 0,
        sent: (0..options.senders).map(|_| Vec::new()).collect(),
        next: vec![0; members * options.senders],
        open: 0,
        unanswered: 0,
    };
    net.open(options.senders, &mut load)?;
    for port in ports {
        net.dial(*port);
        net.open(options.connections, &mut load)?;
    }
    for member in 0..members {
        let join = Call { id: 1, method: "JoinGroup", arguments: Arguments::Text(GROUP) };
        net.call(options.senders + member, join)?;
    }
    net.flush()?;
    net.run_until(&mut load, JOIN, "the last join", |load| load.joined == members)?;
    measure::run(net, load, options)
}
