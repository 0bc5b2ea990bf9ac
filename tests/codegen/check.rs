//! What `cargo hubs check` says when the code moved: the method, the file, and the command that fixes it.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::project::{Outcome, Project, cargo_hubs, repository, shared_target};

const SOURCE: &str = "contract/src/lib.rs";

/// Checks that a change of the source is found, named, and fixed by the command that is printed.
fn moved(test: &str, old: &str, new: &str, says: &[&str]) {
    let project = Project::new("board", test);
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    project.hubs(&["check"]).expect(0, &["`board-contract`: 31 files, all up to date"]);
    let before = project.generated();

    project.change(SOURCE, old, new);
    let stale = project.hubs(&["check"]);
    stale.expect(4, says);
    stale.expect(4, &["contract/hubs.json differs", "\n    Fix with cargo hubs generate -p board-contract\n"]);
    assert!(!stale.said.contains('\u{1b}'), "no colours in a pipe");
    assert_eq!(before, project.generated(), "check writes nothing");

    project.hubs(&["generate", "-p", "board-contract"]).expect(0, &["Wrote contract/hubs.json"]);
    project.hubs(&["check"]).expect(0, &["up to date"]);
}

#[test]
fn a_renamed_hub_method() {
    moved(
        "renamed",
        "async fn pin_note(",
        "async fn post_note(",
        &[
            "method board_contract::BoardHub::pin_note (`BoardHub.PinNote`) is gone",
            "method board_contract::BoardHub::post_note (`BoardHub.PostNote`) is new",
            "../web/src/hubs/board-hub.ts differs",
            "-  pinNote(board: BoardId, text: string, at: [number, number]): Promise<Note>;",
            "+  postNote(board: BoardId, text: string, at: [number, number]): Promise<Note>;",
            "only the fingerprint in the first lines differs in ../python/board/__init__.py, ",
            "../csharp/Types.cs, ../web/src/hubs/board-client.ts, ../web/src/hubs/call.ts",
        ],
    );
}

#[test]
fn another_type_of_an_argument() {
    moved(
        "argument",
        "board: BoardId, id: u64)",
        "board: BoardId, id: String)",
        &[
            "method board_contract::BoardHub::delete (`BoardHub.Delete`) changed: (board: BoardId, id: number) -> nothing \
             became (board: BoardId, id: string) -> nothing",
            "+  delete(board: BoardId, id: string): Promise<void>;",
        ],
    );
}

#[test]
fn a_client_method_that_is_gone() {
    moved(
        "gone",
        "    #[method(durable)]\n    async fn mood_changed(&self, mood: Mood) -> HubResult<()>;\n",
        "",
        &[
            "method board_contract::BoardClient::mood_changed (`BoardClient.MoodChanged`) is gone",
            "../web/src/hubs/board-client.ts differs",
            "-  moodChanged(mood: Mood): void | Promise<void>;",
        ],
    );
}

#[test]
fn a_changed_type() {
    moved(
        "type",
        "    pub text: String,\n    /// When",
        "    pub words: Vec<String>,\n    /// When",
        &["type board_contract::Note (`Note`) changed", "../web/src/hubs/types.ts differs", "+  words: Array<string>;"],
    );
}

#[test]
fn nothing_generated_yet() {
    let project = Project::new("board", "nothing");
    project.hubs(&["check"]).expect(
        4,
        &[
            "contract/hubs.json is missing",
            "web/src/hubs/board-hub.ts is missing",
            "cargo hubs generate -p board-contract",
        ],
    );
    assert!(!project.file("contract/contract").exists());
}

#[test]
fn line_ends_that_git_changed_do_not_count() {
    let project = Project::new("board", "line-ends");
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    for (path, text) in project.generated() {
        project.write(&path, &text.replace('\n', "\r\n"));
    }
    project.hubs(&["check"]).expect(0, &["up to date"]);
}

/// What a team waits for in each run of its tests.
#[test]
#[expect(clippy::disallowed_methods, reason = "it is another program that takes the time")]
fn the_chat_is_checked_in_no_time_when_nothing_changed() {
    let check = || {
        let mut command = Command::new(cargo_hubs());
        command.args(["hubs", "check", "-p", "chat-contract"]).current_dir(repository());
        let start = Instant::now();
        Outcome::of(command.env("CARGO_TARGET_DIR", shared_target())).expect(0, &["all up to date"]);
        start.elapsed()
    };
    check();
    let fastest = (0..5).map(|_| check()).min().unwrap();
    println!("cargo hubs check on the chat: {} ms", fastest.as_millis());
    assert!(fastest < Duration::from_secs(3), "{fastest:?}");
}
