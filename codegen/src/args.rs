//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use hubs_codegen::CargoOptions;

const EXIT_CODES: &str = "\
Exit codes:
  0  all is well
  1  an error; what it says is on standard error
  2  wrong usage
  4  check: what was generated is stale

Configuration, in the Cargo.toml of a contract crate:
  [package.metadata.hubs]
  contract = \"contract/hubs.json\"    # the contract document, relative to the Cargo.toml
  typescript = \"web/src/hubs\"        # the folder of the TypeScript, or false
";

/// Typed clients from the hubs of a Rust crate.
#[derive(Debug, Parser)]
#[command(name = "cargo-hubs", bin_name = "cargo hubs", version, about, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write the contract document and the TypeScript
    #[command(after_help = EXIT_CODES)]
    Generate(Common),
    /// Say whether both are what the code says; write nothing
    #[command(after_help = EXIT_CODES)]
    Check(Common),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Common {
    /// The package with the hubs [default: all with [package.metadata.hubs], else that of the current directory]
    #[arg(short, long, value_name = "PACKAGE")]
    pub(crate) package: Vec<String>,
    /// Path of a Cargo.toml
    #[arg(long, value_name = "PATH")]
    manifest_path: Option<PathBuf>,
    /// Features of the package to compile it with
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    features: Vec<String>,
    /// Fail if Cargo.lock would change
    #[arg(long)]
    locked: bool,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
}

impl Common {
    pub(crate) fn cargo_options(&self) -> CargoOptions {
        CargoOptions {
            manifest_path: self.manifest_path.clone(),
            locked: self.locked,
            offline: self.offline,
            features: self.features.clone(),
        }
    }

    /// The command that mends what `check` found.
    pub(crate) fn mending(&self, package: &str) -> String {
        let mut command = format!("cargo hubs generate -p {package}");
        if let Some(path) = &self.manifest_path {
            command += &format!(" --manifest-path {}", path.display());
        }
        if !self.features.is_empty() {
            command += &format!(" --features {}", self.features.join(","));
        }
        command
    }
}
