//! What the compiler says, without what differs between two machines.

use std::path::Path;

/// Said of any error, and at the end of all.
const ALWAYS: [&str; 4] = [
    "error: aborting due to ",
    "For more information about this error, try",
    "For more information about an error, try",
    "Some errors have detailed explanations:",
];

/// The text with places that are the same everywhere: `$WORKSPACE` is this repository, and files other than the case have
/// no line numbers, since they change.
pub(crate) fn portable(said: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_string_lossy().into_owned();
    let mut elsewhere = false;
    let mut lines: Vec<String> = Vec::new();
    for line in said.lines().filter(|line| !ALWAYS.iter().any(|words| line.starts_with(words))) {
        let line = line.trim_end().replace(&format!("{root}/"), "").replace("> tests/ui/", "> ui/");
        // With all features, some library has another `String`.
        let line = line.replace("std::string::String", "String");
        let line = line.replace("--> hubs-", "--> $WORKSPACE/hubs-").replace("::: hubs-", "::: $WORKSPACE/hubs-");
        let place = line.trim_start().starts_with("--> ") || line.trim_start().starts_with("::: ");
        if place {
            elsewhere = !line.contains(" ui/");
        }
        elsewhere &= place || is_gutter(&line);
        lines.push(match (elsewhere, place) {
            (true, true) => line.trim_end_matches(|c: char| c == ':' || c.is_ascii_digit()).to_owned(),
            (true, false) => without_number(&line),
            (false, _) => line,
        });
    }
    lines.dedup_by(|line, before| line.is_empty() && before.is_empty());
    format!("{}\n", lines.join("\n").trim_end())
}

/// Whether two texts are the same but for the width of line numbers.
pub(crate) fn equal(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.trim_end().lines().map(narrow).collect::<Vec<_>>();
    lines(one) == lines(other)
}

/// A line of source: a number or none, and a bar.
fn is_gutter(line: &str) -> bool {
    line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with(['|', '='])
        || line.trim_start().starts_with("...")
}

fn without_number(line: &str) -> String {
    let rest = line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit());
    format!("{}{rest}", " ".repeat(line.len() - rest.len()))
}

/// The line without the space around its number.
fn narrow(line: &str) -> String {
    let rest = line.trim_start_matches(' ');
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = rest.split_at(digits);
    match rest.trim_start_matches(' ') {
        bar if bar.starts_with(['|', '+', '-', '~', '=', ':']) => format!("{number}{bar}"),
        _ => line.to_owned(),
    }
}

#[test]
fn only_what_differs_between_machines_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().display();
    let said = format!(
        "error: no\n   --> ui/a.rs:1:2\n    |\n  1 | a\nnote: a bound\n   --> {root}/hubs-runtime/src/b.rs:107:9\n    |\n107 | b\n\n\n\
         error: aborting due to 1 previous error\n"
    );
    let expected =
        "error: no\n --> ui/a.rs:1:2\n  |\n1 | a\nnote: a bound\n --> $WORKSPACE/hubs-runtime/src/b.rs\n  |\n  | b\n";
    let found = portable(&said);
    assert!(equal(&found, expected), "{found}");
    assert!(!equal(&found, &expected.replace("1 | a", "2 | a")) && !equal(&found, &expected.replace("| b", "| c")));
}
