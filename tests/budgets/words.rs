//! Phrases that readers did not understand at first reading. They are found in every text of the repository: comments,
//! documentation, messages, names of tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::sources;

/// Each phrase, and what to write instead.
const PHRASES: &[(&str, &str)] = &[
    ("anybody", "the name of what acts: the session, the sender, a caller"),
    ("goodbye", "Close message, or graceful close"),
    ("in peace", "without an error"),
    ("for want of", "without"),
    ("gives back", "returns, or frees"),
    ("given back", "returned, or freed"),
    ("last word", "the final message, or what decides"),
    ("lend", "pass, or borrow"),
    ("lends", "passes"),
    ("lent", "passed, or borrowed"),
    ("looks at", "reads, or checks"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("mends", "fixes"),
    ("nobody", "the name of what does not act: no session, no caller"),
    ("of now", "current"),
    ("says so", "what it says, such as an error"),
    ("shall", "must, or will"),
    ("somebody", "the name of what acts: a client, another task, a person"),
    ("the door to", "a handle for"),
    ("the house", "this repository"),
    ("whoever", "the name of what acts: the session, the sender, a caller"),
    ("worth while", "useful"),
];

/// Texts that are checked, by the extension of their file.
const EXTENSIONS: &[&str] = &["rs", "md", "toml", "ts", "tsx", "mjs", "vue", "py", "html", "yml"];

/// Folders and files that are not checked: built, installed or generated, or the names are data of a test. This list
/// itself is one of them.
const SKIPPED: &[&str] = &["target", "node_modules", "work", "dist", "corpus", "golden", "words.rs"];

/// Parts of the repository whose texts are still to be rewritten.
const STILL: &[&str] = &["tests/fixtures/types", "tests/node/types"];

/// Every line of a text with a phrase of the list in it.
fn found(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        // Names of functions and files are words, too.
        let plain: String =
            line.chars().map(|one| if one.is_alphanumeric() { one.to_ascii_lowercase() } else { ' ' }).collect();
        let words = format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" "));
        for (phrase, instead) in PHRASES {
            if words.contains(&format!(" {phrase} ")) {
                found.push((number + 1, *phrase, *instead));
            }
        }
    }
    found
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a folder can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if SKIPPED.contains(&&*name) || (name.starts_with('.') && name != ".ci") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known)) {
            files.push(path);
        }
    }
}

#[test]
fn texts_use_plain_words() {
    let root = sources::root();
    let mut files = Vec::new();
    collect(root, &mut files);
    files.sort();
    let mut mistakes = Vec::new();
    for file in files {
        let path = file.strip_prefix(root).expect("it is below");
        if STILL.iter().any(|part| path.starts_with(part)) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let line = |(line, phrase, instead)| format!("{}:{line}: `{phrase}`; write: {instead}", path.display());
        mistakes.extend(found(&text).into_iter().map(line));
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn phrases_are_found_as_whole_words() {
    let text = "// Whoever reads this\nfn nobody_waits() {}\n// calendar, blended, a commend\n// gives\nback";
    let lines: Vec<_> = found(text).into_iter().map(|(line, phrase, _)| (line, phrase)).collect();
    assert_eq!(lines, [(1, "whoever"), (2, "nobody")]);
}
