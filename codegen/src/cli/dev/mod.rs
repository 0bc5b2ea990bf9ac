//! `dev`: the server, the page's own dev server, and the page's types kept up to date, in one terminal and until Ctrl-C.
//!
//! After a change of a source: first the types, so that the page and the editor have them at once; then the server is
//! built and started again. A server that does not compile is shown once, in short, and the one before it runs on.

mod child;
mod plan;
mod round;
mod short;

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hubs_codegen::{Error, Workspace, new::check_node};

use self::{plan::Plan, round::Rounds};
use super::{args::Dev, shell::Shell, watch};

/// How often to look whether a source has changed, a program has ended, or Ctrl-C was pressed.
const PAUSE: Duration = Duration::from_millis(200);

/// Whether the command is to end.
#[derive(Debug, Clone)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Set by Ctrl-C, by SIGTERM, and when the terminal is closed.
    fn on_signals() -> Result<Self, Error> {
        let stop = Self(Arc::default());
        let set = Arc::clone(&stop.0);
        let problem = |error: ctrlc::Error| Error::Io {
            what: "listen for",
            path: "Ctrl-C".into(),
            source: std::io::Error::other(error),
        };
        ctrlc::set_handler(move || set.store(true, Ordering::Relaxed)).map_err(problem)?;
        Ok(stop)
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Runs everything until Ctrl-C, or until the page's dev server ends.
pub(crate) fn run(shell: Shell, options: &Dev) -> Result<ExitCode, Error> {
    check_node()?;
    let stop = Stop::on_signals()?;
    let workspace = Workspace::read(options.common.cargo_options(shell, "Reading"))?;
    let plan = Plan::make(&workspace, options)?;
    let sources = workspace.sources();
    drop(workspace);
    if !plan.install_packages(shell, &stop)? {
        return Ok(ExitCode::FAILURE);
    }
    let mut page = plan.start_page()?;
    let mut rounds = Rounds::new(shell, &plan, &stop);
    let mut seen = None;
    while !stop.is_set() {
        if let Some(status) = page.ended()? {
            shell.warning(format!("the page's dev server has ended ({status})"));
            return Ok(ExitCode::FAILURE);
        }
        let now = watch::sources(&sources);
        if seen.as_ref() != Some(&now) {
            seen = Some(now);
            rounds.run(&page)?;
        }
        rounds.look_after_server()?;
        std::thread::park_timeout(PAUSE);
    }
    shell.status("Stopping", "the server and the page");
    Ok(ExitCode::SUCCESS)
}
