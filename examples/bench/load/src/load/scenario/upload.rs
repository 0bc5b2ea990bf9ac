//! Streams to the server: it adds up the items of each and answers with the sum.

use anyhow::{Result, bail, ensure};

use super::measure::{Load, Sheet};
use crate::{
    net::{Handler, Net},
    options::Options,
    wire::{Arguments, Call, Message},
};

/// How many bytes of items may wait to be sent on a connection.
const WAITING: usize = 16 * 1024;

pub(super) struct Upload {
    sheet: Sheet,
    items: u64,
    writers: Vec<Writer>,
}

#[derive(Default)]
struct Writer {
    /// The call; its stream has the next number.
    id: u64,
    running: bool,
    given: u64,
    ended: bool,
}

impl Upload {
    pub(super) fn new(options: &Options) -> Self {
        let writers = (0..options.connections).map(|_| Writer::default()).collect();
        Self { sheet: Sheet::new(options), items: options.items, writers }
    }

    fn call(&mut self, net: &mut Net, at: usize) -> Result<()> {
        let writer = &mut self.writers[at];
        writer.running = self.sheet.may_call();
        if !writer.running {
            return Ok(());
        }
        writer.id += 2;
        (writer.given, writer.ended) = (0, false);
        let arguments = Arguments::Upload(writer.id + 1);
        net.call(at, Call { id: writer.id, method: "UploadSum", arguments })?;
        self.give(net, at)
    }

    /// Returns items as long as not too many wait to be sent, and then the end.
    fn give(&mut self, net: &mut Net, at: usize) -> Result<()> {
        let writer = &mut self.writers[at];
        while writer.running && !writer.ended && net.waiting(at) < WAITING {
            writer.ended = writer.given == self.items;
            net.item(at, writer.id + 1, (!writer.ended).then_some(writer.given))?;
            writer.given += 1;
        }
        Ok(())
    }
}

impl Handler for Upload {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        let writer = &self.writers[at];
        match message {
            Message::Result { id, value } if writer.ended && id == writer.id => {
                let sum = self.items * self.items.saturating_sub(1) / 2;
                ensure!(value.is_integer(sum), "the sum is {sum}, and connection {at} got {value:?}");
                self.sheet.done(self.items);
                self.call(net, at)
            }
            other => bail!("connection {at} got {other:?}"),
        }
    }

    fn turn(&mut self, net: &mut Net) -> Result<()> {
        (0..self.writers.len()).try_for_each(|at| self.give(net, at))
    }
}

impl Load for Upload {
    fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    fn connections(&self) -> usize {
        self.writers.len()
    }

    fn start(&mut self, net: &mut Net) -> Result<()> {
        (0..self.writers.len()).try_for_each(|at| self.call(net, at))
    }

    fn settled(&self) -> bool {
        self.writers.iter().all(|writer| !writer.running)
    }
}
