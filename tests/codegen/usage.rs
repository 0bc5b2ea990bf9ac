//! The command line itself: what its help promises, and what it says to a wrong one.

use crate::project::Project;

#[test]
fn wrong_usage_ends_with_two() {
    let project = Project::new("chat", "usage");
    for line in [
        "",
        "generte",
        "generate --nonsense",
        "generate --watch --json",
        "generate --to web",
        "generate --from hubs.json -p chat-contract",
        "check --from hubs.json --offline",
        "check extra",
        "diff",
        "diff one two three",
        "diff main --deny everything",
        "list --from",
        "explain HUB001 HUB002",
    ] {
        let arguments: Vec<_> = line.split_whitespace().collect();
        let outcome = project.hubs(&arguments);
        assert_eq!(outcome.code, Some(2), "`cargo hubs {line}` says\n{}", outcome.said);
        assert!(outcome.said.contains("Usage:") || outcome.said.contains("--help"), "{}", outcome.said);
    }
    project.hubs(&["generte"]).expect(2, &["a similar subcommand exists: 'generate'"]);
}

#[test]
fn every_help_says_the_exit_codes() {
    let project = Project::new("chat", "help");
    let codes = "Exit codes:\n  0    all is well\n  1    an error; what it says is on standard error\n       doctor: a check \
                 failed\n  2    wrong usage\n  4    check: what was generated is stale\n  100  diff: there is a change that --deny does not allow\n";
    project.hubs(&["--help"]).expect(0, &[codes, "[package.metadata.hubs]"]);
    for command in ["generate", "check", "diff", "list", "doctor", "explain"] {
        project.hubs(&[command, "--help"]).expect(0, &[codes]);
    }
    project.hubs(&["--version"]).expect(0, &["cargo-hubs 0.1.0"]);
}
