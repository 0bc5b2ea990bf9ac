//! Where cargo has put the libraries of the workspace and of what it depends on.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

/// As the tests of the workspace are built, so that nothing is compiled for the list alone. The program that runs the
/// tests cannot be written while it runs.
const BUILD: [&str; 7] = ["build", "--quiet", "--workspace", "--all-features", "--exclude", "xtask", "--lib"];

/// Libraries, and the folders of all that they need.
pub(crate) struct Crates {
    libraries: BTreeMap<String, String>,
    folders: BTreeSet<String>,
}

impl Crates {
    /// Builds the workspace's libraries, if they are not, and finds those of the given names.
    pub(crate) fn built(names: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO"));
        command.args(BUILD).args(["--message-format", "json-render-diagnostics"]).stdin(Stdio::null());
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap());
        let output = command.output().expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let mut libraries: BTreeMap<String, (usize, String)> = BTreeMap::new();
        let mut folders = BTreeSet::new();
        for artifact in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let Some(file) = library(&artifact) else { continue };
            folders.extend(Path::new(&file).parent().map(|folder| folder.to_string_lossy().into_owned()));
            let name = artifact["target"]["name"].as_str().unwrap_or_default().replace('-', "_");
            let features = artifact["features"].as_array().map_or(0, Vec::len);
            // Of a crate that is built twice, once for macros, programs link the one with more features.
            if names.contains(&name.as_str()) && libraries.get(&name).is_none_or(|(known, _)| *known < features) {
                libraries.insert(name, (features, file));
            }
        }
        assert_eq!(libraries.len(), names.len(), "cargo built only {:?}", libraries.keys());
        Self { libraries: libraries.into_iter().map(|(name, (_, file))| (name, file)).collect(), folders }
    }

    /// Arguments of the compiler. A library that the source does not name is left out: the compiler shortens the names of
    /// types only where no other library has the same.
    pub(crate) fn named_in(&self, source: &str) -> Vec<String> {
        let named = self.libraries.iter().filter(|(name, _)| source.contains(name.as_str()));
        let libraries = named.flat_map(|(name, file)| ["--extern".into(), format!("{name}={file}")]);
        libraries.chain(self.folders.iter().flat_map(|folder| ["-L".into(), format!("dependency={folder}")])).collect()
    }
}

/// The file of a library, of which a program can be made.
fn library(artifact: &Value) -> Option<String> {
    let files = artifact["filenames"].as_array()?.iter().filter_map(Value::as_str);
    let ends = [".rlib", ".so", ".dylib", ".dll"];
    files.filter(|file| ends.iter().any(|end| file.ends_with(end))).map(str::to_owned).next()
}
