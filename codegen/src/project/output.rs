//! What cargo prints: which lines say what it does, and which are an error or a warning.

/// How the names of scratch crates begin.
pub(super) const SCRATCH: &str = "hubs-of-";

/// How cargo begins the lines that say what it does. They are shown while it does it, and are no part of an error.
const VERBS: [&str; 12] = [
    "Adding",
    "Blocking",
    "Checking",
    "Compiling",
    "Dirty",
    "Downloaded",
    "Downloading",
    "Finished",
    "Fresh",
    "Locking",
    "Running",
    "Updating",
];

/// What cargo says without the lines that say what it does.
pub(super) fn without_status(said: &str) -> String {
    let lines = said.lines().filter(|line| status(&anstream::adapter::strip_str(line).to_string()).is_none());
    lines.collect::<Vec<_>>().join("\n")
}

/// Verb and rest of a line that says what cargo does.
pub(super) fn status(line: &str) -> Option<(&str, &str)> {
    let (verb, what) = line.trim_start().split_once(' ')?;
    (line.starts_with(' ') && VERBS.contains(&verb)).then_some((verb, what))
}
