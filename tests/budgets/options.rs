//! `docs/options.md` has every option of `HubOptions`, and no other.

use std::{collections::BTreeSet, fs};

use crate::sources;

#[test]
fn every_option_is_in_the_table() {
    let root = sources::root();
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let source = read("hubs-runtime/src/server/options.rs");
    let fields = source.lines().filter_map(|line| line.strip_prefix("    pub ")?.split_once(": "));
    let options: BTreeSet<_> = fields.map(|(name, _)| name.to_owned()).collect();
    assert!(options.len() > 20, "the options are found: {options:?}");
    let table = read("docs/options.md");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let described: BTreeSet<_> = rows.map(|(name, _)| name.to_owned()).filter(|name| name != "HubOptions").collect();
    assert_eq!(described, options);
}
