//! All clients are gone at once and come back at once, as after a restart of a proxy: CPU of a connection, how long until all are
//! back, and that each of them is answered.

use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{memory::wait_until_closed, rounded, server, text::Text};
use crate::{
    net::{Handler, Net},
    options::Options,
    wire::{Arguments, Call, Message},
};

/// How long the last answer may take.
const LIMIT: Duration = Duration::from_secs(60);

struct Storm {
    text: Text,
    /// The call of this time, and how many clients have its answer.
    call: u64,
    answered: usize,
}

impl Handler for Storm {
    fn message(&mut self, _: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        match message {
            Message::Result { id, value } if id == self.call && value.is_text(self.text.of(at, id)) => {
                self.answered += 1
            }
            other => bail!("connection {at} got {other:?}"),
        }
        Ok(())
    }
}

pub(super) fn run(net: &mut Net, options: &Options) -> Result<Value> {
    let server = server(options)?;
    let sockets = server.sockets()?;
    let mut storm = Storm { text: Text::new(options.bytes), call: 1, answered: 0 };
    connect(net, &mut storm, options)?;
    net.close_all();
    wait_until_closed(net, &mut storm, server, sockets)?;
    (storm.call, storm.answered) = (2, 0);
    net.at_once = usize::MAX;
    let (cpu, began) = (server.cpu()?, net.look());
    connect(net, &mut storm, options)?;
    let (spent, seconds) = (server.cpu()? - cpu, (net.look() - began) as f64 / 1e9);
    Ok(json!({
        "units": options.connections,
        "cpu_s_per_1m": rounded(spent * 1e6 / options.connections as f64),
        "all_back_ms": rounded(seconds * 1e3),
    }))
}

/// Connects all, each of which calls once.
fn connect(net: &mut Net, storm: &mut Storm, options: &Options) -> Result<()> {
    net.open(options.connections, storm)?;
    for at in 0..options.connections {
        let (id, text) = (storm.call, storm.text.of(at, storm.call));
        net.call(at, Call { id, method: "Echo", arguments: Arguments::Text(text) })?;
    }
    net.flush()?;
    net.run_until(storm, LIMIT, "an answer for every connection", |storm| storm.answered == options.connections)
}
