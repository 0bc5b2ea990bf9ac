//! The C# that is kept in this repository, under a parser: no C# compiler is here, but what is no C# at all is found.

use std::{fs, path::PathBuf};

use tree_sitter::{Node, Parser};

use crate::project::repository;

/// The folders with generated C#: the golden files, and the corpus of hard types.
const FOLDERS: [&str; 2] = ["tests/codegen/golden", "tests/fixtures/types/contract/csharp"];

fn files() -> Vec<PathBuf> {
    let folders = FOLDERS.iter().map(|folder| repository().join(folder));
    let entries = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    entries.filter(|path| path.extension().is_some_and(|extension| extension == "cs")).collect()
}

/// The lines that are no C#.
fn mistakes(text: &str) -> Vec<String> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_c_sharp::LANGUAGE.into()).unwrap();
    let tree = parser.parse(text, None).unwrap();
    let mut found = Vec::new();
    collect(tree.root_node(), text, &mut found);
    found
}

fn collect(node: Node<'_>, text: &str, found: &mut Vec<String>) {
    if node.is_error() || node.is_missing() {
        let row = node.start_position().row;
        found.push(format!("line {}: {}", row + 1, text.lines().nth(row).unwrap_or_default()));
    }
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        collect(child, text, found);
    }
}

#[test]
fn every_file_is_csharp() {
    let files = files();
    assert!(files.len() >= 14, "{files:?}");
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let found = mistakes(&text);
        assert!(found.is_empty(), "{}\n{}", path.display(), found.join("\n"));
    }
}

#[test]
fn what_is_no_csharp_is_found() {
    for (text, line) in [
        ("public sealed record Note\n{\n    public string from name { get; init; }\n}\n", "line 3"),
        ("public interface IHub\n{\n    Task SayAsync(string a string b);\n}\n", "line 3"),
        ("public enum Mood\n{\n    Calm\n    Busy,\n}\n", "line 4"),
        ("namespace A;\npublic record B(", "line 2"),
    ] {
        let found = mistakes(text);
        assert!(found.iter().any(|found| found.starts_with(line)), "{text}\n{found:?}");
    }
}
