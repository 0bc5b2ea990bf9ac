//! Joins and leaves of many groups. Checks that a text to each group reaches its member once, and no client after the
//! member has left. With `--window 1` one connection broadcasts to all meanwhile, and each broadcast is checked, too.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::{rounded, server, text::Text};
use crate::{
    histogram::Delays,
    net::{Handler, Net},
    options::Options,
    wire::{Arguments, Call, Message, Scalar},
};

/// How long one phase may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The numbers of senders in texts: those to groups, and those to all.
const TO_GROUP: usize = 0;
const TO_ALL: usize = 1;

/// Members take the groups in turns; one further connection, the last, sends.
struct Groups {
    members: usize,
    groups: usize,
    phase: Phase,
    /// By connection: calls made in all, and the group that is next.
    called: Vec<u64>,
    next: Vec<usize>,
    /// What still has to come in this phase.
    missing: usize,
    text: Text,
    broadcast: Option<Broadcasting>,
    delays: Delays,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Join,
    Send,
    Leave,
    Silence,
}

/// The texts to all.
struct Broadcasting {
    sent: u64,
    since: u64,
    missing: usize,
    stop: bool,
}

impl Groups {
    fn sender(&self) -> usize {
        self.members
    }

    /// Starts a phase: joining and leaving by all members at once, sending by the sender.
    fn begin(&mut self, net: &mut Net, phase: Phase) -> Result<()> {
        self.phase = phase;
        // Sending is complete with each answer, and each delivery if there are members.
        self.missing = if phase == Phase::Send { 2 * self.groups } else { self.groups };
        for member in 0..self.members {
            self.next[member] = member;
        }
        let sender = self.sender();
        self.next[sender] = 0;
        let callers = if matches!(phase, Phase::Join | Phase::Leave) { 0..self.members } else { sender..sender + 1 };
        for at in callers {
            self.step(net, at)?;
        }
        net.flush()
    }

    /// The next call of connection `at` in this phase, if there is one.
    fn step(&mut self, net: &mut Net, at: usize) -> Result<()> {
        let group = self.next[at];
        if group >= self.groups {
            return Ok(());
        }
        self.next[at] += if at == self.sender() { 1 } else { self.members };
        let name = format!("group-{group}");
        self.called[at] += 1;
        let (method, arguments) = match self.phase {
            Phase::Join => ("JoinGroup", Arguments::Text(name.as_bytes())),
            Phase::Leave => ("LeaveGroup", Arguments::Text(name.as_bytes())),
            Phase::Send | Phase::Silence => {
                ("SendToGroup", Arguments::Texts(name.as_bytes(), self.text.of(TO_GROUP, group as u64)))
            }
        };
        net.call(at, Call { id: self.called[at], method, arguments })
    }

    fn broadcast(&mut self, net: &mut Net) -> Result<()> {
        let sender = self.sender();
        let Some(running) = self.broadcast.as_mut().filter(|running| !running.stop) else { return Ok(()) };
        *running = Broadcasting { sent: running.sent + 1, since: net.now(), missing: self.members + 1, stop: false };
        // Its answers are told from the others by an id beyond all of theirs.
        let call = Call {
            id: BROADCAST + running.sent,
            method: "Broadcast",
            arguments: Arguments::Text(self.text.of(TO_ALL, running.sent)),
        };
        net.call(sender, call)
    }

    fn received(&mut self, net: &mut Net, at: usize, text: &[u8]) -> Result<()> {
        let (kind, number) = self.text.parse(text).context("a text that was not sent")?;
        if kind == TO_GROUP {
            ensure!(self.phase == Phase::Send, "connection {at} has left group {number} and got a text to it");
            ensure!(
                number as usize % self.members == at,
                "connection {at} got a text to group {number}, of which it is no member"
            );
            self.missing = self.missing.checked_sub(1).context("a text to a group came twice")?;
            return Ok(());
        }
        let running = self.broadcast.as_mut().context("a broadcast that was not sent")?;
        ensure!(
            number == running.sent && running.missing > 0,
            "connection {at} got broadcast {number}, not {}",
            running.sent
        );
        running.missing -= 1;
        self.delays.record(net.now().saturating_sub(running.since));
        if running.missing == 0 { self.broadcast(net) } else { Ok(()) }
    }
}

/// Ids of broadcasts are beyond this, all others before.
const BROADCAST: u64 = 1 << 32;

impl Handler for Groups {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        match message {
            Message::Call(Scalar::Text(text)) => self.received(net, at, &text),
            Message::Result { id, .. } if id > BROADCAST && at == self.sender() => Ok(()),
            Message::Result { id, .. } if id == self.called[at] => {
                self.missing = self.missing.checked_sub(1).context("a call was answered twice")?;
                self.step(net, at)
            }
            other => bail!("connection {at} got {other:?}"),
        }
    }
}

pub(super) fn run(net: &mut Net, options: &Options) -> Result<Value> {
    let server = server(options)?;
    let broadcasting = options.window > 0;
    let mut load = Groups {
        members: options.connections,
        groups: options.groups,
        phase: Phase::Join,
        called: vec![0; options.connections + 1],
        next: vec![0; options.connections + 1],
        missing: 0,
        text: Text::new(options.bytes),
        broadcast: broadcasting.then_some(Broadcasting { sent: 0, since: 0, missing: 0, stop: false }),
        delays: Delays::new(),
    };
    net.open(options.connections + 1, &mut load)?;
    let start = server.resident()?;
    load.broadcast(net)?;
    let mut cost = Vec::new();
    let mut joined = 0;
    for phase in [Phase::Join, Phase::Send, Phase::Leave, Phase::Silence] {
        let before = server.cpu()?;
        load.begin(net, phase)?;
        net.run_until(&mut load, LIMIT, "the end of a phase", |load| load.missing == 0)?;
        cost.push(rounded((server.cpu()? - before) * 1e6 / options.groups as f64));
        if phase == Phase::Join {
            joined = server.resident()?.saturating_sub(start);
        }
    }
    if let Some(running) = &mut load.broadcast {
        running.stop = true;
        net.run_until(&mut load, LIMIT, "the last broadcast", |load| {
            load.broadcast.as_ref().is_none_or(|b| b.missing == 0)
        })?;
    }
    Ok(json!({
        "units": options.groups,
        "broadcasts": load.broadcast.as_ref().map_or(0, |running| running.sent),
        "cpu_us_per_join": cost[0],
        "cpu_us_per_group_text": cost[1],
        "cpu_us_per_leave": cost[2],
        "bytes_per_group": rounded(joined as f64 / options.groups as f64),
        "delay_us": load.delays.report(),
    }))
}
