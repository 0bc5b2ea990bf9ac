//! One round after a change: the types, then the server. And the server between rounds.

use hubs_codegen::Error;
use serde_json::Value;

use super::{
    super::shell::Shell,
    Stop,
    child::Child,
    plan::Plan,
    short::{short, without_colours},
};

/// What outlives a round.
pub(crate) struct Rounds<'a> {
    shell: Shell,
    plan: &'a Plan,
    stop: &'a Stop,
    server: Option<Child>,
    /// What was shown last; it is not shown twice.
    shown: String,
    ready: bool,
}

impl<'a> Rounds<'a> {
    pub(crate) fn new(shell: Shell, plan: &'a Plan, stop: &'a Stop) -> Self {
        Self { shell, plan, stop, server: None, shown: String::new(), ready: false }
    }

    /// After a change: writes the types, and builds and starts the server.
    pub(crate) fn run(&mut self, page: &Child) -> Result<(), Error> {
        if !self.types()? || !self.build()? || self.stop.is_set() {
            return Ok(());
        }
        // The old server gives its address free before the new one takes it.
        drop(self.server.take());
        self.server = Some(Child::labelled(self.plan.server.run(), "server")?);
        self.shown.clear();
        if let (false, Some(address)) = (self.ready, page.address()) {
            self.ready = true;
            self.shell.status("Ready", format!("{address} (Ctrl-C ends it)"));
        }
        Ok(())
    }

    /// Says it when the server has ended by itself. It is started again after the next change.
    pub(crate) fn look_after_server(&mut self) -> Result<(), Error> {
        let Some(server) = &mut self.server else { return Ok(()) };
        if let Some(status) = server.ended()? {
            self.server = None;
            self.shell.warning(format!("the server has ended ({status}); it is started again after the next change"));
        }
        Ok(())
    }

    /// Writes the types. Returns whether the contract compiles.
    fn types(&mut self) -> Result<bool, Error> {
        let Some((status, answer, said)) = Child::output(self.plan.generate(), self.stop)? else { return Ok(false) };
        let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
        if status.success() {
            self.say_written(&answer);
            return Ok(true);
        }
        let error = &answer["error"];
        let text = |key: &str| error[key].as_str().unwrap_or_default();
        let problem = match text("message") {
            "" => said.trim().to_owned(),
            message => format!("{}{message}", short(text("output"))),
        };
        self.show(problem);
        Ok(false)
    }

    fn say_written(&self, answer: &Value) {
        let packages = answer["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let written: usize = packages.iter().filter_map(|package| package["wrote"].as_array()).map(Vec::len).sum();
        if written > 0 {
            self.shell.status("Wrote", format!("the page's types: {written} files changed"));
        }
    }

    /// Builds the server. Returns whether it compiles.
    fn build(&mut self) -> Result<bool, Error> {
        let Some((status, _, said)) = Child::output(self.plan.build(), self.stop)? else { return Ok(false) };
        if !status.success() {
            self.show(format!("{}the server does not compile", short(&without_colours(&said))));
        }
        Ok(status.success())
    }

    fn show(&mut self, problem: String) {
        if self.shown != problem {
            problem.lines().for_each(|line| println!(" build | {line}"));
            self.shown = problem;
        }
    }
}
