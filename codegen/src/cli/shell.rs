//! What is said and where: results on standard output, all about the work on standard error, as cargo does; and in a
//! pipeline of GitHub, the notes that it shows beside the lines of a pull request. Must not know the commands.

use std::{ffi::OsStr, fmt::Display, io::Write as _, path::Path};

use anstream::ColorChoice;
use anstyle::Style;
use hubs_codegen::{Error, style};
use serde_json::{Value, json};

/// Where everything is said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shell {
    /// One JSON document on standard output, and nothing else.
    json: bool,
    /// Whether standard output shows colours.
    pub(crate) colours: bool,
    /// Whether standard error does.
    pub(crate) error_colours: bool,
    /// Whether GitHub reads what is said.
    github: bool,
}

impl Shell {
    pub(crate) fn new(json: bool) -> Self {
        // As cargo does, and then as everybody does: NO_COLOR, CLICOLOR_FORCE, TERM=dumb, a pipe.
        let asked = match std::env::var("CARGO_TERM_COLOR").as_deref() {
            Ok("always") => Some(true),
            Ok("never") => Some(false),
            _ => None,
        };
        let shown = |found: ColorChoice| asked.unwrap_or(found != ColorChoice::Never);
        Self {
            json,
            colours: !json && shown(anstream::AutoStream::choice(&std::io::stdout())),
            error_colours: !json && shown(anstream::AutoStream::choice(&std::io::stderr())),
            github: !json && std::env::var_os("GITHUB_ACTIONS").as_deref() == Some(OsStr::new("true")),
        }
    }

    /// Whether people read along.
    pub(crate) fn is_for_people(self) -> bool {
        !self.json
    }

    /// Something that was done: a word in the column of such words, and what it was done to.
    pub(crate) fn status(self, word: &str, text: impl Display) {
        self.line(word, style::GOOD, text);
    }

    /// A warning.
    pub(crate) fn warning(self, text: impl Display) {
        self.told("warning", style::CAUTION, &text.to_string());
        if self.github {
            self.annotate("warning", None, "cargo hubs", &text.to_string());
        }
    }

    /// What went wrong, and what to do about it.
    pub(crate) fn error(self, error: &Error) {
        if self.json {
            let (kind, message) = (error.kind(), error.to_string());
            let said = json!({ "kind": kind, "message": message, "help": error.help(), "output": error.output() });
            self.json(&json!({ "error": said }));
            return;
        }
        if let Some(output) = error.output() {
            eprintln!("{output}");
        }
        let message = error.to_string();
        for line in message.lines() {
            self.told("error", style::BAD, line);
        }
        if let Some(help) = error.help() {
            self.told("help", style::HELP, &help);
        }
        if self.github {
            self.annotate("error", None, "cargo hubs", &message);
        }
    }

    /// `diff` found changes that `--deny` does not allow.
    pub(crate) fn denied(self, count: usize, deny: &str) {
        if self.json {
            return;
        }
        let what = if count == 1 { "1 change is".to_owned() } else { format!("{count} changes are") };
        self.told("error", style::BAD, &format!("{what} not allowed by `--deny {deny}`"));
    }

    /// A result for people.
    pub(crate) fn result(self, text: &str) {
        // The reader may have closed the pipe, as `head` does.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// A result for machines.
    pub(crate) fn json(self, value: &Value) {
        self.result(&format!("{value:#}\n"));
    }

    /// A note that GitHub shows beside a file; nothing elsewhere.
    pub(crate) fn note_on(self, file: &Path, title: &str, text: &str) {
        if self.github {
            self.annotate("error", Some(file), title, text);
        }
    }

    fn line(self, word: &str, style: Style, text: impl Display) {
        let style = if self.error_colours { style } else { Style::new() };
        eprintln!("{style}{word:>12}{style:#} {text}");
    }

    fn told(self, word: &str, style: Style, text: &str) {
        let style = if self.error_colours { style } else { Style::new() };
        eprintln!("{style}{word}{style:#}: {text}");
    }

    /// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>
    fn annotate(self, kind: &str, file: Option<&Path>, title: &str, text: &str) {
        let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
        let file = file.map(|file| format!("file={},", property(&from_the_root(file)))).unwrap_or_default();
        self.result(&format!("::{kind} {file}title={}::{}\n", property(title), data(text)));
    }
}

/// GitHub knows files by their path in the repository.
fn from_the_root(file: &Path) -> String {
    let root = std::env::var_os("GITHUB_WORKSPACE").unwrap_or_default();
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let inside = whole.strip_prefix(&root).unwrap_or(file);
    inside.to_string_lossy().replace('\\', "/")
}
