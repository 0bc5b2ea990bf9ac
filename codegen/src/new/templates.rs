//! The files of a new project. Each is a real file in `codegen/templates`; words in double braces are replaced.

use crate::emit::typescript::Framework;

/// What the page is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UI {
    /// TypeScript and the DOM, without a framework.
    #[default]
    Plain,
    /// Vue 3.
    Vue,
    /// React 19.
    React,
}

impl UI {
    /// The framework whose file is generated beside the page's types.
    pub(super) fn framework(self) -> Option<Framework> {
        match self {
            Self::Plain => None,
            Self::Vue => Some(Framework::Vue),
            Self::React => Some(Framework::React),
        }
    }

    /// The file in which a person changes the page, from the project's folder.
    pub fn main_file(self) -> &'static str {
        match self {
            Self::Plain => "web/src/main.ts",
            Self::Vue => "web/src/App.vue",
            Self::React => "web/src/App.tsx",
        }
    }

    pub(super) fn files(self) -> &'static [File] {
        match self {
            Self::Plain => PLAIN,
            Self::Vue => VUE,
            Self::React => REACT,
        }
    }

    /// What is replaced in the files: the word, and by what.
    pub(super) fn replacements(self) -> [(&'static str, &'static str); 4] {
        let root = "    <div id=\"app\"></div>";
        let (frameworks, jsx, body, extension) = match self {
            Self::Plain => ("", "", include_str!("../../templates/plain/body.html").trim_end(), "ts"),
            Self::Vue => ("\nframeworks = [\"vue\"]", "", root, "ts"),
            Self::React => ("\nframeworks = [\"react\"]", "\n    \"jsx\": \"react-jsx\",", root, "tsx"),
        };
        [("frameworks", frameworks), ("jsx", jsx), ("body", body), ("main-extension", extension)]
    }
}

/// The path of a file in the project, and its text.
pub(super) type File = (&'static str, &'static str);

/// The contract of every template, which the page's types are made from.
pub(super) const CONTRACT: &str = include_str!("../../templates/base/contract.json");

macro_rules! files {
    ($($folder:literal { $($path:literal $(from $file:literal)?),* $(,)? })*) => {
        &[$($(($path, files!(@text $folder $path $($file)?)),)*)*]
    };
    (@text $folder:literal $path:literal $file:literal) => {
        include_str!(concat!("../../templates/", $folder, "/", $file))
    };
    (@text $folder:literal $path:literal) => {
        include_str!(concat!("../../templates/", $folder, "/", $path))
    };
}

/// Files of every project. Some have other names here, where they would mean something to git and to cargo.
pub(super) const BASE: &[File] = files! {
    "base" {
        ".dockerignore" from "dockerignore.txt",
        ".github/workflows/ci.yml" from "github/ci.yml",
        ".gitignore" from "gitignore.txt",
        "Cargo.toml" from "Cargo.toml.txt",
        "Dockerfile",
        "README.md",
        "rustfmt.toml",
        "src/contract.rs",
        "src/hub.rs",
        "src/lib.rs",
        "src/main.rs",
        "tests/hub.rs",
        "web/index.html",
        "web/src/messages.ts",
        "web/src/style.css",
        "web/tsconfig.json",
    }
};

/// What was said is kept in memory.
pub(super) const MEMORY: &[File] = files! { "memory" { "src/history.rs" } };

/// What was said is kept in a file.
pub(super) const SQLITE: &[File] = files! { "sqlite" { "src/history.rs" } };

const PLAIN: &[File] = files! { "plain" { "web/package.json", "web/src/main.ts", "web/vite.config.ts" } };

const VUE: &[File] =
    files! { "vue" { "web/package.json", "web/src/App.vue", "web/src/main.ts", "web/vite.config.ts" } };

const REACT: &[File] =
    files! { "react" { "web/package.json", "web/src/App.tsx", "web/src/main.tsx", "web/vite.config.ts" } };
