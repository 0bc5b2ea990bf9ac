//! The reviewed files under the real compilers and the real official client: strict, and they do what they say.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    page::blocks,
    project::{Project, copy, repository, temporary},
};

/// What is run in Node.
const TESTS: [&str; 5] =
    ["behaviour.test.mjs", "documents.test.mjs", "link.test.mjs", "presence.test.mjs", "streams.test.mjs"];

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

/// `docs/pages.md`, as its reader would copy it.
#[test]
fn what_the_docs_show_compiles() {
    let page = fs::read_to_string(repository().join("docs/pages.md")).unwrap();
    let folder = project("docs");
    fs::remove_dir_all(folder.join("src")).unwrap();
    let chat = repository().join("examples/chat/contract/hubs.json");
    let hubs = folder.join("src/hubs");
    let (chat, hubs) = (chat.to_str().unwrap(), hubs.to_str().unwrap());
    let generate = ["generate", "--from", chat, "--to", hubs, "--frameworks", "vue,react"];
    Project::new("chat", "docs").hubs(&generate).expect(0, &["Generated"]);
    for kind in ["ts", "tsx"] {
        let blocks = blocks(&page, kind);
        assert!(!blocks.is_empty(), "docs/pages.md shows no {kind}");
        for (number, text) in blocks.iter().enumerate() {
            fs::write(folder.join(format!("src/block-{number}.{kind}")), text).unwrap();
        }
    }
    // Readers have a page around each block, which uses what it declares.
    let loose = ["--noEmit", "--isolatedDeclarations", "false", "--declaration", "false", "--noUnusedLocals", "false"];
    let tsc = ["node_modules/typescript/bin/tsc", "--project", ".", "--jsx", "react-jsx"];
    node(&folder, &[&tsc[..], &loose].concat());
}
