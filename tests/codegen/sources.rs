//! Where hubs-runtime comes from: by path, by git (branch, tag and commit), through `[patch]`, under another name, for a
//! whole workspace; without a network; and a library that is older or newer than `cargo hubs`.

use std::{fs, path::PathBuf, sync::OnceLock};

use crate::project::{Project, copy, git, repository, temporary};

/// What a chat's manifest says by default.
fn by_path() -> String {
    format!("hubs-runtime = {{ path = \"{}\", default-features = false }}", repository().join("hubs-runtime").display())
}

/// Where a bare repository of the library is.
pub(crate) fn library_url() -> String {
    format!("file://{}", temporary().join("codegen/library/hubs.git").display())
}

/// Makes the chat use the library by git, at a branch, tag or commit.
pub(crate) fn uses_library(project: &Project, reference: &str) {
    older_library();
    let manifest = project.read("contract/Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("hubs-runtime = ")).unwrap();
    let url = library_url();
    let new = format!("hubs-runtime = {{ git = \"{url}\", {reference}, default-features = false }}");
    project.change("contract/Cargo.toml", line, &new);
}

/// The name of a commit whose contract format is older.
pub(crate) fn older_library() -> &'static str {
    static COMMIT: OnceLock<String> = OnceLock::new();
    COMMIT.get_or_init(make_library)
}

/// Makes a bare repository of the library as it is here: branch `main`, tag `next` with a newer contract format, and a
/// commit with an older one, whose name this gives. The same files give the same commits, so that cargo builds them once.
fn make_library() -> String {
    let folder = temporary().join("codegen/library");
    let work = folder.join("work");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    for package in ["hubs-macros", "hubs-runtime"] {
        copy(&repository().join(package), &work.join(package));
    }
    let members = |line: &str| match line.starts_with("members = ") {
        true => "members = [\"hubs-macros\", \"hubs-runtime\"]".to_owned(),
        false => line.to_owned(),
    };
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    fs::write(work.join("Cargo.toml"), manifest.lines().map(members).collect::<Vec<_>>().join("\n")).unwrap();
    git(&work, &["init", "--quiet"]);
    let commit = |message: &str| {
        git(&work, &["add", "."]);
        git(&work, &["commit", "--quiet", "-m", message]);
        git(&work, &["rev-parse", "HEAD"])
    };
    commit("the library");
    let document = work.join("hubs-runtime/src/contract/document.rs");
    let text = fs::read_to_string(&document).unwrap();
    let format = "pub const FORMAT: u32 = 2;";
    assert!(text.contains(format), "this test changes {format:?}");
    let mut formats = [1, 3].map(|number| {
        git(&work, &["checkout", "--quiet", "-b", &format!("format-{number}"), "main"]);
        fs::write(&document, text.replace(format, &format!("pub const FORMAT: u32 = {number};"))).unwrap();
        commit("another format")
    });
    git(&work, &["tag", "next", &formats[1]]);
    git(&folder, &["clone", "--quiet", "--bare", "work", "hubs.git"]);
    std::mem::take(&mut formats[0])
}

#[test]
fn a_library_by_git() {
    let (url, older) = (library_url(), older_library());
    let project = Project::new("chat", "by-git");
    let uses = |reference: &str| uses_library(&project, reference);
    uses("branch = \"main\"");
    project.hubs(&["generate"]).expect(0, &["Wrote web/src/hubs/chat-hub.ts"]);
    project.hubs(&["check", "--offline", "--locked"]).expect(0, &["all up to date"]);
    let generated = project.read("contract/contract/hubs.json");

    // A tag of a library that is newer than `cargo hubs`, and a commit of one that is older.
    uses("tag = \"next\"");
    let newer = git(&PathBuf::from(url.strip_prefix("file://").unwrap()), &["rev-parse", "next"]);
    project.hubs(&["generate"]).expect(
        1,
        &[
            "error: hubs-runtime 0.1.0 has contract format 3, and cargo hubs 0.1.0 reads format 2\n",
            &format!(
                "help: get the cargo hubs of that version: `cargo install hubs-codegen --locked --git {url} --rev {newer}`\n"
            ),
        ],
    );
    uses(&format!("rev = \"{older}\""));
    project.hubs(&["generate"]).expect(
        1,
        &[
            "error: hubs-runtime 0.1.0 has contract format 1, and cargo hubs 0.1.0 reads format 2\n",
            "help: get a newer library: `cargo update hubs-runtime`\n",
        ],
    );
    assert_eq!(generated, project.read("contract/contract/hubs.json"), "nothing is written");
}

#[test]
fn a_library_that_a_patch_replaces() {
    let project = Project::new("chat", "patched");
    project.change("contract/Cargo.toml", &by_path(), "hubs-runtime = { version = \"0.1\", default-features = false }");
    let manifest = project.read("contract/Cargo.toml");
    // Paths in `[patch]` begin at the manifest, and the scratch crate is somewhere else.
    copy(&repository().join("hubs-macros"), &project.file("library/hubs-macros"));
    copy(&repository().join("hubs-runtime"), &project.file("library/hubs-runtime"));
    fs::copy(repository().join("Cargo.toml"), project.file("library/Cargo.toml")).unwrap();
    let members = "members = [\"hubs-macros\", \"hubs-runtime\"]";
    let root = project.read("library/Cargo.toml");
    let line = root.lines().find(|line| line.starts_with("members = ")).unwrap();
    project.change("library/Cargo.toml", line, members);
    let patch = "\n[patch.crates-io]\nhubs-runtime = { path = \"../library/hubs-runtime\" }\n";
    project.write("contract/Cargo.toml", &format!("{manifest}{patch}"));
    project.hubs(&["generate", "--offline"]).expect(0, &["Generated `chat-contract`"]);
    project.hubs(&["check", "--offline", "--locked"]).expect(0, &["all up to date"]);
}

#[test]
fn cargo_hears_of_locked_and_offline() {
    let project = Project::new("chat", "locked");
    fs::remove_file(project.file("contract/Cargo.lock")).unwrap();
    let locked = project.hubs(&["check", "--locked"]);
    locked.expect(1, &["Cargo.lock", "--locked", "error: cargo cannot read the workspace\n"]);
    assert!(!project.file("contract/Cargo.lock").exists());

    project.change(
        "contract/Cargo.toml",
        "default-features = false }",
        "default-features = false }\nno-such-crate-of-hubs = \"7\"",
    );
    let offline = project.hubs(&["check", "--offline"]);
    offline.expect(1, &["no-such-crate-of-hubs", "offline", "error: cargo cannot read the workspace\n"]);
}

#[test]
fn a_workspace_in_which_the_library_has_another_name() {
    let project = Project::new("shop", "shop");
    project.hubs(&["generate"]).expect(
        0,
        &["Wrote web/src/hubs/shop-hub.ts", "Generated `shop-contract`: ", "Generated `shop-orders`: 1 file, wrote 1"],
    );
    project.hubs(&["check", "--locked", "--offline"]).expect(0, &["Checked `shop-contract`", "Checked `shop-orders`"]);
    project
        .hubs(&["check", "--offline", "-p", "shop-orders"])
        .expect(0, &["Checked `shop-orders`: 1 file, all up to date"]);

    // The type is another package's, and nothing of the contract's own package moves.
    project.change("contract/types/src/lib.rs", "pub price: u32", "pub price: Option<u32>");
    project.hubs(&["check"]).expect(
        4,
        &[
            "-  price: number;\n",
            "+  price: number | null;\n",
            "Stale `shop-contract`: ",
            "type shop_types::Item (`Item`) changed\n",
            "Checked `shop-orders`: 1 file, all up to date",
        ],
    );
}

#[test]
fn two_checkouts_share_a_target_folder() {
    let projects = ["one", "two"].map(|name| Project::new("chat", &format!("shared/{name}/checkout")));
    projects[1].change("contract/src/lib.rs", "send_message", "post_message");
    let both = |arguments: &[&str]| {
        let run = |project: &Project| project.command(arguments).output().unwrap();
        std::thread::scope(|scope| {
            let other = scope.spawn(|| run(&projects[1]));
            [run(&projects[0]), other.join().unwrap()].map(|output| {
                let said = [output.stdout, output.stderr].concat();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
            })
        })
    };
    both(&["generate"]);
    both(&["check"]);
    for (project, method) in projects.iter().zip(["SendMessage", "PostMessage"]) {
        assert!(project.read("contract/contract/hubs.json").contains(method));
    }
    // The same sources give the same bytes, wherever the checkout lies.
    projects[1].change("contract/src/lib.rs", "post_message", "send_message");
    both(&["generate"]);
    let texts = |project: &Project| {
        let files =
            ["contract/contract/hubs.json", "contract/web/src/hubs/chat-hub.ts", "contract/web/src/hubs/types.ts"];
        files.map(|file| project.read(file))
    };
    assert_eq!(texts(&projects[0]), texts(&projects[1]));
    for text in texts(&projects[0]) {
        assert!(!text.contains(&*projects[0].root.to_string_lossy()), "a path of this machine:\n{text}");
    }
}

#[test]
fn programs_of_one_name_share_a_target_folder() {
    let projects = ["one", "two"].map(|name| Project::new("lonely", &format!("shared-program/{name}")));
    projects[1].change("contract/src/main.rs", "async fn echo(", "async fn repeat(");
    for _ in 0..2 {
        for (project, method) in projects.iter().zip(["\"Echo\"", "\"Repeat\""]) {
            project.hubs(&["generate"]).expect(0, &["Generated `lonely`"]);
            assert!(project.read("contract/contract/hubs.json").contains(method));
        }
    }
}
