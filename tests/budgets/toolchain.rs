//! The compiler is named twice, and both names are equal: `rust-toolchain.toml` for people who work here, and
//! `rust-version` for people who depend on the crates.

use std::fs;

use crate::sources;

#[test]
fn the_pinned_toolchain_is_the_oldest_supported_compiler() {
    let table = |file: &str| -> toml::Table {
        let text = fs::read_to_string(sources::root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        text.parse().unwrap_or_else(|error| panic!("{file}: {error}"))
    };
    let pinned = table("rust-toolchain.toml")["toolchain"]["channel"].as_str().expect("it names a channel").to_owned();
    let supported =
        table("Cargo.toml")["workspace"]["package"]["rust-version"].as_str().expect("it is text").to_owned();
    assert!(
        pinned == supported || pinned.starts_with(&format!("{supported}.")),
        "rust-toolchain.toml has {pinned}, and rust-version in Cargo.toml is {supported}"
    );
}
