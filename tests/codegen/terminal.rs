//! What is shown where: progress and colours on a terminal, neither in a pipe, notes beside the lines in a pipeline of
//! GitHub, and nothing but one document for machines.

use std::process::{Command, Stdio};

use crate::project::{Outcome, Project};

/// Runs a command on a terminal of its own, and passes on all that the terminal would show.
const TERMINAL: &str = "
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
";

/// `cargo hubs ..` on a terminal, with these variables set.
fn on_a_terminal(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let plain = project.command(arguments);
    let mut command = Command::new("python3");
    command.args(["-c", TERMINAL]).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(plain.get_current_dir().unwrap()).stdin(Stdio::null());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("TERM", "xterm-256color").envs(variables.iter().copied());
    Outcome::of(&mut command)
}

/// A change of the source, so that there is something to compile.
fn touch(project: &Project, number: u32) {
    let source = project.read("contract/src/lib.rs");
    project.write("contract/src/lib.rs", &format!("{source}\npub const NUMBER_{number}: u32 = {number};\n"));
}

const SPINNER: &str = "chat-contract: compiling chat-contract v0.1.0";

#[test]
fn progress_on_a_terminal_only() {
    let project = Project::new("chat", "terminal");
    let shown = on_a_terminal(&project, &["generate"], &[]);
    shown.expect(0, &["  Generating\u{1b}[0m", SPINNER, "\u{1b}[1m\u{1b}[92m       Wrote\u{1b}[0m contract/hubs.json"]);
    // The line of the progress is wiped before anything else is written.
    let last = shown.said.rfind("\u{1b}[2K").unwrap();
    assert!(!shown.said[last..].contains("compiling") && shown.said[last..].contains("Generated"), "{:?}", shown.said);

    touch(&project, 1);
    let plain = on_a_terminal(&project, &["check"], &[("NO_COLOR", "1")]);
    plain.expect(0, &[SPINNER, "     Checked `chat-contract`"]);
    assert!(!plain.said.contains("\u{1b}[1m"), "NO_COLOR: {:?}", plain.said);

    for (number, variables) in [(2, ("CI", "true")), (3, ("TERM", "dumb"))] {
        touch(&project, number);
        let quiet = on_a_terminal(&project, &["check"], &[variables]);
        quiet.expect(0, &["Checked"]);
        assert!(!quiet.said.contains("compiling"), "{variables:?}: {:?}", quiet.said);
    }
    touch(&project, 4);
    let json = on_a_terminal(&project, &["check", "--json"], &[]);
    assert!(serde_json::from_str::<serde_json::Value>(&json.said).is_ok(), "{:?}", json.said);
}

#[test]
fn a_pipe_gets_plain_lines() {
    let project = Project::new("chat", "pipe");
    let generate = project.hubs(&["generate"]);
    generate.expect(0, &["       Wrote contract/hubs.json\n", "   Generated `chat-contract`: 11 files, wrote 11\n"]);
    assert_eq!(generate.out, "", "what is done is said on standard error");
    assert!(!generate.said.contains("ompiling") && !generate.said.contains('\u{1b}'), "{:?}", generate.said);

    // Cargo's own variable asks for colours all the same, in our words and in the compiler's.
    project.write("contract/src/lib.rs", "pub fn broken() -> u8 { \"text\" }");
    let coloured = Outcome::of(project.command(&["check"]).env("CARGO_TERM_COLOR", "always"));
    coloured.expect(1, &["\u{1b}[1m\u{1b}[91merror\u{1b}[0m: `chat-contract` does not compile"]);
    let (compiler, _) = coloured.said.split_once("does not compile").unwrap();
    assert!(compiler.contains("E0308") && compiler.matches("\u{1b}[").count() > 5, "{compiler:?}");
    let json = Outcome::of(project.command(&["check", "--json"]).env("CARGO_TERM_COLOR", "always"));
    assert!(!json.said.contains('\u{1b}') && !json.said.contains("u001b"), "{}", json.said);
}

#[test]
fn the_reader_may_close_the_pipe() {
    let project = Project::new("chat", "closed");
    let mut command = project.command(&["explain"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn github_shows_notes_beside_the_files() {
    let project = Project::new("chat", "github");
    let on_github = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", &project.root);
        Outcome::of(&mut command)
    };
    on_github(&["generate"]).expect(0, &["Generated"]);
    project.git(&["init", "--quiet"]);
    project.git(&["add", "contract/contract"]);
    project.git(&["commit", "--quiet", "-m", "contract"]);
    project.change("contract/src/lib.rs", "send_message", "post_message");
    on_github(&["check"]).expect(
        4,
        &[
            "\n::error file=contract/contract/hubs.json,title=stale::this file is not what the code says; run `cargo hubs \
             generate -p chat-contract`\n",
            "\n::error file=contract/web/src/hubs/chat-hub.ts,title=stale::",
        ],
    );
    on_github(&["generate"]).expect(0, &["Generated"]);
    on_github(&["diff", "HEAD", "--deny", "breaking"]).expect(
        100,
        &["::error file=contract/contract/hubs.json,title=a change that is not allowed::ChatHub.SendMessage is gone: "],
    );
    on_github(&["check", "-p", "chat"]).expect(1, &["::error title=cargo hubs::no package `chat` in this workspace\n"]);
    let json = on_github(&["check", "-p", "chat", "--json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&json.said).is_ok(), "{}", json.said);
    // Nowhere else.
    assert!(!project.hubs(&["check", "-p", "chat"]).said.contains("::"));
}
