//! What `cargo hubs check` says: which methods and types moved, what differs in which file, and which command fixes it.

use std::{collections::BTreeMap, fmt::Write as _};

use hubs::contract::{Contract, Direction, Method, TypeDef};
use similar::{ChangeTag, TextDiff};

use super::list::signature;
use crate::{emit::typescript::Types, store::Difference, style};

/// How many lines of one file's difference are shown.
const LINES: usize = 60;

/// The whole report on one package: what differs in which file, then which methods and types moved, then `command`,
/// which fixes it. The most important part is last, where people look first.
pub(crate) fn stale(
    contract: &Contract,
    old: Option<&Contract>,
    found: &[Difference],
    files: usize,
    command: &str,
    colours: bool,
) -> String {
    let mut out = String::new();
    let (heads, bodies): (Vec<_>, Vec<_>) = found.iter().partition(|difference| only_head(difference));
    for difference in bodies {
        out += &file(difference, colours);
        out.push('\n');
    }
    if !heads.is_empty() {
        let names: Vec<_> = heads.iter().map(|difference| difference.shown().display().to_string()).collect();
        let _ = writeln!(out, "only the fingerprint in the first lines differs in {}\n", names.join(", "));
    }
    let count = found.len();
    let package = &contract.package;
    let verb = if count == 1 { "is" } else { "are" };
    let summary = format!("`{package}`: {count} of {files} files {verb} not what the code says");
    out += &line("Stale", &summary, style::BAD, colours);
    for moved in old.map(|old| moved(old, contract)).unwrap_or_default() {
        let _ = writeln!(out, "{:13}{moved}", "");
    }
    out += &line("Fix with", command, style::GOOD, colours);
    out
}

/// A line as cargo writes them: a word that ends where all of them end, and what it is about.
fn line(word: &str, text: &str, style: anstyle::Style, colours: bool) -> String {
    let style = if colours { style } else { anstyle::Style::new() };
    format!("{style}{word:>12}{style:#} {text}\n")
}

/// One line for each hub, method and type that moved.
fn moved(old: &Contract, new: &Contract) -> Vec<String> {
    let mut lines = Vec::new();
    let (before, after) = (methods(old), methods(new));
    for (name, (path, signature)) in &before {
        match after.get(name) {
            None => lines.push(format!("method {path} (`{name}`) is gone: {signature}")),
            Some((_, now)) if now != signature => {
                lines.push(format!("method {path} (`{name}`) changed: {signature} became {now}"));
            }
            Some(_) => {}
        }
    }
    for (name, (path, signature)) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        lines.push(format!("method {path} (`{name}`) is new: {signature}"));
    }
    lines.extend(moved_types(&old.types, &new.types));
    lines
}

fn moved_types(before: &BTreeMap<String, TypeDef>, after: &BTreeMap<String, TypeDef>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, old) in before {
        match after.get(name) {
            None => lines.push(format!("type {} (`{name}`) is gone", old.rust_path)),
            Some(new) if new != old => lines.push(format!("type {} (`{name}`) changed", new.rust_path)),
            Some(_) => {}
        }
    }
    let new = after.iter().filter(|(name, _)| !before.contains_key(*name));
    lines.extend(new.map(|(name, def)| format!("type {} (`{name}`) is new", def.rust_path)));
    lines
}

/// Wire name with its interface, to Rust path and signature.
fn methods(contract: &Contract) -> BTreeMap<String, (String, String)> {
    let mut all = BTreeMap::new();
    let types = Types::new(contract);
    let mut add = |interface: &str, path: &str, methods: &[Method], direction| {
        for method in methods {
            let value = (format!("{path}::{}", method.rust_name), signature(&types, method, direction));
            all.insert(format!("{interface}.{}", method.name), value);
        }
    };
    for hub in &contract.hubs {
        add(&hub.name, &hub.rust_path, &hub.methods, Direction::Input);
        if let Some(client) = &hub.client {
            add(&client.name, &client.rust_path, &client.methods, Direction::Output);
        }
    }
    all
}

fn file(difference: &Difference, colours: bool) -> String {
    let path = difference.shown();
    let path = path.display();
    let (old, new) = match (&difference.old, &difference.new) {
        (None, _) => return format!("{path} is missing\n"),
        (_, None) => return format!("{path} is left over, no hub needs it any more\n"),
        (Some(old), Some(new)) => (old, new),
    };
    // The first lines differ with every contract and carry no information.
    let head = new.len() - body(new).len();
    let old = format!("{}{}", &new[..head], body(old));
    let diff = TextDiff::from_lines(old.as_str(), new.as_str());
    let mut lines = Vec::new();
    for hunk in diff.unified_diff().context_radius(2).iter_hunks() {
        lines.push(hunk.header().to_string());
        for change in hunk.iter_changes() {
            let line = format!("{}{}", change.tag(), change.value().trim_end_matches('\n'));
            lines.push(painted(line, change.tag(), colours));
        }
    }
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if more > 0 {
        lines.push(format!("... and {more} lines more"));
    }
    format!("{path} differs (- on disk, + from the code)\n{}\n", lines.join("\n"))
}

/// Whether nothing differs but the lines that change with every contract.
fn only_head(difference: &Difference) -> bool {
    matches!((&difference.old, &difference.new), (Some(old), Some(new)) if body(old) == body(new))
}

/// A file without the lines that change with every contract.
fn body(text: &str) -> &str {
    let head: usize = text
        .split_inclusive('\n')
        .take_while(|line| line.starts_with("//") || line.starts_with("# "))
        .map(str::len)
        .sum();
    &text[head..]
}

fn painted(line: String, tag: ChangeTag, colours: bool) -> String {
    let style = match tag {
        ChangeTag::Delete if colours => style::OLD,
        ChangeTag::Insert if colours => style::NEW,
        _ => return line,
    };
    format!("{style}{line}{style:#}")
}
