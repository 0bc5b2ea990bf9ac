//! Where a new project gets the library from: where this command came from, so that the two fit.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The version of all packages of hubs that have not changed since in a way that breaks programs.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));

/// Where the packages of hubs come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A checkout on this machine.
    Checkout(PathBuf),
    /// A commit of a git repository.
    Git { url: String, commit: String },
    /// crates.io.
    Registry,
}

impl Source {
    /// Where this command came from.
    pub(super) fn of_this_command() -> Self {
        let installed = std::env::current_exe().ok().and_then(|program| installed_from(&program));
        if let Some(git) = installed.as_deref().and_then(git) {
            return git;
        }
        // A published package is unpacked beside others of its kind, with their versions in their names.
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        match checkout.filter(|folder| folder.join("hubs-runtime/Cargo.toml").is_file()) {
            Some(folder) => Self::Checkout(folder.to_owned()),
            None => Self::Registry,
        }
    }

    /// The library as a value in a Cargo.toml.
    pub(super) fn dependency(&self, features: &[&str]) -> String {
        let keys = match self {
            Self::Checkout(folder) => format!("path = {}", quoted(&folder.join("hubs-runtime").to_string_lossy())),
            Self::Git { url, commit } => format!("git = {}, rev = {}", quoted(url), quoted(commit)),
            Self::Registry if features.is_empty() => return quoted(VERSION),
            Self::Registry => format!("version = {}", quoted(VERSION)),
        };
        let features: Vec<_> = features.iter().map(|feature| quoted(feature)).collect();
        let features =
            if features.is_empty() { String::new() } else { format!(", features = [{}]", features.join(", ")) };
        format!("{{ {keys}{features} }}")
    }

    /// The command that installs `cargo hubs`.
    pub(super) fn install(&self) -> String {
        let rest = match self {
            Self::Checkout(folder) => format!("--path {}", folder.join("codegen").display()),
            Self::Git { url, commit } => format!("--git {url} --rev {commit} hubs-codegen"),
            Self::Registry => "hubs-codegen".to_owned(),
        };
        format!("cargo install --locked {rest}")
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What `cargo install` wrote down about a program: the package id of what it was built from.
fn installed_from(program: &Path) -> Option<String> {
    let record = program.parent()?.parent()?.join(".crates2.json");
    let record: Value = serde_json::from_str(&std::fs::read_to_string(record).ok()?).ok()?;
    let name = program.file_stem()?.to_str()?;
    let has = |installed: &Value| {
        let bins = installed["bins"].as_array().map(Vec::as_slice).unwrap_or_default();
        bins.iter().filter_map(Value::as_str).any(|bin| bin.trim_end_matches(".exe") == name)
    };
    record["installs"].as_object()?.iter().find(|(_, installed)| has(installed)).map(|(id, _)| id.clone())
}

/// `hubs-codegen 0.1.0 (git+https://example.com/hubs?branch=main#0123abc)`.
fn git(id: &str) -> Option<Source> {
    let (_, source) = id.split_once("(git+")?;
    let (url, commit) = source.trim_end_matches(')').split_once('#')?;
    let url = url.split('?').next().unwrap_or(url);
    Some(Source::Git { url: url.to_owned(), commit: commit.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_cargo_installed_from_git_is_known() {
        let root = std::env::temp_dir().join(format!("hubs-installed-{}", std::process::id()));
        std::fs::create_dir_all(root.join("bin")).unwrap();
        let id = "hubs-codegen 0.1.0 (git+https://example.com/hubs?branch=main#0123abc)";
        let record = serde_json::json!({ "installs": {
            "other 1.0.0 (registry+https://example.com)": { "bins": ["other"] },
            id: { "bins": ["cargo-hubs"] },
        } });
        std::fs::write(root.join(".crates2.json"), record.to_string()).unwrap();
        let found = installed_from(&root.join("bin/cargo-hubs"));
        let unknown = installed_from(&root.join("bin/cargo-else"));
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!((found.as_deref(), unknown), (Some(id), None));
        let git = git(id).unwrap();
        assert_eq!(git.dependency(&[]), "{ git = \"https://example.com/hubs\", rev = \"0123abc\" }");
        assert!(git.install().ends_with("--git https://example.com/hubs --rev 0123abc hubs-codegen"));
    }

    #[test]
    fn a_dependency_is_a_value_of_toml() {
        assert_eq!(git("hubs-codegen 0.1.0 (path+file:///hubs/codegen)"), None);
        let here = Source::Checkout("/hubs".into());
        assert_eq!(here.dependency(&["testing"]), "{ path = \"/hubs/hubs-runtime\", features = [\"testing\"] }");
        assert_eq!(Source::Registry.dependency(&[]), "\"0.1\"");
        assert_eq!(Source::Registry.dependency(&["a", "b"]), "{ version = \"0.1\", features = [\"a\", \"b\"] }");
    }
}
