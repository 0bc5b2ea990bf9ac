//! `cargo mutants`: changes the code in small ways and runs the tests on each change. `.cargo/mutants.toml` names the
//! code, the tests, and the changes that no test can notice.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::Soak;
use crate::process;

/// How many in a hundred may survive.
const MAY_SURVIVE: usize = 5;
/// What `cargo mutants` exits with when some survived, and when some took too long. Both are judged here.
const SURVIVED: i32 = 2;
const TOOK_TOO_LONG: i32 = 3;

pub(super) fn run(soak: &Soak<'_>) -> Result<Vec<String>> {
    let root = &soak.workspace.root;
    if !process::succeeds("cargo", &["mutants", "--version"]) {
        process::run_long(&mut process::command(root, "cargo", &["install", "cargo-mutants", "--locked"]))?;
    }
    let folder = soak.workspace.target.join("mutants");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let arguments = ["mutants", "--no-shuffle", "--output", &folder.to_string_lossy()];
    match process::status(&mut process::command(root, "cargo", &arguments))? {
        Some(0 | SURVIVED | TOOK_TOO_LONG) => judge(&folder.join("mutants.out")),
        code => bail!("`cargo mutants` failed (exit code {code:?})"),
    }
}

/// The figures of a run, an error if too many survived.
fn judge(folder: &Path) -> Result<Vec<String>> {
    let read = |name: &str| {
        fs::read_to_string(folder.join(name))
            .with_context(|| format!("`cargo mutants` wrote no {name} in {}", folder.display()))
    };
    let outcomes: Value = serde_json::from_str(&read("outcomes.json")?)?;
    let count = |name: &str| outcomes[name].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    let (caught, missed, late) = (count("caught"), count("missed"), count("timeout"));
    let survivors = read("missed.txt")?;
    println!("{survivors}");
    let tried = caught + missed + late;
    ensure!(tried > 0, "`cargo mutants` tried nothing");
    ensure!(
        missed * 100 <= tried * MAY_SURVIVE,
        "{missed} of {tried} survived, more than {MAY_SURVIVE} in 100:\n{survivors}"
    );
    Ok(vec![format!("{tried} tried: {caught} caught by a test, {late} by the time limit, {missed} survived")])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::judge;

    #[test]
    fn too_many_survivors_are_an_error() {
        let folder = std::env::temp_dir().join(format!("hubs-mutants-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("it can be made");
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("it can be written");
        write("missed.txt", "outbox.rs:1: replace a with b\n");
        write("outcomes.json", r#"{"caught": 94, "missed": 5, "timeout": 1}"#);
        let few = judge(&folder);
        write("outcomes.json", r#"{"caught": 93, "missed": 6, "timeout": 1}"#);
        let many = judge(&folder);
        fs::remove_dir_all(&folder).expect("it can be removed");
        assert_eq!(few.expect("5 in 100"), ["100 tried: 94 caught by a test, 1 by the time limit, 5 survived"]);
        assert!(many.expect_err("6 in 100").to_string().contains("outbox.rs:1"));
    }
}
