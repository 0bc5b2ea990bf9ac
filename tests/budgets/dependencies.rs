//! What `deny.toml` says about licences, banned crates and sources, checked without `cargo deny`, which takes longer
//! to build than this repository. Doubled versions are printed.

use std::{collections::BTreeMap, fs, process::Command};

use serde_json::Value;

use crate::sources;

/// How a package's source begins when a registry, not a repository or a folder, has it.
const REGISTRY: &str = "registry+";

/// The lists of `deny.toml`.
struct Deny {
    licenses: Vec<String>,
    /// Crate → crates that may use it all the same.
    banned: BTreeMap<String, Vec<String>>,
}

impl Deny {
    fn read(text: &str) -> Self {
        let table: toml::Table = text.parse().expect("deny.toml is TOML");
        let strings = |value: Option<&toml::Value>| -> Vec<String> {
            let list = value.and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
            list.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let denied = table["bans"]["deny"].as_array().expect("bans.deny is a list");
        let entry = |ban: &toml::Value| {
            (ban["crate"].as_str().expect("a ban names a crate").to_owned(), strings(ban.get("wrappers")))
        };
        Self { licenses: strings(table["licenses"].get("allow")), banned: denied.iter().map(entry).collect() }
    }

    /// Whether an SPDX expression can be satisfied with the licences of the list. `AND` binds closer than `OR`, as
    /// SPDX says; `/` is what old manifests wrote for `OR`.
    fn accepts(&self, expression: &str) -> bool {
        let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut at = 0;
        self.any(&words, &mut at) && at == words.len()
    }

    fn any(&self, words: &[&str], at: &mut usize) -> bool {
        let mut holds = self.every(words, at);
        while words.get(*at) == Some(&"OR") {
            *at += 1;
            holds |= self.every(words, at);
        }
        holds
    }

    fn every(&self, words: &[&str], at: &mut usize) -> bool {
        let mut holds = self.one(words, at);
        while words.get(*at) == Some(&"AND") {
            *at += 1;
            holds &= self.one(words, at);
        }
        holds
    }

    fn one(&self, words: &[&str], at: &mut usize) -> bool {
        let Some(word) = words.get(*at) else { return false };
        *at += 1;
        if *word == "(" {
            let holds = self.any(words, at);
            *at += 1;
            return holds;
        }
        let mut license = (*word).to_owned();
        if words.get(*at) == Some(&"WITH") {
            license = words[*at - 1..words.len().min(*at + 2)].join(" ");
            *at += 2;
        }
        self.licenses.contains(&license)
    }

    /// What is wrong with one package of `cargo metadata`.
    fn mistakes(&self, package: &Value) -> Vec<String> {
        let name = package["name"].as_str().unwrap_or_default();
        let mut found = Vec::new();
        match package["license"].as_str() {
            Some(license) if self.accepts(license) => {}
            license => found.push(format!("{name}: the licence {license:?} is not in deny.toml")),
        }
        if package["source"].as_str().is_some_and(|source| !source.starts_with(REGISTRY)) {
            found.push(format!("{name}: it does not come from a registry"));
        }
        for dependency in package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let banned = dependency["name"].as_str().and_then(|name| self.banned.get_key_value(name));
            let used = dependency["optional"] == false && dependency["kind"].is_null();
            if let Some((banned, wrappers)) = banned.filter(|(_, wrappers)| used && !wrappers.iter().any(|w| w == name))
            {
                found.push(format!("{name}: it depends on `{banned}`, which deny.toml bans (except in {wrappers:?})"));
            }
        }
        found
    }
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--locked", "--all-features", "--format-version", "1", "--filter-platform", HOST]);
    let output = command.current_dir(sources::root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("`cargo metadata` prints JSON")
}

/// The commonest platform; asking for all would need packages that no build here downloads.
const HOST: &str = "x86_64-unknown-linux-gnu";

fn deny() -> Deny {
    Deny::read(&fs::read_to_string(sources::root().join("deny.toml")).expect("deny.toml is readable"))
}

#[test]
fn dependencies_are_what_deny_toml_allows() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("there are packages");
    let deny = deny();
    let found: Vec<String> = packages.iter().flat_map(|package| deny.mistakes(package)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));

    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        versions.entry(text("name")).or_default().push(text("version"));
    }
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        println!("{name} is there in {} versions: {}", versions.len(), versions.join(", "));
    }
}

#[test]
fn dependencies_that_are_not_allowed_are_found() {
    let deny = deny();
    for accepted in
        ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR GPL-3.0) AND ISC", "MIT OR Apache-2.0 WITH LLVM-exception"]
    {
        assert!(deny.accepts(accepted), "{accepted}");
    }
    for refused in
        ["GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR AGPL-3.0) AND MIT", "", "MIT MIT", "Apache-2.0 WITH Other"]
    {
        assert!(!deny.accepts(refused), "{refused}");
    }
    let package = serde_json::json!({
        "name": "bad", "license": null, "source": "git+https://example.com/bad",
        "dependencies": [{ "name": "openssl", "optional": false, "kind": null }],
    });
    assert_eq!(deny.mistakes(&package).len(), 3, "{:?}", deny.mistakes(&package));
}
