//! Documents name tests that show what they promise, and options that exist: both are there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::sources;

/// Every test in Rust, with the comment above it.
pub(crate) fn tests() -> BTreeMap<String, String> {
    let folders = ["hubs-runtime/src", "hubs-macros/src", "codegen", "tests"];
    let mut tests = BTreeMap::new();
    for file in folders.into_iter().flat_map(sources::rust_files) {
        let (mut is_test, mut comment) = (false, String::new());
        for line in file.text.lines().map(str::trim) {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            if let Some(text) = line.strip_prefix("///") {
                comment.push_str(text);
            } else if let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
                let comment = std::mem::take(&mut comment);
                if std::mem::take(&mut is_test)
                    && let Some((name, _)) = rest.split_once('(')
                {
                    tests.insert(name.to_owned(), comment);
                }
            } else if !line.starts_with('#') {
                comment.clear();
            }
        }
    }
    tests
}

fn options() -> BTreeSet<String> {
    let table = read("docs/options.md");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(name, _)| name.to_owned()).collect()
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(sources::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between backticks in a cell.
pub(crate) fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The cells of each row of a Markdown file, without those of the heads.
pub(crate) fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_head = |at: usize| lines.get(at + 1).is_some_and(|next| next.starts_with("|---"));
    let is_row = |(at, line): &(usize, &&str)| line.starts_with("| ") && !is_head(*at);
    let rows = lines.iter().enumerate().filter(is_row);
    rows.map(|(_, line)| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn every_limit_has_an_option_that_exists_and_a_test_that_shows_it() {
    let (text, tests, options) = (read("docs/limits.md"), tests(), options());
    let rows = rows(&text);
    assert!(rows.len() > 30 && tests.len() > 500, "{} rows, {} tests", rows.len(), tests.len());
    for row in rows {
        let [what, option, _, _, shown] = row[..] else { panic!("five cells: {row:?}") };
        for option in quoted(option) {
            assert!(options.contains(option), "{what}: docs/options.md has no `{option}`");
        }
        let named: Vec<_> = quoted(shown).collect();
        assert!(!named.is_empty(), "{what}: no test shows it");
        for test in named {
            assert!(tests.contains_key(test), "{what}: there is no test `{test}`");
        }
    }
}
