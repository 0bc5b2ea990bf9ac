//! What is run: which package is the server, and where the page is.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use hubs_codegen::{Error, Server, Workspace};

use super::{
    super::{args::Dev, shell::Shell},
    Stop,
    child::Child,
};

/// On Windows npm is a script with an extension.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// What is run.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The server.
    pub(crate) server: Server,
    /// The folder of the page's `package.json`.
    page: PathBuf,
    /// Arguments for `cargo hubs generate`.
    generate: Vec<String>,
    /// Arguments for `cargo build`, beside the package.
    cargo: Vec<String>,
}

impl Plan {
    /// Reads it from the workspace, where the options do not say it.
    pub(crate) fn make(workspace: &Workspace, options: &Dev) -> Result<Self, Error> {
        let subjects = workspace.subjects(&options.common.package)?;
        let named = options.page.as_deref();
        let typescript = subjects.iter().filter_map(|subject| subject.config.typescript.as_deref());
        let found = named.or_else(|| typescript.flat_map(Path::ancestors).find(|f| f.join("package.json").is_file()));
        let page = found.map(Path::to_owned).ok_or(Error::NoPage)?;
        let server = workspace.server(&subjects, options.server.as_deref())?;
        let packages = subjects.iter().flat_map(|subject| ["--package".to_owned(), subject.package.name.to_string()]);
        let cargo = options.common.cargo_arguments();
        let generate = packages.chain(cargo.iter().cloned()).chain(options.common.feature_arguments()).collect();
        Ok(Self { server, page, generate, cargo })
    }

    /// Installs the page's packages, if there are none. Returns whether they are there.
    pub(crate) fn install_packages(&self, shell: Shell, stop: &Stop) -> Result<bool, Error> {
        if self.page.join("node_modules").exists() {
            return Ok(true);
        }
        shell.status("Installing", format!("the page's packages in {}", self.page.display()));
        let mut npm = Child::labelled(self.npm(&["install", "--no-audit", "--no-fund"]), "npm")?;
        Ok(npm.wait(stop)?.is_some_and(|status| status.success()))
    }

    /// Starts the page's dev server.
    pub(crate) fn start_page(&self) -> Result<Child, Error> {
        Child::labelled(self.npm(&["run", "dev", "--silent"]), "page")
    }

    /// The command that writes the types.
    pub(crate) fn generate(&self) -> Command {
        let this = std::env::current_exe().unwrap_or_else(|_| "cargo-hubs".into());
        let mut command = Command::new(this);
        command.args(["hubs", "generate", "--json"]).args(&self.generate);
        command
    }

    /// The command that builds the server.
    pub(crate) fn build(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["build", "--quiet", "--message-format=short", "--package", &self.server.package]);
        command.args(["--bin", &self.server.bin]).args(&self.cargo).current_dir(&self.server.workspace);
        command
    }

    fn npm(&self, words: &[&str]) -> Command {
        let mut command = Command::new(NPM);
        command.args(words).current_dir(&self.page);
        command
    }
}
