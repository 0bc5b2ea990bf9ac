//! Every feature of the library is in the table of its front page.

use std::fs;

use crate::sources;

#[test]
fn the_front_page_has_every_feature() {
    let read = |path| fs::read_to_string(sources::root().join(path)).expect("the file is there");
    let manifest: toml::Table = read("hubs-runtime/Cargo.toml").parse().expect("a manifest");
    let features = manifest["features"].as_table().expect("features are a table");
    let page = read("hubs-runtime/src/docs/crate.md");
    let (_, table) = page.split_once("# Features").expect("the page has the heading");
    let first_cells = table.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let shown: Vec<&str> =
        first_cells.flat_map(|cell| cell.split(',')).map(|name| name.trim().trim_matches('`')).collect();
    let missing: Vec<_> =
        features.keys().filter(|name| *name != "default" && !shown.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "not in hubs-runtime/src/docs/crate.md: {missing:?}");
}
