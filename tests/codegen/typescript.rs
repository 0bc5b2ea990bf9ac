//! The reviewed files under the real compilers and the real official client: strict, and they do what they say.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::project::{copy, repository, temporary};

/// What is run in Node.
const TESTS: [&str; 4] = ["behaviour.test.mjs", "documents.test.mjs", "link.test.mjs", "streams.test.mjs"];

/// A project in a folder of its own with the golden files in `src/hubs`, or a sentence that says how to get one.
fn project(test: &str) -> PathBuf {
    let source = repository().join("tests/codegen/tsc");
    let modules = source.join("node_modules");
    assert!(
        modules.join("@microsoft/signalr").is_dir(),
        "npm packages are missing in tests/codegen/tsc: run `cargo xtask test` (or `npm ci` there)"
    );
    let folder = temporary().join("codegen-tsc").join(test);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    copy(&source.join("src"), &folder.join("src"));
    copy(&repository().join("tests/codegen/golden"), &folder.join("src/hubs"));
    let files = ["package.json", "tsconfig.json", "socket.mjs"];
    for file in files.iter().chain(&TESTS) {
        fs::copy(source.join(file), folder.join(file)).unwrap();
    }
    fs::copy(repository().join("docs/contract.schema.json"), folder.join("contract.schema.json")).unwrap();
    std::os::unix::fs::symlink(modules, folder.join("node_modules")).unwrap();
    folder
}

#[track_caller]
fn node(folder: &Path, arguments: &[&str]) {
    let output = Command::new("node").args(arguments).current_dir(folder).output().expect("node runs");
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "node {}\n{}", arguments.join(" "), String::from_utf8_lossy(&said));
}

#[test]
fn every_compiler_accepts_the_files_and_refuses_mistakes_with_them() {
    let folder = project("compilers");
    for compiler in ["typescript-5", "typescript-6", "typescript"] {
        let tsc = format!("node_modules/{compiler}/bin/tsc");
        node(&folder, &[&tsc, "--project", ".", "--noEmit"]);
        node(&folder, &[&tsc, "--project", ".", "--noEmit", "--module", "esnext", "--moduleResolution", "bundler"]);
    }
}

#[test]
fn the_compiled_files_do_what_they_say() {
    let folder = project("behaviour");
    node(&folder, &["node_modules/typescript/bin/tsc", "--project", "."]);
    node(&folder, &[&["--test"][..], &TESTS].concat());
}
