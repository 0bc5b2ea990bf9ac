//! `docs/contract.md`, done as its reader would do it.

use std::{fs, process::Command};

use crate::project::{Project, repository};

/// The text of all code blocks of a kind.
pub(crate) fn blocks(page: &str, kind: &str) -> Vec<String> {
    let start = format!("```{kind}\n");
    let parts = page.split(&start).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

/// What the page shows below a command.
fn shown(page: &str, command: &str) -> Vec<String> {
    let console = blocks(page, "console");
    let block = console.iter().find(|block| block.contains(command)).unwrap_or_else(|| panic!("no {command}"));
    let after = block.split(command).nth(1).unwrap().lines().skip(1);
    after.take_while(|line| !line.starts_with("$ ")).filter(|line| *line != "...").map(str::to_owned).collect()
}

#[test]
fn from_an_empty_folder_to_a_red_pull_request() {
    let page = fs::read_to_string(repository().join("docs/contract.md")).unwrap();
    let project = Project::new("board", "page");
    let runtime = repository().join("hubs-runtime");
    let manifest = format!(
        "[package]\nname = \"chat-contract\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         hubs-runtime = {{ path = \"{}\", default-features = false }}\n\n{}",
        runtime.display(),
        blocks(&page, "toml")[0]
    );
    project.write("contract/Cargo.toml", &manifest);
    project.write("contract/src/lib.rs", &blocks(&page, "rust")[0]);
    let says = |code: i32, command: &str| {
        let lines = shown(&page, command);
        assert!(!lines.is_empty(), "{command}");
        let arguments: Vec<_> = command.split_whitespace().skip(2).collect();
        project.hubs(&arguments).expect(code, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    };
    says(0, "cargo hubs generate");
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "a contract"]] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
        assert!(git.current_dir(project.file("contract")).status().unwrap().success());
    }
    project.change("contract/src/lib.rs", "send_message", "post_message");
    says(4, "cargo hubs check");
    project.hubs(&["generate"]).expect(0, &["Wrote web/src/hubs/chat-hub.ts"]);
    says(100, "cargo hubs diff HEAD --deny breaking");
}
