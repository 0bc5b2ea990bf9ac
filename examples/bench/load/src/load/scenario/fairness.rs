//! Modest clients beside greedy ones: some calls a second that are echoed, some texts a second to their group. Measured
//! twice in one run, on a quiet server and while two greedy clients, in a process of their own, take all they can get.
//! Without groups there are echoes only, so that any server can be measured.

use std::{
    collections::VecDeque,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum as _;
use serde_json::{Value, json};

use super::{rounded, text::Text};
use crate::{
    histogram::Delays,
    net::{Handler, Net},
    options::{Greedy, Options},
    wire::{Arguments, Call, Message, Scalar},
};

/// Echoes and group texts a second, over all modest clients.
const ECHOES: f64 = 500.0;
const PUSHES: f64 = 20.0;
/// How long the greedy ones need until they are in full swing, and how long they may go on after the measurement.
const GREEDY_STARTS: Duration = Duration::from_millis(700);
const GREEDY_ENDS: Duration = Duration::from_secs(30);
/// How long joining, and the last answers, may take.
const LIMIT: Duration = Duration::from_secs(20);
/// The number of the sender in texts to the group.
const GROUP_SENDER: usize = 1 << 20;
const GROUP: &[u8] = b"modest";

struct Modest {
    text: Text,
    clients: Vec<Client>,
    echoes: Pace,
    pushes: Pace,
    /// When each text to the group was sent.
    pushed: Vec<u64>,
    calling: bool,
    grouped: bool,
    echo: Delays,
    push: Delays,
}

#[derive(Default)]
struct Client {
    called: u64,
    /// Calls without an answer: when each was made, and whether it is an echo.
    open: VecDeque<(u64, u64, bool)>,
    /// Texts to the group that came.
    received: u64,
}

/// So many a second.
struct Pace {
    interval: f64,
    start: u64,
    made: u64,
}

impl Pace {
    fn new(rate: f64) -> Self {
        Self { interval: 1e9 / rate, start: 0, made: 0 }
    }

    /// The number of the next, if it is due.
    fn next(&mut self, now: u64) -> Option<u64> {
        let due = self.start + (self.interval * self.made as f64) as u64;
        let number = self.made;
        (due <= now).then(|| self.made += 1).map(|()| number)
    }
}

impl Modest {
    fn call(&mut self, net: &mut Net, at: usize, method: &str, echo: bool) -> Result<()> {
        let now = net.look();
        let client = &mut self.clients[at];
        client.called += 1;
        let id = client.called;
        client.open.push_back((id, now, echo));
        let arguments = match method {
            "JoinGroup" => Arguments::Text(GROUP),
            "Echo" => Arguments::Text(self.text.of(at, id)),
            _ => {
                self.pushed.push(now);
                Arguments::Texts(GROUP, self.text.of(GROUP_SENDER, self.pushed.len() as u64 - 1))
            }
        };
        net.call(at, Call { id, method, arguments })?;
        net.flush()
    }

    fn settled(&self) -> bool {
        let pushed = self.pushed.len() as u64;
        self.clients.iter().all(|client| client.open.is_empty() && client.received == pushed)
    }

    /// Calls for a while, and gives the delays of echoes and texts of that time.
    fn measure(&mut self, net: &mut Net, seconds: f64) -> Result<(Delays, Delays)> {
        let now = net.look();
        (self.echoes, self.pushes) = (Pace::new(ECHOES), Pace::new(if self.grouped { PUSHES } else { 0.0 }));
        (self.echoes.start, self.pushes.start) = (now, now);
        (self.echo, self.push) = (Delays::new(), Delays::new());
        self.calling = true;
        net.run_for(self, Duration::from_secs_f64(seconds))?;
        self.calling = false;
        net.run_until(self, LIMIT, "the last answer", Self::settled)?;
        let taken = |delays: &mut Delays| std::mem::replace(delays, Delays::new());
        Ok((taken(&mut self.echo), taken(&mut self.push)))
    }
}

impl Handler for Modest {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        let client = &mut self.clients[at];
        match message {
            Message::Call(Scalar::Text(text)) => {
                let (sender, number) = self.text.parse(&text).context("a text that was not sent")?;
                let next = sender == GROUP_SENDER && number == client.received;
                ensure!(next, "connection {at} got text {number}, not {}", client.received);
                client.received += 1;
                self.push.record(net.now().saturating_sub(self.pushed[number as usize]));
                Ok(())
            }
            Message::Result { id, value } => {
                let (expected, since, echo) = client.open.pop_front().context("an answer to no call")?;
                ensure!(id == expected, "connection {at} got answer {id}, not {expected}");
                if echo {
                    ensure!(value.is_text(self.text.of(at, id)), "call {id} of connection {at} got {value:?}");
                    self.echo.record(net.now().saturating_sub(since));
                }
                Ok(())
            }
            other => bail!("connection {at} got {other:?}"),
        }
    }

    fn turn(&mut self, net: &mut Net) -> Result<()> {
        let count = self.clients.len() as u64;
        while self.calling {
            if let Some(number) = self.echoes.next(net.now()) {
                self.call(net, (number % count) as usize, "Echo", true)?;
            } else if let Some(number) = self.pushes.next(net.now()) {
                self.call(net, (number % count) as usize, "SendToGroup", false)?;
            } else {
                break;
            }
        }
        Ok(())
    }
}

/// Two clients that take all they can get, until they have measured for so long.
fn start_greedy(options: &Options, greedy: Greedy) -> Result<Child> {
    let load = match greedy {
        Greedy::Short => "echo --window 1000 --bytes 32",
        Greedy::Long => "echo --window 64 --bytes 30000",
        Greedy::Stream => "stream --items 200000",
        Greedy::Upload => "upload --items 200000",
    };
    // Their own processor time must not count, only what the server does for them: they run on idle cores only.
    let mut command = Command::new("chrt");
    command.args(["--idle", "0"]).arg(std::env::current_exe()?).args(load.split(' '));
    let seconds = GREEDY_STARTS.as_secs_f64() + options.seconds + 0.5;
    command.args(["--connections", "2", "--warmup", "0", "--seconds", &seconds.to_string()]);
    command.args(["--port", &options.port.to_string(), "--protocol", &options.protocol.to_string()]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the greedy clients with `chrt`, of Debian's package util-linux")
}

pub(super) fn run(net: &mut Net, options: &Options) -> Result<Value> {
    let greedy = options.greedy.context("this scenario needs --greedy")?;
    let mut modest = Modest {
        text: Text::new(options.bytes),
        clients: (0..options.connections).map(|_| Client::default()).collect(),
        echoes: Pace::new(ECHOES),
        pushes: Pace::new(PUSHES),
        pushed: Vec::new(),
        calling: false,
        grouped: options.groups > 0,
        echo: Delays::new(),
        push: Delays::new(),
    };
    net.open(options.connections, &mut modest)?;
    for at in 0..options.connections * usize::from(modest.grouped) {
        modest.call(net, at, "JoinGroup", false)?;
    }
    net.run_until(&mut modest, LIMIT, "the end of joining", Modest::settled)?;
    modest.measure(net, options.warmup)?;
    let quiet = modest.measure(net, options.seconds)?;
    let child = start_greedy(options, greedy)?;
    let beside = measure_beside(net, &mut modest, options, child)?;
    let p99 = |delays: &Delays| delays.report()["p99"].as_f64().unwrap_or_default();
    let ratio = |beside: &Delays, quiet: &Delays| rounded(p99(beside) / p99(quiet).max(1e-3));
    let echo = ratio(&beside.0.0, &quiet.0);
    let push = if modest.grouped { ratio(&beside.0.1, &quiet.1) } else { 0.0 };
    Ok(json!({
        "greedy": greedy.to_possible_value().map(|value| value.get_name().to_owned()),
        "greedy_units_per_s": beside.1,
        "quiet": { "echo_us": quiet.0.report(), "push_us": quiet.1.report() },
        "beside": { "echo_us": beside.0.0.report(), "push_us": beside.0.1.report() },
        "echo_ratio": echo,
        "push_ratio": push,
        "ratio": echo.max(push),
    }))
}

/// The delays beside the greedy clients, and what those got done in a second.
fn measure_beside(
    net: &mut Net,
    modest: &mut Modest,
    options: &Options,
    mut child: Child,
) -> Result<((Delays, Delays), Value)> {
    net.run_for(modest, GREEDY_STARTS)?;
    let delays = modest.measure(net, options.seconds);
    let end = net.look() + crate::clock::nanoseconds(GREEDY_ENDS);
    while child.try_wait()?.is_none() {
        if delays.is_err() || net.now() > end {
            child.kill()?;
            break;
        }
        net.run_for(modest, Duration::from_millis(10))?;
    }
    let output = child.wait_with_output()?;
    let delays = delays?;
    let result: Value = serde_json::from_slice(&output.stdout).context("the greedy clients printed no JSON")?;
    ensure!(output.status.success(), "the greedy clients failed: {}", result["error"]);
    Ok((delays, result["units_per_s"].clone()))
}
