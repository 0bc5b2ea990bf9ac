//! Calls that return their text: on each connection some in flight, answered in order; or so many a second.

use std::collections::VecDeque;

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

pub(super) struct Echo {
    sheet: Sheet,
    text: Text,
    callers: Vec<Caller>,
    window: usize,
    pace: Option<Pace>,
}

#[derive(Default)]
struct Caller {
    called: u64,
    /// Each call that is not answered, and when it was made, or was due.
    open: VecDeque<(u64, u64)>,
}

/// An open loop.
struct Pace {
    interval: f64,
    start: u64,
    made: u64,
}

impl Echo {
    pub(super) fn new(options: &Options) -> Self {
        let interval = (options.rate > 0.0).then(|| 1e9 / options.rate);
        Self {
            sheet: Sheet::new(options),
            text: Text::new(options.bytes),
            callers: (0..options.connections).map(|_| Caller::default()).collect(),
            window: options.window,
            pace: interval.map(|interval| Pace { interval, start: 0, made: 0 }),
        }
    }

    fn call(&mut self, net: &mut Net, at: usize, since: u64) -> Result<()> {
        if !self.sheet.may_call() {
            return Ok(());
        }
        let caller = &mut self.callers[at];
        caller.called += 1;
        let id = caller.called;
        caller.open.push_back((id, since));
        net.call(at, Call { id, method: "Echo", arguments: Arguments::Text(self.text.of(at, id)) })
    }
}

impl Handler for Echo {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        let Message::Result { id, value } = message else { bail!("an echo was answered with {message:?}") };
        let caller = self.callers.get_mut(at).context("a silent neighbour was answered")?;
        let index = caller.open.iter().position(|open| open.0 == id).context("an answer to no call")?;
        self.sheet.order(index == 0).with_context(|| format!("call {id} of connection {at} was answered too early"))?;
        let since = caller.open.remove(index).map_or(0, |open| open.1);
        ensure!(value.is_text(self.text.of(at, id)), "call {id} of connection {at} was answered with {value:?}");
        self.sheet.done(1);
        self.sheet.delay(net.now().saturating_sub(since));
        if self.pace.is_none() { self.call(net, at, net.now()) } else { Ok(()) }
    }

    fn turn(&mut self, net: &mut Net) -> Result<()> {
        while let Some(pace) = &mut self.pace {
            let due = pace.start + (pace.interval * pace.made as f64) as u64;
            if pace.start == 0 || due > net.now() {
                break;
            }
            let at = (pace.made % self.callers.len() as u64) as usize;
            pace.made += 1;
            self.call(net, at, due)?;
            net.flush()?;
            net.look();
        }
        Ok(())
    }
}

impl Load for Echo {
    fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    fn connections(&self) -> usize {
        self.callers.len()
    }

    fn start(&mut self, net: &mut Net) -> Result<()> {
        let now = net.look();
        if let Some(pace) = &mut self.pace {
            pace.start = now;
            return Ok(());
        }
        for at in 0..self.callers.len() {
            for _ in 0..self.window {
                self.call(net, at, now)?;
            }
        }
        Ok(())
    }

    fn settled(&self) -> bool {
        self.callers.iter().all(|caller| caller.open.is_empty())
    }
}
