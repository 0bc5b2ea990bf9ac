//! The Rust files of a crate of this workspace.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One file.
pub(crate) struct Source {
    /// From the folder that was listed, with `/`, such as `hub/mod.rs`.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}

/// All Rust files below a folder of the workspace, in order.
pub(crate) fn rust_files(folder: &str) -> Vec<Source> {
    let top = root().join(folder);
    let mut paths = Vec::new();
    collect(&top, &mut paths);
    paths.sort();
    assert!(!paths.is_empty(), "there are no Rust files in {folder}");
    let read = |path: &PathBuf| Source {
        path: path.strip_prefix(&top).expect("it is below").to_string_lossy().replace('\\', "/"),
        text: fs::read_to_string(path).expect("a source file is readable"),
    };
    paths.iter().map(read).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
