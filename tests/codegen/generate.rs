//! What `cargo hubs generate` writes, and what it leaves alone.

use std::fs;

use crate::project::{Project, repository};

/// Compares with `tests/codegen/golden`; `UPDATE_EXPECT=1` writes that folder anew.
#[test]
fn what_is_generated_is_what_was_reviewed() {
    let project = Project::new("board", "golden");
    let generate = project.hubs(&["generate"]);
    generate.expect(0, &["Wrote contract/hubs.json", "Wrote ../web/src/hubs/board-hub.ts"]);
    generate
        .expect(0, &["warning: HUB120: the official JavaScript client cannot call `board_contract::BoardHub::lost`"]);
    let golden = repository().join("tests/codegen/golden");
    let generated = project.generated();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        if golden.exists() {
            fs::remove_dir_all(&golden).unwrap();
        }
        fs::create_dir_all(&golden).unwrap();
        for (path, text) in &generated {
            fs::write(golden.join(path.rsplit('/').next().unwrap()), text).unwrap();
        }
    }
    for (path, text) in &generated {
        let name = path.rsplit('/').next().unwrap();
        let expected = fs::read_to_string(golden.join(name)).unwrap_or_default();
        similar_asserts(name, &expected, text);
    }
    let known = fs::read_dir(&golden).unwrap().count();
    assert_eq!(known, generated.len(), "a golden file is not generated any more; UPDATE_EXPECT=1 writes them anew");
}

fn similar_asserts(name: &str, expected: &str, found: &str) {
    for (number, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(expected, found, "{name}, line {}; UPDATE_EXPECT=1 writes the golden files anew", number + 1);
    }
    assert_eq!(expected, found, "{name}; UPDATE_EXPECT=1 writes the golden files anew");
}

#[test]
fn two_checkouts_give_the_same_bytes() {
    let (here, there) = (Project::new("board", "checkout"), Project::new("board", "another/place/of/checkout"));
    for project in [&here, &there] {
        project.hubs(&["generate"]).expect(0, &["wrote"]);
    }
    assert_eq!(here.generated(), there.generated());
}

#[test]
fn equal_files_are_not_written_again() {
    let project = Project::new("board", "equal");
    project.hubs(&["generate"]).expect(0, &["Wrote contract/hubs.json"]);
    let times = || {
        let modified = |path: &String| fs::metadata(project.file(path)).unwrap().modified().unwrap();
        project.generated().keys().map(modified).collect::<Vec<_>>()
    };
    let before = times();
    project.hubs(&["generate", "-p", "board-contract"]).expect(0, &["`board-contract`: 31 files, all up to date"]);
    assert_eq!(before, times());
}

#[test]
fn files_that_no_hub_needs_any_more_go_and_others_stay() {
    let project = Project::new("board", "left-over");
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    project.write("web/src/hubs/mine.ts", "export const mine = 1;\n");
    let clock = project.read("contract/src/lib.rs").split("/// Answers, and").nth(1).unwrap().to_owned();
    project.change("contract/src/lib.rs", &format!("/// Answers, and{clock}"), "");
    project
        .hubs(&["check"])
        .expect(4, &["clock.ts is left over", "method board_contract::Clock::now (`Clock.Now`) is gone"]);
    project.hubs(&["generate"]).expect(0, &["Removed ../web/src/hubs/clock.ts"]);
    assert!(!project.file("web/src/hubs/clock.ts").exists());
    assert!(project.file("web/src/hubs/mine.ts").exists());
    project.hubs(&["check"]).expect(0, &["up to date"]);
}

#[test]
fn a_program_without_a_library_answers_by_itself() {
    let project = Project::new("lonely", "lonely");
    project.hubs(&["generate"]).expect(0, &["Wrote contract/hubs.json", "Wrote web/src/hubs/echo-hub.ts"]);
    assert!(project.read("contract/web/src/hubs/echo-hub.ts").contains("echo(text: string): Promise<string>;"));
    project.hubs(&["check", "--offline", "--locked"]).expect(0, &["all up to date"]);
}

#[test]
fn a_program_that_does_not_answer_is_not_run() {
    let project = Project::new("lonely", "silent");
    project.change("contract/src/main.rs", "    hubs::export_contract_if_requested();\n", "");
    let outcome = project.hubs(&["generate"]);
    outcome.expect(1, &["`hubs::export_contract_if_requested();` the first line of `main` in src/main.rs"]);
    assert!(!outcome.said.contains("panicked"), "{}", outcome.said);
}

#[test]
fn a_program_that_answers_too_late_is_told_where_the_line_goes() {
    let project = Project::new("lonely", "late");
    project.change("contract/src/main.rs", "    hubs::export_contract_if_requested();\n", "");
    project.change(
        "contract/src/main.rs",
        "panic!(\"the contract was not requested\");",
        "return;\n    #[allow(unreachable_code)]\n    hubs::export_contract_if_requested();",
    );
    project.hubs(&["generate"]).expect(1, &["the first line of `main` in src/main.rs"]);
}
