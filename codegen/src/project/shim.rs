//! The scratch crate that links a contract crate and writes down what it finds: its manifest, its `main`, its lock.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{Package, Source};
use toml::{Table, Value};

use super::{output::SCRATCH, workspace::Subject};
use crate::{error::Error, store};

/// Names of the crates in the scratch crate's manifest.
const SUBJECT: &str = "subject";
const RUNTIME: &str = "hubs";

const MAIN: &str = "\
//! Written by cargo hubs: writes down the contract of the crate that it links.

use subject as _;

fn main() {
    hubs::export_contract_if_requested();
    eprintln!(\"error: this program is only of use to cargo hubs\");
    std::process::exit(2);
}
";

/// Writes the scratch crate into `folder` and gives the path of its manifest. `root` is the user's workspace.
pub(crate) fn write(folder: &Path, root: &Path, subject: &Subject<'_>, features: &[String]) -> Result<PathBuf, Error> {
    let manifest = folder.join("Cargo.toml");
    store::write_if_changed(&folder.join("src/main.rs"), MAIN)?;
    store::write_if_changed(&manifest, &manifest_text(root, subject, features)?)?;
    copy_lock(folder, root)?;
    Ok(manifest)
}

/// The name of the scratch crate and its binary. It tells workspaces apart that share one target folder.
pub(crate) fn name(folder: &Path, package: &str) -> String {
    format!("{SCRATCH}{package}-{:08x}", hash(folder) & 0xffff_ffff)
}

/// Tells paths apart.
pub(crate) fn hash(path: &Path) -> u64 {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn manifest_text(root: &Path, subject: &Subject<'_>, features: &[String]) -> Result<String, Error> {
    let text = |value: &str| Value::String(value.to_owned());
    let list = |values: &[&str]| Value::Array(values.iter().map(|value| text(value)).collect());
    let mut package = Table::new();
    package.insert("name".into(), text(&name(root, &subject.package.name)));
    package.insert("version".into(), text("0.0.0"));
    package.insert("edition".into(), text("2021"));
    package.insert("publish".into(), Value::Boolean(false));

    let mut contract = Table::new();
    contract.insert("package".into(), text(&subject.package.name));
    contract.insert("path".into(), text(&subject.folder().to_string_lossy()));
    if !features.is_empty() {
        contract.insert("features".into(), list(&features.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    let mut runtime = source(subject.runtime);
    runtime.insert("package".into(), text(&subject.runtime.name));
    runtime.insert("default-features".into(), Value::Boolean(false));
    runtime.insert("features".into(), list(&["contract"]));
    let dependencies =
        Table::from_iter([(SUBJECT.to_owned(), Value::Table(contract)), (RUNTIME.to_owned(), Value::Table(runtime))]);

    let mut manifest = Table::new();
    manifest.insert("package".into(), Value::Table(package));
    // A workspace of its own: the user's would refuse a member it does not list.
    manifest.insert("workspace".into(), Value::Table(Table::new()));
    manifest.insert("dependencies".into(), Value::Table(dependencies));
    let theirs = manifest_of(root)?;
    // The same profile: cargo compiles a package again for another one.
    if let Some(profile) = theirs.get("profile") {
        manifest.insert("profile".into(), profile.clone());
    }
    if let Some(patch) = patch(root, &theirs) {
        manifest.insert("patch".into(), patch);
    }
    Ok(format!("# Written by cargo hubs.\n{manifest}"))
}

/// The place that cargo resolved a package to, written so that cargo takes it for the same package again.
fn source(package: &Package) -> Table {
    let text = |value: &str| Value::String(value.to_owned());
    let folder = package.manifest_path.parent().map_or("", |folder| folder.as_str());
    let Some(Source { repr, .. }) = &package.source else {
        return Table::from_iter([("path".to_owned(), text(folder))]);
    };
    if let Some(git) = repr.strip_prefix("git+") {
        let url = git.split('#').next().unwrap_or(git);
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        let mut table = Table::from_iter([("git".to_owned(), text(url))]);
        if let Some((key, value)) = query.split_once('=') {
            table.insert(key.to_owned(), text(&value.replace("%2F", "/").replace("%2f", "/")));
        }
        return table;
    }
    let mut table = Table::from_iter([("version".to_owned(), text(&format!("={}", package.version)))]);
    if !package.source.as_ref().is_some_and(Source::is_crates_io) {
        let index = repr.strip_prefix("registry+").unwrap_or(repr);
        table.insert("registry-index".to_owned(), text(index));
    }
    table
}

/// The manifest of the user's workspace.
fn manifest_of(root: &Path) -> Result<Table, Error> {
    let path = root.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    text.parse().map_err(|error: toml::de::Error| Error::Unreadable { path, problem: error.to_string() })
}

/// The user's `[patch]`, with paths that hold from anywhere.
fn patch(root: &Path, manifest: &Table) -> Option<Value> {
    let Value::Table(mut patch) = manifest.get("patch")?.clone() else { return None };
    for (_, source) in &mut patch {
        for (_, dependency) in source.as_table_mut().into_iter().flatten() {
            if let Some(Value::String(path)) = dependency.get_mut("path") {
                *path = root.join(&*path).to_string_lossy().into_owned();
            }
        }
    }
    Some(Value::Table(patch))
}

/// Starts from the user's lock, so that the same versions are compiled; cargo adds the scratch crate to the copy. The
/// user's text is kept beside it, to see when it changes.
fn copy_lock(folder: &Path, root: &Path) -> Result<(), Error> {
    let theirs = root.join("Cargo.lock");
    let Ok(text) = fs::read_to_string(&theirs) else { return Ok(()) };
    let seen = folder.join("Cargo.lock.seen");
    let fresh = fs::read_to_string(&seen).is_ok_and(|seen| seen == text) && folder.join("Cargo.lock").exists();
    if !fresh {
        store::write(&folder.join("Cargo.lock"), &text)?;
        store::write(&seen, &text)?;
    }
    Ok(())
}
