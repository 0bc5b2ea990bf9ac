//! One reader stops: what the others feel, when it is closed, what the server keeps for it. Three times the same: with
//! everybody reading; with one that never reads again; with one that does when all has been sent, and learns why it was
//! closed.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::{rounded, server, text::Text};
use crate::{
    histogram::Delays,
    net::{Handler, Net},
    options::Options,
    process::Process,
    wire::{Arguments, Call, Message, Scalar},
};

/// How long deliveries may be late before the run gives up; longer than any server's time-out.
const LATE: Duration = Duration::from_secs(40);
/// How long the server may take to close the stopped one, after all has been sent.
const CLOSED: Duration = Duration::from_secs(20);
/// How long the stopped one may take to read what the sockets held, and the reason, once it reads again.
const READ_ON: Duration = Duration::from_secs(3);
/// How often the server's memory and sockets are looked at.
const LOOK: u64 = 5_000_000;
/// A delivery within this is in time.
const IN_TIME: u64 = 1_000_000_000;

/// Receivers come first, then the sender, then the one that stops.
struct Stopped {
    server: Process,
    text: Text,
    receivers: usize,
    stopped: Option<usize>,
    interval: f64,
    count: u64,
    start: Option<u64>,
    sent: u64,
    answered: u64,
    wanted: Vec<u64>,
    delays: Delays,
    peak: u64,
    sockets: usize,
    looked: u64,
    /// When the server closed the stopped one's socket, and what it was told.
    closed: Option<u64>,
    reason: Option<String>,
}

impl Stopped {
    fn due(&self, number: u64) -> u64 {
        self.start.unwrap_or_default() + (self.interval * number as f64) as u64
    }

    fn complete(&self) -> bool {
        self.answered == self.count && self.wanted.iter().all(|wanted| *wanted == self.count)
    }

    /// Reads the server's memory, and whether it has one socket less.
    fn watch(&mut self, now: u64) -> Result<()> {
        if now < self.looked + LOOK {
            return Ok(());
        }
        self.looked = now;
        self.peak = self.peak.max(self.server.resident()?);
        if self.stopped.is_some() && self.closed.is_none() && self.server.sockets()? < self.sockets {
            self.closed = Some(now);
        }
        Ok(())
    }
}

impl Handler for Stopped {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        match message {
            _ if Some(at) == self.stopped => Ok(()),
            Message::Call(Scalar::Text(text)) => {
                let (_, number) = self.text.parse(&text).context("a text that was not sent")?;
                let wanted = self.wanted[at];
                ensure!(number == wanted, "connection {at} got text {number}, not {wanted}");
                self.wanted[at] += 1;
                self.delays.record(net.now().saturating_sub(self.due(number)));
                Ok(())
            }
            Message::Result { .. } if at == self.receivers => {
                self.answered += 1;
                Ok(())
            }
            other => bail!("connection {at} got {other:?}"),
        }
    }

    fn ended(&mut self, at: usize, reason: String) -> Result<()> {
        ensure!(Some(at) == self.stopped, "the server ended connection {at}, which reads: {reason}");
        self.reason.get_or_insert(reason);
        Ok(())
    }

    fn turn(&mut self, net: &mut Net) -> Result<()> {
        if self.start.is_none() {
            return Ok(());
        }
        while self.sent < self.count && self.due(self.sent) <= net.now() {
            let number = self.sent;
            self.sent += 1;
            let arguments = Arguments::Text(self.text.of(0, number));
            net.call(self.receivers, Call { id: number + 1, method: "Broadcast", arguments })?;
            net.flush()?;
        }
        self.watch(net.now())
    }
}

/// What the one that stops does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Absent,
    NeverReads,
    ReadsLater,
}

fn pass(net: &mut Net, options: &Options, reader: Reader) -> Result<Stopped> {
    let stop = reader != Reader::Absent;
    let receivers = options.connections;
    let server = server(options)?;
    let mut load = Stopped {
        server,
        text: Text::new(options.bytes),
        receivers,
        stopped: stop.then_some(receivers + 1),
        interval: 1e9 / options.rate.max(1.0),
        count: (options.rate.max(1.0) * options.seconds) as u64,
        start: None,
        sent: 0,
        answered: 0,
        wanted: vec![0; receivers + 1],
        delays: Delays::new(),
        peak: 0,
        sockets: 0,
        looked: 0,
        closed: None,
        reason: None,
    };
    net.open(receivers + 1 + usize::from(stop), &mut load)?;
    if let Some(stopped) = load.stopped {
        net.stop_reading(stopped)?;
    }
    load.sockets = server.sockets()?;
    load.start = Some(net.look());
    net.run_until(&mut load, LATE, "every delivery", Stopped::complete)?;
    // It may never be closed; that is a result, not a mistake of the run.
    match (reader, load.stopped) {
        (Reader::NeverReads, _) => net.run_until(&mut load, CLOSED, "the end", |load| load.closed.is_some()).ok(),
        (Reader::ReadsLater, Some(stopped)) => {
            net.read_again(stopped)?;
            net.run_until(&mut load, READ_ON, "the end", |load| load.reason.is_some()).ok()
        }
        _ => None,
    };
    net.close_all();
    Ok(load)
}

pub(super) fn run(net: &mut Net, options: &Options) -> Result<Value> {
    let without = pass(net, options, Reader::Absent)?;
    let with = pass(net, options, Reader::NeverReads)?;
    let later = pass(net, options, Reader::ReadsLater)?;
    let start = with.start.unwrap_or_default();
    let megabytes = |bytes: u64| rounded(bytes as f64 / f64::from(1 << 20));
    Ok(json!({
        "units": with.count * (options.connections + 1) as u64,
        "sent_mib": megabytes(with.count * options.bytes as u64),
        "without": without.delays.report(),
        "with": with.delays.report(),
        "later_than_1s": with.delays.longer_than(IN_TIME),
        "stopped_closed_after_ms": with.closed.map(|at| rounded((at - start) as f64 / 1e6)),
        "stopped_reason": later.reason,
        "rss_mib_without": megabytes(without.peak),
        "rss_mib_with": megabytes(with.peak),
        "rss_mib_more": rounded((with.peak as f64 - without.peak as f64) / f64::from(1 << 20)),
    }))
}
