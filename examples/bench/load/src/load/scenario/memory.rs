//! What a connection costs: CPU to connect, memory while it is silent and after one call, and what is left of it when
//! all have gone.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use super::{rounded, server, text::Text};
use crate::{
    net::{Handler, Net},
    options::Options,
    process::Process,
    wire::{Arguments, Call, Message},
};

/// How long memory may take to come to rest before it is read.
const SETTLE: Duration = Duration::from_millis(300);
/// How long all calls, and all leaving, may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Checks one answer for each connection.
struct Once {
    text: Text,
    answered: usize,
}

impl Handler for Once {
    fn message(&mut self, _: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        match message {
            Message::Result { id: 1, value } if value.is_text(self.text.of(at, 1)) => self.answered += 1,
            other => bail!("connection {at} got {other:?}"),
        }
        Ok(())
    }
}

pub(super) fn run(net: &mut Net, options: &Options) -> Result<Value> {
    let server = server(options)?;
    let mut once = Once { text: Text::new(options.bytes), answered: 0 };
    let count = options.connections;
    let (sockets, start, cpu, began) = (server.sockets()?, server.resident()?, server.cpu()?, net.look());
    net.open(count, &mut once)?;
    let (connected, seconds) = (server.cpu()? - cpu, (net.look() - began) as f64 / 1e9);
    net.run_for(&mut once, SETTLE)?;
    let silent = server.resident()?;
    for at in 0..count {
        net.call(at, Call { id: 1, method: "Echo", arguments: Arguments::Text(once.text.of(at, 1)) })?;
    }
    net.flush()?;
    net.run_until(&mut once, LIMIT, "an answer for every connection", |once| once.answered == count)?;
    net.run_for(&mut once, SETTLE)?;
    let called = server.resident()?;
    net.close_all();
    wait_until_closed(net, &mut once, server, sockets)?;
    let each = |resident: u64| rounded((resident as f64 - start as f64) / count as f64);
    Ok(json!({
        "units": count,
        "connects_per_s": (count as f64 / seconds).round(),
        "cpu_s_per_1m": rounded(connected * 1e6 / count as f64),
        "bytes_silent": each(silent),
        "bytes_called": each(called),
        "start_bytes": start,
        "left_bytes": server.resident()?,
    }))
}

/// Waits until the server has closed its side of all connections, too.
pub(super) fn wait_until_closed<H: Handler>(
    net: &mut Net,
    handler: &mut H,
    server: Process,
    wanted: usize,
) -> Result<()> {
    let end = net.look() + LIMIT.as_nanos() as u64;
    while server.sockets()? > wanted {
        net.run_for(handler, SETTLE)?;
        ensure!(net.now() < end, "{} s after all have left, the server has sockets open", LIMIT.as_secs());
    }
    net.run_for(handler, SETTLE)
}
