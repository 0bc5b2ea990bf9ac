//! Fixture crates in folders of their own, and the command run on them. All of them share one target folder.

use std::{
    collections::BTreeMap,
    fs,
    hash::{Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// A copy of a fixture that a test may change.
pub(crate) struct Project {
    /// The package is in `contract`, its page in `web`.
    pub(crate) root: PathBuf,
}

/// How the command ended.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    /// What it said on standard output.
    pub(crate) out: String,
    /// Both outputs.
    pub(crate) said: String,
}

impl Project {
    /// Copies a fixture to a folder named after the test.
    pub(crate) fn new(fixture: &str, test: &str) -> Self {
        Self::at(temporary().join("codegen").join(test), fixture)
    }

    /// Copies a fixture to a folder outside of this repository, where its `cargo hubs` is no alias. Each checkout of
    /// this repository has its own, the same one each time, so that the target folder does not grow.
    pub(crate) fn elsewhere(fixture: &str, test: &str) -> Self {
        let mut hash = std::hash::DefaultHasher::new();
        temporary().hash(&mut hash);
        Self::at(std::env::temp_dir().join(format!("hubs-tests-{:x}", hash.finish())).join(test), fixture)
    }

    fn at(root: PathBuf, fixture: &str) -> Self {
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        let project = Self { root };
        copy(&repository().join("tests/codegen/fixtures").join(fixture), &project.root.join("contract"));
        let manifest = fs::read_to_string(project.file("contract/Cargo.toml.in")).unwrap();
        let runtime = repository().join("hubs-runtime");
        project.write("contract/Cargo.toml", &manifest.replace("@HUBS@", &runtime.to_string_lossy()));
        // The versions that this repository was built with, so that nothing is looked up.
        fs::copy(repository().join("Cargo.lock"), project.file("contract/Cargo.lock")).unwrap();
        project
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.file(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a text that is there once.
    pub(crate) fn change(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(old).count(), 1, "{old:?} in {path}");
        self.write(path, &text.replace(old, new));
    }

    /// `cargo hubs ..` in the package's folder.
    pub(crate) fn hubs(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(&mut self.command(arguments))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_hubs());
        command.arg("hubs").args(arguments).current_dir(self.file("contract"));
        command.env("CARGO_TARGET_DIR", shared_target());
        // The environment of a test run may have these; each test sets the ones its command sees.
        for name in ["CARGO_TERM_COLOR", "NO_COLOR", "CI", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        command
    }

    /// `git ..` in the project's root, by an author and at a time that are always the same.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    /// What was generated: paths from the root, and texts.
    pub(crate) fn generated(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for folder in ["contract/contract", "web/src/hubs", "python/board", "csharp"] {
            for entry in fs::read_dir(self.file(folder)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let path = format!("{folder}/{name}");
                files.insert(path.clone(), self.read(&path));
            }
        }
        files
    }
}

impl Outcome {
    pub(crate) fn of(command: &mut Command) -> Self {
        forget_the_test(command);
        let program = command.get_program().to_owned();
        let output = command.output().unwrap_or_else(|error| panic!("cannot run {program:?}, install it: {error}"));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        Self { code: output.status.code(), said: format!("{out}{err}"), out }
    }

    /// The command ended like this and said all of that.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, texts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.said);
        for text in texts {
            assert!(self.said.contains(text), "it does not say {text:?}:\n{}", self.said);
        }
    }
}

/// The root of this repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The target folder of all projects. It is this repository's own, since `cargo hubs` builds much of the same there.
pub(crate) fn shared_target() -> PathBuf {
    temporary().parent().unwrap().to_owned()
}

/// `git ..` in a folder, by an author and at a time that are always the same: so are the names of the commits.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "init.defaultBranch=main", "-c", "core.autocrlf=false", "-c", "commit.gpgSign=false"]);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@example.com");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    let output = command.args(arguments).current_dir(folder).output().expect("git runs");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A folder for what tests make.
pub(crate) fn temporary() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// Takes away what cargo sets for a test that it runs: in the target folder that all share, build scripts that watch these
/// variables would run again, and everything that stands on them would be compiled again.
fn forget_the_test(command: &mut Command) {
    for (name, _) in std::env::vars() {
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
}

/// The command: the one that `HUBS_CARGO_HUBS` names, else built once for all tests.
pub(crate) fn cargo_hubs() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(built) = std::env::var_os("HUBS_CARGO_HUBS") {
            return PathBuf::from(built);
        }
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--quiet", "--package", "hubs-codegen", "--bin", "cargo-hubs"]);
        command.args(["--message-format", "json-render-diagnostics"]).current_dir(repository());
        forget_the_test(&mut command);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = String::from_utf8(output.stdout).unwrap();
        let program = messages.lines().rev().find_map(|line| {
            let message: serde_json::Value = serde_json::from_str(line).ok()?;
            message.get("executable")?.as_str().map(PathBuf::from)
        });
        program.expect("cargo names the program it built")
    })
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
