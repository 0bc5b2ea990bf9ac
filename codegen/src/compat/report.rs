//! What `cargo hubs diff` shows to people.

use std::fmt::Write as _;

use super::{Change, Direction, Verdict};

/// The changes for people.
pub fn text(changes: &[Change], colours: bool) -> String {
    if changes.is_empty() {
        return "no change that a page could notice\n".to_owned();
    }
    let mut out = String::new();
    for change in changes {
        let verdict = painted(change.verdict(), colours);
        let _ = writeln!(out, "{verdict}: {} {} [{}]", change.path, change.what, change.rule);
        let who = match change.direction {
            Direction::PageSends => "pages send",
            Direction::ServerSends => "the server sends",
        };
        let _ = writeln!(out, "    {who}: {}", change.reason);
        let _ = writeln!(out, "    open pages: {}; their code: {}", name(change.wire), name(change.source));
        let methods: Vec<_> = change.methods.iter().filter(|method| **method != change.path).cloned().collect();
        if !methods.is_empty() {
            let _ = writeln!(out, "    in {}", methods.join(", "));
        }
    }
    let count = |verdict| changes.iter().filter(|change| change.verdict() == verdict).count();
    let _ = writeln!(
        out,
        "\n{} breaking, {} risky, {} compatible",
        count(Verdict::Breaking),
        count(Verdict::Risky),
        count(Verdict::Compatible)
    );
    out
}

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "compatible",
        Verdict::Risky => "risky",
        Verdict::Breaking => "breaking",
    }
}

fn painted(verdict: Verdict, colours: bool) -> String {
    let colour = match verdict {
        Verdict::Compatible => 32,
        Verdict::Risky => 33,
        Verdict::Breaking => 31,
    };
    if colours { format!("\u{1b}[{colour}m{}\u{1b}[0m", name(verdict)) } else { name(verdict).to_owned() }
}
