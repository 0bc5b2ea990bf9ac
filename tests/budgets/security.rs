//! What SECURITY.md promises that is not shown by running a server: its tests exist and have their numbers, dependencies
//! have no known holes, and names from strangers are hashed with random keys.

use std::fs;

use crate::{
    limits::{quoted, read, rows, tests},
    sources,
};

#[test]
fn every_attack_has_tests_that_exist_and_name_its_number() {
    let (text, tests) = (read("SECURITY.md"), tests());
    let rows = rows(&text);
    assert!(rows.len() > 45, "{} rows", rows.len());
    for row in rows {
        let [number, what, _, shown] = row[..] else { panic!("four cells: {row:?}") };
        let named: Vec<_> = quoted(shown).collect();
        assert!(!named.is_empty(), "{number}, {what}: no test shows it");
        for test in named {
            let comment = tests.get(test).unwrap_or_else(|| panic!("{number}: there is no test `{test}`"));
            let mut words = comment.split(|one: char| !one.is_ascii_alphanumeric()).chain(test.split('_'));
            let padded = format!("{number:0>2}");
            assert!(words.any(|word| word == number || word == padded), "`{test}` does not name case {number}");
        }
    }
}

/// Cases 19 and 74.
#[test]
fn crates_with_known_holes_are_not_used_in_versions_that_have_them() {
    let lock: toml::Table = read("Cargo.lock").parse().expect("Cargo.lock is TOML");
    let packages = lock["package"].as_array().expect("packages");
    let parts =
        |version: &str| -> Vec<u64> { version.split(['.', '-', '+']).filter_map(|part| part.parse().ok()).collect() };
    for (name, fixed) in [("jsonwebtoken", "10.3.0"), ("h2", "0.4.16"), ("bytes", "1.11.1")] {
        let named = packages.iter().filter(|package| package["name"].as_str() == Some(name));
        let versions: Vec<_> = named.filter_map(|package| package["version"].as_str()).collect();
        assert!(!versions.is_empty(), "{name} is used");
        for version in versions {
            assert!(parts(version) >= parts(fixed), "{name} {version} has a known hole: use {fixed} or later");
        }
    }
}

/// Case 33: std's maps, which draw their keys at random, and no faster hash that is the same in every process.
#[test]
fn names_from_clients_are_hashed_with_random_keys() {
    let manifest = read("hubs-runtime/Cargo.toml");
    for file in sources::rust_files("hubs-runtime/src") {
        for hash in ["fxhash", "FxHash", "rustc_hash", "ahash", "AHash", "BuildHasherDefault", "nohash", "foldhash"] {
            assert!(!file.text.contains(hash), "{}: {hash}", file.path);
            assert!(!manifest.contains(hash), "{hash}");
        }
    }
    assert!(
        fs::exists(sources::root().join("hubs-runtime/src/lifetime/shard.rs")).expect("a path"),
        "the maps are there"
    );
}
