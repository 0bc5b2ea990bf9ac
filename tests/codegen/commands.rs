//! The commands that read: what `diff`, `list` and `explain` say, and a front-end repository without Rust.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
    sync::mpsc,
    time::Duration,
};

use crate::project::{Project, repository};

const SOURCE: &str = "contract/src/lib.rs";

#[test]
fn a_diff_against_a_git_revision() {
    let project = Project::new("board", "diff");
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    project.git(&["init", "--quiet"]);
    project.git(&["add", "contract/contract"]);
    project.git(&["commit", "--quiet", "-m", "contract"]);
    project.hubs(&["diff", "HEAD", "--deny", "breaking"]).expect(0, &["no change that a page could notice"]);

    project.change(SOURCE, "async fn pin_note(", "async fn post_note(");
    project.change(SOURCE, "    Calm,\n", "    Calm,\n    Asleep,\n");
    let stale = ["contract/hubs.json is stale", "cargo hubs generate -p board-contract", "no change"];
    project.hubs(&["diff", "HEAD"]).expect(0, &stale);
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    let says = [
        "breaking: BoardHub.PinNote is gone [method-removed]",
        "open pages: breaking; their code: breaking",
        "breaking: Mood(asleep) is new [variant-added]",
        "the server sends: old pages do not know it",
        "open pages: risky; their code: breaking",
        "in BoardClient.MoodChanged\n",
        "compatible: BoardHub.PostNote is new [method-added]",
    ];
    let diff = project.hubs(&["diff", "HEAD"]);
    diff.expect(0, &says);
    assert!(!diff.said.contains("stale"), "{}", diff.said);
    assert!(!diff.said.contains('\u{1b}'), "no colours in a pipe");
    project.hubs(&["diff", "HEAD", "--deny", "breaking"]).expect(100, &says);
    project.hubs(&["diff", "HEAD", "--deny", "wire"]).expect(100, &[]);

    let json = project.hubs(&["diff", "HEAD", "--json"]);
    json.expect(0, &[]);
    let json: serde_json::Value = serde_json::from_str(&json.said).unwrap();
    assert_eq!(json["packages"][0]["package"], "board-contract");
    assert_eq!(json["packages"][0]["verdict"], "breaking");
    assert_eq!(json["packages"][0]["changes"][0]["rule"], "method-removed");
    assert_eq!(json["packages"][0]["changes"][0]["direction"], "page-sends");

    project.hubs(&["diff", "v9"]).expect(1, &["error: `v9` is neither a file nor a git revision"]);
}

#[test]
fn a_diff_of_two_files_needs_no_cargo() {
    let project = Project::new("board", "diff-files");
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    let document = project.read("contract/contract/hubs.json");
    project.write("contract/plain/new.json", &document.replace("\"Authors\"", "\"Writers\""));
    project.write("contract/plain/old.json", &document);
    std::fs::remove_file(project.file("contract/Cargo.toml")).unwrap();
    let says = ["breaking: BoardHub.Authors is `Writers` on the wire now [method-renamed-on-wire]"];
    project.hubs(&["diff", "plain/old.json", "plain/new.json", "--deny", "wire"]).expect(100, &says);
    project.write("contract/plain/new.json", "{}");
    project
        .hubs(&["diff", "plain/old.json", "plain/new.json"])
        .expect(1, &["cannot understand plain/new.json: it is no contract document: it has no `format`"]);
    project.write("contract/plain/new.json", &document.replace("\"format\": 2", "\"format\": 9"));
    project.hubs(&["diff", "plain/old.json", "plain/new.json"]).expect(
        1,
        &[
            "plain/new.json has contract format 9",
            "help: get a newer cargo hubs: `cargo install hubs-codegen --locked`",
        ],
    );
}

#[test]
fn a_front_end_without_rust() {
    let project = Project::new("board", "from");
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    let from = ["--from", "contract/hubs.json", "--to", "front/hubs", "--frameworks", "vue,react"];
    let with = |command: &'static str| [&[command][..], &from[..]].concat();
    project.hubs(&with("check")).expect(
        4,
        &[
            "front/hubs/board-hub.ts is missing",
            "cargo hubs generate --from contract/hubs.json --to front/hubs --frameworks vue,react",
        ],
    );
    project.hubs(&with("generate")).expect(0, &["Wrote front/hubs/board-hub.ts"]);
    project.hubs(&with("check")).expect(0, &["`board-contract`: 16 files, all up to date"]);
    for (path, text) in project.generated().iter().filter(|(path, _)| path.ends_with(".ts")) {
        let name = path.rsplit('/').next().unwrap();
        assert_eq!(*text, project.read(&format!("contract/front/hubs/{name}")));
    }
    project.hubs(&["generate", "--from", "contract/hubs.json", "-p", "x"]).expect(2, &["--package"]);
    let unknown = ["generate", "--from", "contract/hubs.json", "--frameworks", "svelte"];
    project.hubs(&unknown).expect(2, &["'svelte'", "there are `vue` and `react`"]);
    project.hubs(&["generate", "--from", "nothing.json"]).expect(1, &["cannot read nothing.json"]);
}

#[test]
fn hubs_are_listed() {
    let project = Project::new("board", "list");
    let says = [
        "BoardHub (board_contract::BoardHub)",
        "    PinNote(board: BoardId, text: string, at: [number, number]) -> Note\n",
        "    Zip(limit: number, texts: stream of string, authors: stream of Author) -> stream of [string, Author]\n",
        "    New() -> nothing  (deprecated)\n",
        "BoardHub calls BoardClient (board_contract::BoardClient)",
    ];
    project.hubs(&["list"]).expect(0, &says);
    let json = project.hubs(&["list", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.said).unwrap();
    assert_eq!(json["packages"][0]["hubs"][0]["name"], "BoardHub");
}

#[test]
fn errors_are_explained() {
    let project = Project::new("board", "explain");
    project.hubs(&["explain", "HUB001"]).expect(0, &["HUB001\n\nA hub is a trait.", "**Legal:**"]);
    project.hubs(&["explain", "hub120"]).expect(0, &["loses streams"]);
    project.hubs(&["explain"]).expect(0, &["HUB001  A hub is a trait.", "HUB121  "]);
    project.hubs(&["explain", "HUB999"]).expect(1, &["there is no error `HUB999`"]);
}

#[test]
fn machines_get_json() {
    let project = Project::new("board", "json");
    let read = |arguments: &[&str], code| {
        let outcome = project.hubs(arguments);
        assert_eq!(outcome.code, Some(code), "{}", outcome.said);
        serde_json::from_str::<serde_json::Value>(&outcome.out).unwrap()
    };
    let stale = read(&["check", "--json"], 4);
    assert_eq!(stale["packages"][0]["stale"], true);
    assert_eq!(stale["packages"][0]["files"][0]["state"], "missing");
    let wrote = read(&["generate", "--json"], 0);
    assert!(wrote["packages"][0]["wrote"].as_array().unwrap().contains(&"contract/hubs.json".into()));
    assert!(wrote["packages"][0]["warnings"][0].as_str().unwrap().starts_with("HUB120: "));
    assert_eq!(read(&["check", "--json"], 0)["packages"][0]["stale"], false);
    let error = read(&["check", "--json", "-p", "bord"], 1);
    assert!(error["error"]["message"].as_str().unwrap().contains("no package `bord`"));
}

/// A command that does not end by itself.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What a command says, line by line, as it says it.
struct Lines {
    _child: Running,
    lines: mpsc::Receiver<String>,
}

impl Lines {
    fn of(project: &Project, arguments: &[&str]) -> Self {
        let mut command = project.command(arguments);
        let mut child = Running(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
        let said = BufReader::new(child.0.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || said.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { _child: child, lines }
    }

    #[track_caller]
    fn wait_for(&self, text: &str) {
        let next = || self.lines.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("no {text}"));
        while !next().contains(text) {}
    }
}

#[test]
fn watching_a_document() {
    let project = Project::new("board", "watch");
    let document = std::fs::read_to_string(repository().join("tests/codegen/golden/hubs.json")).unwrap();
    project.write("contract/hubs.json", &document);
    let lines = Lines::of(&project, &["generate", "--from", "hubs.json", "--to", "front", "--watch"]);
    lines.wait_for("Wrote front/types.ts");
    lines.wait_for("Watching hubs.json");
    project.write("contract/hubs.json", "{}");
    lines.wait_for("error: cannot understand hubs.json");
    project.write("contract/hubs.json", &document.replace("\"pin_note\"", "\"post_note\""));
    lines.wait_for("Wrote front/board-hub.ts");
    assert!(project.read("contract/front/board-hub.ts").contains("postNote("));
}

#[test]
fn watching_a_crate_and_what_it_depends_on() {
    let project = Project::new("shop", "watch-crate");
    let lines = Lines::of(&project, &["generate", "--watch", "-p", "shop-contract"]);
    lines.wait_for("Generated `shop-contract`");
    lines.wait_for("Watching ");
    project.change("contract/types/src/lib.rs", "pub price: u32", "pub price: u32x");
    lines.wait_for("cannot find type `u32x`");
    lines.wait_for("error: `shop-contract` does not compile");
    lines.wait_for("Watching ");
    project.change("contract/types/src/lib.rs", "pub price: u32x", "pub cents: u32");
    lines.wait_for("Wrote web/src/hubs/types.ts");
    assert!(project.read("contract/web/src/hubs/types.ts").contains("cents: number;"));
}
