//! The jobs of `docs/ci`, on a scratch repository: every line that they run is run as it is written there. Only what
//! cannot be had here is replaced: `cargo install` finds the command of this repository installed already.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use saphyr::{LoadableYamlNode as _, Yaml};

use crate::page::blocks;
use crate::project::{Outcome, Project, cargo_hubs, git, repository, shared_target};

const SOURCE: &str = "contract/src/lib.rs";

/// A job, as the service that runs it would see it.
struct Job {
    /// What it runs, one shell each.
    steps: Vec<String>,
    /// What the service sets for a request to merge.
    variables: Vec<(&'static str, String)>,
}

impl Job {
    /// Runs the steps in a checkout until one fails.
    fn run(&self, project: &Project) -> Outcome {
        let mut last = None;
        for step in &self.steps {
            let mut command = Command::new("bash");
            // As both services do: the first command that fails ends the step.
            command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step]);
            command.current_dir(project.file("contract")).env("PATH", path(project));
            command.env("CARGO_TARGET_DIR", shared_target()).env("CI", "true");
            command.envs(self.variables.iter().map(|(name, value)| (name, value)));
            let outcome = Outcome::of(&mut command);
            let failed = outcome.code != Some(0);
            last = Some(outcome);
            if failed {
                break;
            }
        }
        last.expect("a job has steps")
    }
}

/// Where programs are: first a `cargo` that passes everything on but installing, then `cargo hubs`.
fn path(project: &Project) -> String {
    let folder = project.file("bin");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = install ]; then echo \"$*\" >> \"{}\"; exit 0; fi\nexec \"{}\" \"$@\"\n",
        project.file("installed").display(),
        env!("CARGO")
    );
    project.write("bin/cargo", &script);
    fs::set_permissions(folder.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    let programs = [folder, cargo_hubs().parent().unwrap().to_owned()];
    let others = std::env::var_os("PATH").unwrap();
    let programs = programs.into_iter().chain(std::env::split_paths(&others));
    std::env::join_paths(programs).unwrap().into_string().unwrap()
}

fn yaml(file: &str) -> String {
    fs::read_to_string(repository().join("docs/ci").join(file)).unwrap()
}

/// The job of GitHub's workflow, for a pull request.
fn github(project: &Project) -> Job {
    let text = yaml("github.yml");
    let documents = Yaml::load_from_str(&text).unwrap();
    let steps = documents[0]["jobs"]["contract"]["steps"].as_vec().expect("the job has steps");
    for step in steps {
        let keys: Vec<_> = step.as_mapping().unwrap().keys().filter_map(|key| key.as_str()).collect();
        assert!(keys.contains(&"uses") != keys.contains(&"run"), "{keys:?}");
    }
    assert_eq!(steps[0]["with"]["fetch-depth"].as_integer(), Some(0), "`diff` needs the other branch");
    let steps = steps.iter().filter_map(|step| step.as_mapping_get("run")?.as_str()).map(str::to_owned).collect();
    let workspace = project.file("contract").display().to_string();
    let variables = [
        ("GITHUB_ACTIONS", "true".to_owned()),
        ("GITHUB_BASE_REF", "main".to_owned()),
        ("GITHUB_WORKSPACE", workspace),
    ];
    Job { steps, variables: variables.into() }
}

/// The job of GitLab, for a merge request with these labels.
fn gitlab(project: &Project, labels: &str) -> Job {
    let text = yaml("gitlab-ci.yml");
    let documents = Yaml::load_from_str(&text).unwrap();
    let job = &documents[0]["contract"];
    assert_eq!(job["variables"]["GIT_DEPTH"].as_str(), Some("0"), "`diff` needs the first commit");
    let lines = job["script"].as_vec().expect("the job has a script");
    let lines: Vec<_> = lines.iter().map(|line| line.as_str().expect("a line is text")).collect();
    let base = git(&project.file("contract"), &["merge-base", "origin/main", "HEAD"]);
    let variables = [("CI_MERGE_REQUEST_DIFF_BASE_SHA", base), ("CI_MERGE_REQUEST_LABELS", labels.to_owned())];
    // GitLab runs all lines in one shell. `CARGO_HOME` stays what it is here, or everything would be fetched again.
    Job { steps: vec![lines.join("\n")], variables: variables.into() }
}

/// A checkout of a repository that has the chat with its generated files on `main`.
fn checkout(test: &str) -> Project {
    let project = Project::elsewhere("chat", test);
    project.hubs(&["generate"]).expect(0, &["Generated"]);
    let folder = project.file("contract");
    project.write("contract/.gitignore", "/target\n");
    git(&folder, &["init", "--quiet"]);
    commit(&folder, "a contract");
    git(&project.root, &["clone", "--quiet", "--bare", "contract", "origin.git"]);
    git(&folder, &["remote", "add", "origin", "../origin.git"]);
    git(&folder, &["fetch", "--quiet", "origin"]);
    git(&folder, &["checkout", "--quiet", "-b", "change"]);
    project
}

fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "-m", message]);
}

/// From green to red and back, as a team would see it; `job` is asked anew for each commit.
fn lives_through_changes(project: &Project, job: &dyn Fn() -> Job) {
    let folder: PathBuf = project.file("contract");
    job().run(project).expect(0, &[]);
    assert_eq!(project.read("installed"), "install hubs-codegen --locked\n");

    // A method is renamed, and the files are forgotten.
    project.change(SOURCE, "send_message", "post_message");
    commit(&folder, "post, not send");
    job().run(project).expect(
        4,
        &[
            "method chat_contract::ChatHub::send_message (`ChatHub.SendMessage`) is gone",
            "cargo hubs generate -p chat-contract",
        ],
    );
    // They are remembered, and the pages that are open are not.
    project.hubs(&["generate"]).expect(0, &["Generated"]);
    commit(&folder, "the files too");
    job().run(project).expect(100, &["breaking: ChatHub.SendMessage is gone [method-removed]"]);
}

/// The method keeps its name, and another one is new.
fn updated(project: &Project) {
    let old = "    async fn post_message(";
    let new = "    #[method(name = \"SendMessage\")]\n    async fn post_message(";
    project.change(SOURCE, old, new);
    let hub = "text: String) -> HubResult<()>;\n";
    let more = "    async fn ping(&self, cx: &HubCallerContext<ChatClientContract>) -> HubResult<()>;\n";
    project.change(SOURCE, hub, &format!("{hub}{more}"));
    // Open pages do not notice; their code calls the method by its name in Rust.
    project.hubs(&["generate"]).expect(0, &["Generated"]);
    commit(&project.file("contract"), "the old name on the wire");
    project.hubs(&["diff", "origin/main", "--deny", "wire"]).expect(0, &[]);
}

#[test]
fn github_turns_red_when_a_method_is_renamed() {
    let project = checkout("on-github");
    lives_through_changes(&project, &|| github(&project));
    let denied = github(&project).run(&project);
    denied.expect(
        100,
        &["::error file=contract/hubs.json,title=a change that is not allowed::ChatHub.SendMessage is gone: "],
    );
    updated(&project);
    fs::remove_dir_all(&project.root).unwrap();
}

#[test]
fn gitlab_turns_red_when_a_method_is_renamed() {
    let project = checkout("on-gitlab");
    lives_through_changes(&project, &|| gitlab(&project, "server,page"));
    gitlab(&project, "server,breaking").run(&project).expect(0, &["meant to break pages"]);
    fs::remove_dir_all(&project.root).unwrap();
}

#[test]
fn the_page_shows_the_jobs_as_they_are() {
    let page = fs::read_to_string(repository().join("docs/contract.md")).unwrap();
    assert_eq!(
        blocks(&page, "yaml"),
        ["github.yml", "gitlab-ci.yml"].map(yaml),
        "the page shows other files of docs/ci"
    );
}
