//! `new`: makes a project, and says what it wrote and what to type next.

use std::process::ExitCode;

use hubs_codegen::{
    Error,
    new::{Created, NewProject},
};
use serde_json::json;

use super::shell::Shell;

pub(crate) fn create(shell: Shell, project: &NewProject) -> Result<ExitCode, Error> {
    let created = project.create()?;
    if shell.is_for_people() {
        text(shell, project, &created);
    } else {
        let Created { name, files } = created;
        shell.json(&json!({ "package": name, "folder": project.folder, "files": files }));
    }
    Ok(ExitCode::SUCCESS)
}

fn text(shell: Shell, project: &NewProject, Created { name, files }: &Created) {
    let folder = project.folder.display();
    shell.status("Created", format!("`{name}`: {} files in {folder}", files.len()));
    for (file, what) in [
        ("src/contract.rs", "what the page and the server may call; start here"),
        ("src/hub.rs", "what happens when a page calls"),
        ("src/history.rs", if project.sqlite { "the messages, in SQLite" } else { "the messages, in memory" }),
        ("tests/hub.rs", "a test of the hub, without ports"),
        (project.ui.main_file(), "the page"),
        ("web/src/hubs", "generated from the contract: what the page calls"),
    ] {
        shell.status("", format!("{file:<18} {what}"));
    }
    shell.status("", "Dockerfile, README.md, .github/workflows/ci.yml");
    shell.status("Next", format!("cd {folder}"));
    shell.status("", "cargo hubs dev");
}
