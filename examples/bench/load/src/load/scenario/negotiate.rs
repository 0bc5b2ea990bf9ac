//! Negotiations: on each HTTP connection one after the other. No connection to a hub is opened.

use anyhow::{Result, bail, ensure};

use super::measure::{Load, Sheet};
use crate::{
    net::{Handler, Net},
    options::Options,
    wire::Message,
};

pub(super) struct Negotiate {
    sheet: Sheet,
    clients: Vec<Client>,
}

#[derive(Default, Clone)]
struct Client {
    /// When it asked, if it has not been answered.
    since: Option<u64>,
    /// The token that it got last.
    token: String,
}

impl Negotiate {
    pub(super) fn new(options: &Options) -> Self {
        Self { sheet: Sheet::new(options), clients: vec![Client::default(); options.connections] }
    }

    fn ask(&mut self, net: &mut Net, at: usize) {
        if self.sheet.may_call() {
            self.clients[at].since = Some(net.now());
            net.negotiate(at);
        }
    }
}

impl Handler for Negotiate {
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()> {
        let (Message::Negotiated(token), Some(since)) = (message, self.clients[at].since.take()) else {
            bail!("an answer that connection {at} did not ask for")
        };
        ensure!(token != self.clients[at].token, "connection {at} got the token {token} twice");
        self.clients[at].token = token;
        self.sheet.done(1);
        self.sheet.delay(net.now().saturating_sub(since));
        self.ask(net, at);
        Ok(())
    }
}

impl Load for Negotiate {
    fn sheet(&mut self) -> &mut Sheet {
        &mut self.sheet
    }

    fn connections(&self) -> usize {
        self.clients.len()
    }

    fn start(&mut self, net: &mut Net) -> Result<()> {
        net.look();
        for at in 0..self.clients.len() {
            self.ask(net, at);
        }
        Ok(())
    }

    fn settled(&self) -> bool {
        self.clients.iter().all(|client| client.since.is_none())
    }
}
