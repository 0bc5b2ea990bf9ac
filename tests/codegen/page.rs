//! `docs/contract.md`, done as its reader would do it: each file is written and each command is run, in their order, in a
//! folder outside of this repository. Only what cannot be had here is replaced: packages that are not published come
//! from this repository, and those of npm from where they were installed before.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::project::{Outcome, Project, cargo_hubs, repository, shared_target};

/// The text of all code blocks of a kind.
pub(crate) fn blocks(page: &str, kind: &str) -> Vec<String> {
    let start = format!("```{kind}\n");
    let parts = page.split(&start).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

/// What a reader meets, from top to bottom.
enum Step {
    /// A file to write, or to add to.
    File { path: String, text: String, added: bool },
    /// A command, and what it shows.
    Command { line: String, shows: Vec<String> },
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    let mut file = None;
    while let Some(line) = lines.next() {
        let mark = line.strip_prefix("<!-- ").and_then(|mark| mark.strip_suffix(" -->"));
        if let Some((kind, path)) = mark.and_then(|mark| mark.split_once(": ")) {
            assert!(["file", "add to"].contains(&kind), "{line}");
            file = Some((path.to_owned(), kind == "add to"));
        } else if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match file.take() {
                Some((path, added)) => steps.push(Step::File { path, text: format!("{}\n", block.join("\n")), added }),
                None if kind == "console" => steps.extend(commands(&block)),
                None => {}
            }
        }
    }
    steps
}

fn commands(block: &[&str]) -> Vec<Step> {
    let mut found = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(line), _) => found.push(Step::Command { line: line.to_owned(), shows: Vec::new() }),
            (None, Some(Step::Command { shows, .. })) => shows.push((*line).to_owned()),
            _ => panic!("{line:?} belongs to no command"),
        }
    }
    found
}

/// Whether what was said is what is shown, where `...` may stand for any lines.
fn matches(shown: &[&str], said: &[&str]) -> bool {
    match shown {
        [] => said.is_empty(),
        ["...", rest @ ..] => (0..=said.len()).any(|at| matches(rest, &said[at..])),
        [first, rest @ ..] => said.first().is_some_and(|line| line.trim_end() == *first) && matches(rest, &said[1..]),
    }
}

/// Programs that stand before the real ones.
fn programs(project: &Project) -> PathBuf {
    let folder = project.file("bin");
    let root = repository();
    let (root, cargo) = (root.display(), env!("CARGO"));
    let cargo = format!(
        "#!/bin/sh\ncase \"$1\" in\n\
         install) exit 0 ;;\n\
         add) exec {cargo} \"$@\" --offline --path {root}/hubs-runtime ;;\n\
         new) {cargo} \"$@\" && cp {root}/Cargo.lock chat-contract ;;\n\
         *) exec {cargo} \"$@\" ;;\nesac\n"
    );
    let modules = format!("{root}/tests/codegen/tsc/node_modules");
    assert!(Path::new(&modules).is_dir(), "npm packages are missing in tests/codegen/tsc: run `cargo xtask test`");
    let npm = format!("#!/bin/sh\nexec ln -s {modules} web/node_modules\n");
    for (name, script) in [("cargo", cargo), ("npm", npm)] {
        project.write(&format!("bin/{name}"), &script);
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// A shell that goes on in the folder where the last command left it.
struct Shell {
    path: String,
    folder: PathBuf,
    end: PathBuf,
}

impl Shell {
    fn new(project: &Project) -> Self {
        let hubs = cargo_hubs().parent().unwrap().to_owned();
        let others = std::env::var_os("PATH").unwrap();
        let all = [programs(project), hubs].into_iter().chain(std::env::split_paths(&others));
        let path = std::env::join_paths(all).unwrap().into_string().unwrap();
        Self { path, folder: project.file("."), end: project.file("folder") }
    }

    /// What a command says, on both of its outputs and in the order of a terminal.
    fn run(&mut self, line: &str) -> String {
        let script = format!("exec 2>&1\n{line}\npwd > {}", self.end.display());
        let mut command = Command::new("bash");
        command.args(["-c", &script]).current_dir(&self.folder).env("PATH", &self.path);
        command.env("CARGO_TARGET_DIR", shared_target()).env_remove("GITHUB_ACTIONS");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@example.com");
        }
        let outcome = Outcome::of(&mut command);
        self.folder = fs::read_to_string(&self.end).unwrap().trim_end().into();
        outcome.out
    }
}

#[test]
fn from_an_empty_folder_to_a_red_pull_request() {
    let page = fs::read_to_string(repository().join("docs/contract.md")).unwrap();
    let project = Project::elsewhere("chat", "page");
    fs::remove_dir_all(project.file("contract")).unwrap();
    let mut shell = Shell::new(&project);
    let mut commands = 0;
    for step in steps(&page) {
        match step {
            Step::File { path, text, added } => {
                let path = shell.folder.join(path);
                let before = if added { format!("{}\n", fs::read_to_string(&path).unwrap()) } else { String::new() };
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, before + &text).unwrap();
            }
            Step::Command { line, shows } => {
                commands += 1;
                let said = shell.run(&line);
                let shows: Vec<_> = shows.iter().map(String::as_str).collect();
                assert!(matches(&shows, &said.lines().collect::<Vec<_>>()), "`{line}` says\n{said}");
            }
        }
    }
    assert!(commands > 15, "the page has lost its commands");
    fs::remove_dir_all(&project.root).unwrap();
}
