//! What cargo has built for the tests of the library, as arguments of the compiler: so one crate can be compiled again
//! without cargo compiling all that depends on it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{build::EVERYTHING, process, workspace::Workspace};

/// The package whose tests are compiled.
const PACKAGE: &str = "hubs-runtime";

/// Arguments and variables for the compiler.
#[derive(Debug)]
pub(super) struct Artifacts {
    pub(super) arguments: Vec<String>,
    pub(super) variables: BTreeMap<String, String>,
}

/// A library that cargo has built.
struct Built {
    file: String,
    features: usize,
}

/// Builds the tests, if they are not, and lists what the tests of the library link.
pub(super) fn of_tests(workspace: &Workspace) -> Result<Artifacts> {
    let build = [&["test"], &EVERYTHING[..], &["--no-run"]].concat();
    process::run(&workspace.root, "cargo", &build)?;
    let messages = process::output(&workspace.root, "cargo", &[&build[..], &["--message-format", "json"]].concat())?;
    let metadata = ["metadata", "--format-version", "1", "--all-features"];
    let metadata: Value = serde_json::from_str(&process::output(&workspace.root, "cargo", &metadata)?)?;
    let package = metadata["packages"].as_array().into_iter().flatten().find(|package| package["name"] == PACKAGE);
    let package = package.with_context(|| format!("`cargo metadata` does not know {PACKAGE}"))?;
    let mut arguments = Vec::new();
    let built = libraries(&messages);
    let mut folders = BTreeSet::new();
    for (name, id) in dependencies(&metadata, &package["id"]) {
        // A dependency of another platform is not built.
        let Some(library) = built.get(id) else { continue };
        arguments.extend(["--extern".to_owned(), format!("{name}={}", library.file)]);
        folders.extend(library.file.rsplit_once(['/', '\\']).map(|(folder, _)| folder.to_owned()));
    }
    ensure!(!arguments.is_empty(), "cargo lists no dependency of {PACKAGE}");
    arguments.extend(folders.into_iter().flat_map(|folder| ["-L".to_owned(), format!("dependency={folder}")]));
    let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
    let variables = [("CARGO_PKG_NAME", text("name")), ("CARGO_PKG_VERSION", text("version"))];
    Ok(Artifacts { arguments, variables: variables.map(|(name, value)| (name.to_owned(), value)).into() })
}

/// The library of each package. Of a package that is built twice, once for macros, that with more features is the one
/// that programs link.
fn libraries(messages: &str) -> BTreeMap<String, Built> {
    let mut found: BTreeMap<String, Built> = BTreeMap::new();
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    for artifact in artifacts.filter(|message| message["reason"] == "compiler-artifact") {
        let Some(file) = library(&artifact) else { continue };
        let features = artifact["features"].as_array().map_or(0, Vec::len);
        let id = artifact["package_id"].as_str().unwrap_or_default().to_owned();
        if found.get(&id).is_none_or(|other| other.features < features) {
            found.insert(id, Built { file, features });
        }
    }
    found
}

/// The file of a library that is not a test.
fn library(artifact: &Value) -> Option<String> {
    let kinds = ["lib", "rlib", "proc-macro"];
    let kind = artifact["target"]["kind"].as_array()?.iter().any(|kind| kinds.iter().any(|known| kind == known));
    let files = artifact["filenames"].as_array()?.iter().filter_map(Value::as_str);
    let ends = [".rlib", ".so", ".dylib", ".dll"];
    let file = files.filter(|file| ends.iter().any(|end| file.ends_with(end))).map(str::to_owned).next()?;
    (kind && artifact["profile"]["test"] == false).then_some(file)
}

/// Names and ids of the dependencies of a package and of its tests.
fn dependencies<'a>(metadata: &'a Value, id: &Value) -> Vec<(&'a str, &'a str)> {
    let nodes = metadata["resolve"]["nodes"].as_array().into_iter().flatten();
    let node = nodes.filter(|node| node["id"] == *id).flat_map(|node| node["deps"].as_array().into_iter().flatten());
    node.filter_map(|dependency| Some((dependency["name"].as_str()?, dependency["pkg"].as_str()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::libraries;

    #[test]
    fn the_library_that_programs_link_is_found() {
        let artifact = |features: &str, file: &str, test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"syn 3","target":{{"kind":["lib"]}},"profile":{{"test":{test}}},"features":[{features}],"filenames":["/deps/{file}.rlib","/deps/{file}.rmeta"]}}"#
            )
        };
        let lines = [
            artifact(r#""full""#, "libsyn-1", false),
            artifact(r#""full","visit""#, "libsyn-2", false),
            artifact("", "syn-3", true),
        ];
        let found = libraries(&lines.join("\n"));
        assert_eq!(found["syn 3"].file, "/deps/libsyn-2.rlib");
    }
}
