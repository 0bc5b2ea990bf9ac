//! `docs/cargo-hubs.md`: each block of it with a name is run, and is what the command says. `UPDATE_EXPECT=1` writes the
//! blocks anew.

mod cases;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::project::{Outcome, Project, git, repository};

/// What the command really said, by the name of the block.
#[derive(Default)]
pub(super) struct Manual {
    blocks: BTreeMap<&'static str, String>,
}

impl Manual {
    /// Runs a command in a project's package, for a block of the page.
    #[track_caller]
    pub(super) fn case(&mut self, name: &'static str, project: &Project, code: i32, line: &str) {
        self.case_in(name, project, "contract", code, line);
    }

    /// The same in another folder of the project.
    #[track_caller]
    pub(super) fn case_in(&mut self, name: &'static str, project: &Project, folder: &str, code: i32, line: &str) {
        let arguments: Vec<_> = line.split_whitespace().skip(2).collect();
        let outcome = Outcome::of(project.command(&arguments).current_dir(project.file(folder)));
        assert_eq!(outcome.code, Some(code), "{name}: `{line}` says\n{}", outcome.said);
        let said = portable(project, &outcome.said);
        let before = self.blocks.insert(name, format!("$ {line}\n{}", said.trim_end()));
        assert!(before.is_none(), "two cases are named {name}");
    }
}

/// Without what is different on every machine: where the project lies, and the names of commits.
fn portable(project: &Project, said: &str) -> String {
    let library = repository().join("hubs-runtime");
    let said =
        said.replace(&*project.root.to_string_lossy(), "/app").replace(&*library.to_string_lossy(), "/hubs-runtime");
    let words = said.split_inclusive([' ', '`', '\n']).map(|word| {
        let hex = word.trim_end_matches([' ', '`', '\n']);
        let commit = hex.len() == 40 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        if commit { word.replace(hex, "1f0e3dad99908345f7439f8ffabdffc4b54b1e6d") } else { word.to_owned() }
    });
    // Whether other jobs are still at it when one fails is chance.
    let said = words.collect::<String>().replace("warning: build failed, waiting for other jobs to finish...\n", "");
    said.replace(&crate::sources::library_url(), "https://example.com/hubs.git")
}

/// A workspace without a package at its root and without `[package.metadata.hubs]`.
fn plain_workspace() -> Project {
    let project = Project::new("shop", "manual-shop");
    for package in ["contract", "orders"] {
        let manifest = project.read(&format!("contract/{package}/Cargo.toml"));
        let start = manifest.find("[package.metadata.hubs]").unwrap();
        let end = manifest.find("[dependencies]").unwrap();
        project
            .write(&format!("contract/{package}/Cargo.toml"), &format!("{}{}", &manifest[..start], &manifest[end..]));
    }
    project
}

/// Replaces the block that follows each comment with a case's name.
fn with_blocks(page: &str, blocks: &BTreeMap<&'static str, String>) -> String {
    let mut out = String::new();
    let mut parts = page.split("<!-- case: ");
    out += parts.next().unwrap();
    let mut seen = Vec::new();
    for part in parts {
        let (name, rest) = part.split_once(" -->\n```console\n").expect("a block follows its name");
        let (_, rest) = rest.split_once("```\n").expect("a block ends");
        let text = blocks.get(name).unwrap_or_else(|| panic!("no test runs the case {name}"));
        out += &format!("<!-- case: {name} -->\n```console\n{text}\n```\n{rest}");
        seen.push(name);
    }
    let missing: Vec<_> = blocks.keys().filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "the page does not show {missing:?}");
    out
}

#[test]
fn what_the_manual_shows_is_what_the_command_says() {
    let mut manual = Manual::default();
    cases::of_one_crate(&mut manual);
    cases::of_configuration(&mut manual);
    cases::of_other_crates(&mut manual);
    cases::of_changes(&mut manual);
    let path: PathBuf = Path::new(&repository()).join("docs/cargo-hubs.md");
    let page = fs::read_to_string(&path).unwrap();
    let real = with_blocks(&page, &manual.blocks);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &real).unwrap();
        return;
    }
    for (number, (page, real)) in page.lines().zip(real.lines()).enumerate() {
        assert_eq!(page, real, "docs/cargo-hubs.md, line {}; UPDATE_EXPECT=1 writes its blocks anew", number + 1);
    }
    assert_eq!(page, real, "UPDATE_EXPECT=1 writes the blocks of docs/cargo-hubs.md anew");
}

/// Puts the chat's generated files under git.
fn committed(project: &Project) {
    git(&project.root, &["init", "--quiet"]);
    git(&project.root, &["add", "contract/contract", "contract/src"]);
    git(&project.root, &["commit", "--quiet", "-m", "the contract"]);
}
