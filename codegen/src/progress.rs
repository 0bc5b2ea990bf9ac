//! What is going on, on one line of a terminal that is gone when it is done. Says nothing where no person looks. Must
//! not know what the commands do.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

/// How often the line moves.
const TICK: Duration = Duration::from_millis(100);

/// Whether to show what is going on, and what to call it. Nothing is shown by default.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    verb: Option<&'static str>,
}

impl Progress {
    /// Shows progress if standard error is a terminal that can move its cursor, and not in continuous integration
    /// (`CI`). `verb` is what is done, such as `Generating`.
    pub fn for_people(verb: &'static str) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let shown = std::io::stderr().is_terminal() && !dumb && !set("CI");
        Self { verb: shown.then_some(verb) }
    }

    /// Begins to show that something is done to `package`.
    pub(crate) fn start(&self, package: &str) -> Activity {
        let bar = match self.verb {
            None => ProgressBar::hidden(),
            Some(verb) => {
                let bar = ProgressBar::new_spinner().with_prefix(verb);
                let style = ProgressStyle::with_template("{prefix:>12.cyan.bold} {spinner:.cyan} {wide_msg}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                bar.set_message(package.to_owned());
                bar.enable_steady_tick(TICK);
                bar
            }
        };
        Activity { bar, package: package.to_owned() }
    }
}

/// Something that is going on until this is dropped.
#[derive(Debug)]
pub(crate) struct Activity {
    bar: ProgressBar,
    package: String,
}

impl Activity {
    /// What exactly is going on now.
    pub(crate) fn say(&self, what: &str) {
        self.bar.set_message(format!("{}: {what}", self.package));
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
