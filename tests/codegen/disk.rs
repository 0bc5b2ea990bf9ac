//! Files that cannot be written, and a command that is killed while it writes: what is there is whole, and is what was
//! there before or what should be.

use std::{fs, process::Command};

use crate::project::{Outcome, Project, cargo_hubs, repository};

/// A front end with the document of the board, so that no test here needs a compiler.
fn front_end(test: &str) -> Project {
    let project = Project::new("board", test);
    fs::copy(repository().join("tests/codegen/golden/hubs.json"), project.file("contract/hubs.json")).unwrap();
    project
}

const FROM: [&str; 4] = ["--from", "hubs.json", "--to", "front"];

/// What is in the folder of the TypeScript: names and texts.
fn front(project: &Project) -> Vec<(String, String)> {
    let entries = fs::read_dir(project.file("contract/front")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    files.into_iter().map(|name| (name.clone(), project.read(&format!("contract/front/{name}")))).collect()
}

/// `cargo hubs generate` in a shell that lets no file be greater than 4 KiB or so.
fn limited(project: &Project, before: &str) -> Outcome {
    let script = format!("{before} ulimit -f 8; exec \"$0\" hubs generate --from hubs.json --to front");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(cargo_hubs()).current_dir(project.file("contract"));
    Outcome::of(&mut command)
}

#[test]
fn killed_while_it_writes() {
    let project = front_end("killed");
    project.hubs(&[&["generate"][..], &FROM].concat()).expect(0, &["Generated `board-contract`"]);
    let before = front(&project);
    let document = project.read("contract/hubs.json").replace("pin_note", "post_note").replace("Calm", "Still");
    project.write("contract/hubs.json", &document);

    // The system ends it in the middle of the first file that is too large.
    let killed = limited(&project, "");
    assert_eq!(killed.code, None, "{}", killed.said);
    let after = front(&project);
    let whole: Vec<_> = after.iter().filter(|(name, _)| name.ends_with(".ts")).cloned().collect();
    assert_eq!(before, whole, "no file has changed");
    assert!(after.iter().any(|(name, text)| name.ends_with(".hubs") && text.len() <= 8 * 1024), "it was not writing");

    // The next run does what this one did not, whatever is lying about.
    project.hubs(&[&["generate"][..], &FROM].concat()).expect(0, &["Wrote front/board-hub.ts"]);
    project.hubs(&[&["check"][..], &FROM].concat()).expect(0, &["all up to date"]);
}

#[test]
fn a_file_that_does_not_fit() {
    let project = front_end("full");
    project.hubs(&[&["generate"][..], &FROM].concat()).expect(0, &["Generated `board-contract`"]);
    let before = front(&project);
    project.write("contract/hubs.json", &project.read("contract/hubs.json").replace("pin_note", "post_note"));
    let full = limited(&project, "trap '' XFSZ;");
    full.expect(1, &["error: cannot write ", "front/", "File too large"]);
    assert_eq!(before, front(&project), "no file has changed, and no draft stays");
}

#[test]
fn a_folder_that_cannot_be_made() {
    let project = front_end("no-folder");
    project.write("contract/front", "a file\n");
    let outcome = project.hubs(&[&["generate"][..], &FROM].concat());
    outcome.expect(1, &["error: cannot make the folder front: File exists"]);
    assert_eq!(project.read("contract/front"), "a file\n");
}

#[test]
fn a_document_from_another_tool() {
    let project = Project::new("board", "package-json");
    let package = "{ \"name\": \"a-page\" }\n";
    project.write("web/package.json", package);
    project.change(
        "contract/Cargo.toml",
        "asyncapi = \"contract/asyncapi.json\"",
        "asyncapi = \"../web/package.json\"",
    );
    project.hubs(&["generate"]).expect(1, &["error: ../web/package.json is in the way"]);
    assert_eq!(project.read("web/package.json"), package);
}
