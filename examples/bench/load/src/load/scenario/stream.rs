//! Streams from the server: each gives the numbers from 0, in order, and ends.

use anyhow::{Result, bail, ensure};

use super::measure::{Load, Sheet};
use crate::{
    net::{Handler, Net},
    options::Options,
    wire::{Arguments, Call, Message, Scalar},
};

pub(super) struct Stream {
    sheet: Sheet,
    items: u64,
    readers: Vec<Reader>,
}

#[derive(Default)]
struct Reader {
    id: u64,
    running: bool,
    got: u64,
}

impl Stream {
    pub(super) fn new(options: &Options) -> Self {
        let readers = (0..options.connections).map(|_| Reader::default()).collect();
        Self { sheet: Sheet::new(options), items: options.items, readers }
    }

    fn call(&mut self, net: &mut Net, at: usize) -> Result<()> {
        let reader = &mut self.readers[at];
        reader.running = self.sheet.may_call();
        if !reader.running {
            return Ok(());
        }
        reader.id += 1;
        reader.got = 0;
        net.call(at, Call { id: reader.id, method: "Counter", arguments: Arguments::Stream(self.items) })
    }
}

impl Handler for Stream {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        let reader = &mut self.readers[at];
        match message {
            Message::Item { id, value } if reader.running && id == reader.id => {
                ensure!(value.is_integer(reader.got), "item {} of connection {at} is {value:?}", reader.got);
                reader.got += 1;
                self.sheet.done(1);
                Ok(())
            }
            Message::Result { id, value: Scalar::Absent } if reader.running && id == reader.id => {
                ensure!(reader.got == self.items, "a stream of {} items ended after {}", self.items, reader.got);
                self.call(net, at)
            }
            other => bail!("connection {at} got {other:?}"),
        }
    }
}

impl Load for Stream {
    fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    fn connections(&self) -> usize {
        self.readers.len()
    }

    fn start(&mut self, net: &mut Net) -> Result<()> {
        (0..self.readers.len()).try_for_each(|at| self.call(net, at))
    }

    fn settled(&self) -> bool {
        self.readers.iter().all(|reader| !reader.running)
    }
}
