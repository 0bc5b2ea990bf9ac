//! What is logged in this thread, at every level, for tests that run all of a server in one.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use tracing::{Dispatch, Level, subscriber::DefaultGuard};
use tracing_subscriber::fmt::format::FmtSpan;

/// Collects the log until it is dropped.
pub(super) struct Logged {
    text: Text,
    _own: DefaultGuard,
    /// While there is only one, each thread decides for all by its own default, and the other tests have none.
    _second: Dispatch,
}

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Logged {
    pub(super) fn start() -> Self {
        let text = Text::default();
        let writer = text.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_span_events(FmtSpan::FULL)
            .with_writer(move || writer.clone())
            .finish();
        let second = Dispatch::new(tracing_subscriber::registry());
        Self { text, _own: tracing::subscriber::set_default(subscriber), _second: second }
    }

    /// All of it so far.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.0.lock().expect("no panic")).into_owned()
    }

    /// The lines of a level that an operator reads by default.
    pub(super) fn above_debug(&self) -> Vec<String> {
        let levels = [" INFO ", " WARN ", "ERROR "];
        let text = self.text();
        text.lines().filter(|line| levels.iter().any(|level| line.contains(level))).map(str::to_owned).collect()
    }
}
