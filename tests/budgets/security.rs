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

/// Where the clock of the system is read, and why. Everything else counts time with a clock that no one can set.
const SYSTEM_CLOCK: [&str; 8] = [
    // Expiry of what another process may have made: tokens, cookies and tickets.
    "server/auth/jwt.rs",
    "server/auth/cookies.rs",
    "server/auth/session.rs",
    "server/endpoint/clock.rs",
    // Made a span of time when the user is made.
    "hub/principal.rs",
    // For the reader of a record.
    "hub/filters/audit.rs",
    // Which of a member's connections is the newest, over all nodes.
    "lifetime/presence/table.rs",
    // When a file was changed; compared for equality only.
    "server/serve/tls.rs",
];

/// Case 72: a clock that is set while the server runs moves no timer.
#[test]
fn test_72_timers_do_not_depend_on_the_clock_of_the_system() {
    let mut reads = Vec::new();
    for file in sources::rust_files("hubs-runtime/src") {
        let is_test = file.path.contains("tests");
        // A type that may cross the wire, there.
        if is_test || file.path.starts_with("contract/") {
            continue;
        }
        if ["SystemTime", "UNIX_EPOCH", "Utc::now", "Local::now", "now_utc"]
            .iter()
            .any(|clock| file.text.contains(clock))
        {
            reads.push(file.path);
        }
    }
    reads.sort_unstable();
    let mut allowed = SYSTEM_CLOCK.map(str::to_owned);
    allowed.sort_unstable();
    assert_eq!(reads, allowed, "timers use tokio::time::Instant");
}
