//! Where things are in this workspace, as cargo sees it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// This workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// The packages that may be published.
    pub(crate) publishable: Vec<String>,
    /// The features of `hubs-runtime`, in order, each with what it turns on.
    pub(crate) features: BTreeMap<String, Vec<String>>,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().context("the xtask package lies in the workspace's folder")?;
        let text = process::output(root, "cargo", &["metadata", "--no-deps", "--format-version", "1"])?;
        let metadata: Value = serde_json::from_str(&text).context("`cargo metadata` did not print JSON")?;
        let target = metadata["target_directory"].as_str().context("`cargo metadata` names no target folder")?;
        Ok(Self {
            root: root.to_owned(),
            target: PathBuf::from(target),
            publishable: publishable(&metadata),
            features: features(&metadata, "hubs-runtime").context("`cargo metadata` does not know hubs-runtime")?,
        })
    }

    /// The path of a binary that `cargo build` made.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Every folder with a `package-lock.json` that most tests need, in order. The benchmark and the step `toolchains` install
    /// their own packages.
    pub(crate) fn npm_projects(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect_npm_projects(&self.root, &mut found);
        found.sort();
        found
    }
}

/// Packages whose `publish` is not an empty list of registries.
fn publishable(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let may_publish = |package: &&Value| package["publish"].as_array().is_none_or(|registries| !registries.is_empty());
    packages.iter().filter(may_publish).filter_map(|package| Some(package["name"].as_str()?.to_owned())).collect()
}

fn features(metadata: &Value, package: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let named = metadata["packages"].as_array()?.iter().find(|one| one["name"] == package)?;
    let names =
        |list: &Value| Some(list.as_array()?.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect());
    named["features"].as_object()?.iter().map(|(name, list)| Some((name.clone(), names(list)?))).collect()
}

fn collect_npm_projects(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("package-lock.json").is_file() {
        found.push(folder.to_owned());
    }
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let skipped = ["node_modules", "target", "dist", "rivals", "toolchains"].iter().any(|skipped| name == *skipped)
            || name.to_string_lossy().starts_with('.');
        if !skipped && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect_npm_projects(&entry.path(), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{features, publishable};

    #[test]
    fn features_are_read_with_what_they_turn_on() {
        let metadata = json!({ "packages": [{ "name": "library", "features": { "a": ["b"], "b": ["dep:c"] } }] });
        let found = features(&metadata, "library").expect("the package is there");
        assert_eq!(found["a"], ["b"]);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(features(&metadata, "other"), None);
    }

    #[test]
    fn only_what_no_empty_publish_list_forbids_is_published() {
        let metadata = json!({ "packages": [
            { "name": "library", "publish": null },
            { "name": "private", "publish": [] },
            { "name": "inside", "publish": ["company"] },
        ] });
        assert_eq!(publishable(&metadata), ["library", "inside"]);
    }
}
