//! An exception to a lint says why: `reason = ".."`, or a comment beside it or just above it.

use crate::sources;

const CRATES: &[&str] = &["hubs-macros/src", "hubs-runtime/src", "codegen/src"];

/// Lines, from 1, of exceptions without a reason.
fn unexplained(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let starts =
        |line: &str| ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|start| line.contains(start));
    let is_comment = |line: &str| {
        let line = line.trim_start();
        line.starts_with("//") && !line.starts_with("///") && !line.starts_with("//!")
    };
    let explained = |at: usize| {
        let attribute: String = lines[at..].iter().take(6).copied().collect::<Vec<_>>().join("\n");
        let attribute = attribute.split(")]").next().unwrap_or_default();
        attribute.contains("reason =") || lines[at].contains("// ") || (at > 0 && is_comment(lines[at - 1]))
    };
    (0..lines.len())
        .filter(|at| !is_comment(lines[*at]) && starts(lines[*at]) && !explained(*at))
        .map(|at| at + 1)
        .collect()
}

#[test]
fn every_exception_to_a_lint_says_why() {
    let mut found = Vec::new();
    for folder in CRATES {
        for file in sources::rust_files(folder) {
            found.extend(unexplained(&file.text).iter().map(|line| format!("{folder}/{}:{line}", file.path)));
        }
    }
    assert!(found.is_empty(), "no reason is given at:\n{}", found.join("\n"));
}

#[test]
fn an_exception_without_a_reason_is_found() {
    let text = "
#[allow(dead_code)]
fn a() {}
// It is called by name.
#[allow(dead_code)]
fn b() {}
#[allow(dead_code, reason = \"it is called by name\")]
fn c() {}
/// Not a reason, but documentation.
#[expect(dead_code)]
fn d() {}
";
    assert_eq!(unexplained(text), [2, 10]);
}
