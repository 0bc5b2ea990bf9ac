//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum, builder::Styles};
use hubs_codegen::{
    CargoOptions, Error, Progress, Target,
    emit::typescript::{Framework, Imports},
    new::{NewProject, UI},
    style,
};

#[cfg(feature = "call")]
use super::remote;
use super::{completions, shell::Shell};

/// The help of cargo itself looks like this.
const STYLES: Styles = Styles::styled()
    .header(style::GOOD)
    .usage(style::GOOD)
    .literal(style::HELP)
    .placeholder(anstyle::AnsiColor::Cyan.on_default())
    .error(style::BAD)
    .valid(style::HELP)
    .invalid(style::CAUTION);

const EXIT_CODES: &str = "\
Exit codes:
  0    all is well
  1    an error; what it says is on standard error
       doctor: a check failed
  2    wrong usage
  4    check: what was generated is stale
  100  diff: there is a change that --deny does not allow

Configuration, in the Cargo.toml of a contract crate:
  [package.metadata.hubs]
  contract = \"contract/hubs.json\"    # the contract document, relative to the Cargo.toml
  typescript = \"web/src/hubs\"        # the folder of the TypeScript, or false
  frameworks = [\"vue\", \"react\"]     # a composable, a hook; none if left out
  imports = \"js\"                    # \"./types.js\"; `ts` or `none` where a tool needs that
  runtime = \"../chat/web/src/hubs\"  # another contract's TypeScript, to share its helpers
  json-schema = \"messages.json\"      # JSON Schema of all messages, if wanted
  asyncapi = \"asyncapi.json\"         # an AsyncAPI 3 document, if wanted
  python = \"clients/python/chat\"     # the folder of a Python package, if wanted
  csharp = \"clients/csharp/Chat\"     # the folder of the C#, if wanted
  features = [\"admin\"]              # features of the package to compile it with, none if left out

Colours and progress are shown on a terminal only; CARGO_TERM_COLOR, NO_COLOR and CI are minded.
";

/// Typed clients from the hubs of a Rust crate.
#[derive(Debug, Parser)]
#[command(name = "cargo-hubs", bin_name = "cargo hubs", version, about, after_help = EXIT_CODES, styles = STYLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a project that runs at once: server, page, a test, a job for CI
    #[command(after_help = EXIT_CODES)]
    New(New),
    /// Run the server, the page's dev server and `generate --watch` together, until Ctrl-C
    ///
    /// After a change of a Rust source, the page's types are written, and the server is built and started again.
    #[command(after_help = EXIT_CODES)]
    Dev(Dev),
    /// Write the contract document and the TypeScript
    #[command(after_help = EXIT_CODES)]
    Generate {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        document: Document,
        /// Go on, and write again whenever a source file changes
        #[arg(long, conflicts_with = "json")]
        watch: bool,
    },
    /// Say whether both are what the code says; write nothing
    #[command(after_help = EXIT_CODES)]
    Check {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        document: Document,
    },
    /// Say what changed between two contracts, and what it breaks
    ///
    /// OLD and NEW are contract documents, or git revisions of the package's document. Without NEW, the document as it
    /// is on disk now is taken, with a warning if that is not what the code says.
    #[command(after_help = EXIT_CODES)]
    Diff {
        /// A file or a git revision
        old: String,
        /// A file or a git revision [default: the document on disk]
        new: Option<String>,
        /// End with exit code 100 if there is a change as bad as this
        #[arg(long, value_enum)]
        deny: Option<Deny>,
        #[command(flatten)]
        common: Common,
    },
    /// Show the hubs and their methods
    #[command(after_help = EXIT_CODES)]
    List {
        #[command(flatten)]
        common: Common,
        /// Read a contract document and not a crate
        #[arg(long, value_name = "FILE", conflicts_with_all = CARGO)]
        from: Option<PathBuf>,
    },
    /// Call a method of a hub that runs somewhere, and print its answer
    ///
    /// Arguments are JSON; what is not JSON is a text. The answer is pretty on a terminal and one line in a pipe. An access
    /// token comes from the variable HUBS_TOKEN or from a file.
    #[cfg(feature = "call")]
    #[command(after_help = EXIT_CODES)]
    Call(remote::Call),
    /// Call a method of a hub that gives a stream, and print its items
    #[cfg(feature = "call")]
    #[command(after_help = EXIT_CODES)]
    Stream(remote::Stream),
    /// Call a method of a hub that takes a stream: the lines of standard input, each in JSON
    #[cfg(feature = "call")]
    #[command(after_help = EXIT_CODES)]
    Upload(remote::Call),
    /// Print what a hub calls on its clients, after calling METHOD if there is one
    #[cfg(feature = "call")]
    #[command(after_help = EXIT_CODES)]
    Listen(remote::Listen),
    /// Check what stands between pages and a hub, and say which hop is wrong and what fixes it
    ///
    /// It makes the requests that clients make: negotiate, WebSockets, Server-Sent Events, long polls, large bodies, pages of
    /// other origins. An access token comes from the variable HUBS_TOKEN or from a file.
    #[cfg(feature = "call")]
    #[command(after_help = EXIT_CODES)]
    Doctor(remote::Doctor),
    /// Print the script by which a shell completes this command: commands, options, and methods of a contract
    ///
    /// Read it when the shell starts, such as with `source <(cargo hubs completions bash)` in ~/.bashrc.
    #[command(after_help = EXIT_CODES)]
    Completions {
        /// The shell
        shell: completions::Target,
    },
    /// Explain an error, such as HUB012
    #[command(after_help = EXIT_CODES)]
    Explain {
        /// The code; without one, all codes are listed
        code: Option<String>,
        /// Say everything in JSON, on standard output
        #[arg(long)]
        json: bool,
    },
}

impl Command {
    /// Whether a machine reads the answer.
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Generate { common, .. }
            | Self::Check { common, .. }
            | Self::Diff { common, .. }
            | Self::List { common, .. } => common.json,
            Self::New(new) => new.json,
            Self::Dev(_) | Self::Completions { .. } => false,
            #[cfg(feature = "call")]
            Self::Call(call) | Self::Upload(call) => call.remote.json,
            #[cfg(feature = "call")]
            Self::Stream(stream) => stream.call.remote.json,
            #[cfg(feature = "call")]
            Self::Listen(listen) => listen.remote.json,
            #[cfg(feature = "call")]
            Self::Doctor(doctor) => doctor.json,
            Self::Explain { json, .. } => *json,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct New {
    /// The project's folder; its last part is the package's name
    #[arg(value_name = "NAME")]
    folder: PathBuf,
    /// A page without a framework (default)
    #[arg(long, group = "ui")]
    plain: bool,
    /// A page with Vue
    #[arg(long, group = "ui")]
    vue: bool,
    /// A page with React
    #[arg(long, group = "ui")]
    react: bool,
    /// Keep messages in SQLite, and not in memory
    #[arg(long)]
    sqlite: bool,
    /// Say everything in JSON, on standard output
    #[arg(long)]
    json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Dev {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The package with the server [default: the one with a binary that uses the hubs]
    #[arg(long, value_name = "PACKAGE")]
    pub(crate) server: Option<String>,
    /// The folder of the page, with a `package.json` that has the script `dev` [default: the one that the TypeScript is in]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) page: Option<PathBuf>,
}

impl New {
    pub(crate) fn project(&self) -> NewProject {
        let ui = match (self.vue, self.react) {
            (true, _) => UI::Vue,
            (_, true) => UI::React,
            _ => UI::Plain,
        };
        NewProject { folder: self.folder.clone(), ui, sqlite: self.sqlite }
    }
}

/// Options that mean nothing without cargo.
const CARGO: [&str; 5] = ["package", "manifest_path", "features", "locked", "offline"];

/// What `diff` does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Whatever breaks open pages or their code
    Breaking,
    /// Whatever breaks pages that are open while the server changes
    Wire,
    /// Whatever is breaking or risky
    Risky,
}

impl Deny {
    /// As it is written on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Wire => "wire",
            Self::Risky => "risky",
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Document {
    /// Read a contract document and not a crate; needs no Rust
    #[arg(long, value_name = "FILE", conflicts_with_all = CARGO)]
    pub(crate) from: Option<PathBuf>,
    /// With --from, the folder of the TypeScript [default: src/hubs, or none with --python or --csharp]
    #[arg(long, value_name = "FOLDER", requires = "from")]
    to: Option<PathBuf>,
    /// With --from, the folder of a Python package
    #[arg(long, value_name = "FOLDER", requires = "from")]
    python: Option<PathBuf>,
    /// With --from, the folder of the C#
    #[arg(long, value_name = "FOLDER", requires = "from")]
    csharp: Option<PathBuf>,
    /// With --from, frameworks that get a file of their own
    #[arg(long, value_name = "FRAMEWORKS", requires = "from", value_delimiter = ',')]
    frameworks: Vec<Framework>,
    /// With --from, how the files import each other: js, ts or none
    #[arg(long, value_name = "END", requires = "from", default_value_t)]
    imports: Imports,
    /// With --from, the folder of another contract's TypeScript, whose helpers are used and not written again
    #[arg(long, value_name = "FOLDER", requires = "from")]
    runtime: Option<PathBuf>,
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
    /// Say everything in JSON, on standard output
    #[arg(long)]
    json: bool,
}

impl Common {
    /// `verb` is what is done meanwhile, such as `Generating`.
    pub(crate) fn cargo_options(&self, shell: Shell, verb: &'static str) -> CargoOptions {
        CargoOptions {
            colours: shell.error_colours,
            progress: if self.json { Progress::default() } else { Progress::for_people(verb) },
            manifest_path: self.manifest_path.clone(),
            locked: self.locked,
            offline: self.offline,
            features: self.features.clone(),
        }
    }

    /// What every cargo and every `cargo hubs` that is started has to be told.
    pub(crate) fn cargo_arguments(&self) -> Vec<String> {
        let flags = [("--locked", self.locked), ("--offline", self.offline)];
        let mut arguments: Vec<_> = flags.iter().filter(|(_, on)| *on).map(|(flag, _)| (*flag).to_owned()).collect();
        if let Some(path) = &self.manifest_path {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            arguments.extend(["--manifest-path".to_owned(), whole.to_string_lossy().into_owned()]);
        }
        arguments
    }

    /// The features of the contract's package.
    pub(crate) fn feature_arguments(&self) -> Vec<String> {
        if self.features.is_empty() { Vec::new() } else { vec!["--features".to_owned(), self.features.join(",")] }
    }

    /// The command that fixes what `check` found.
    pub(crate) fn fix_command(&self, package: &str) -> String {
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

impl Document {
    fn typescript(&self) -> Option<PathBuf> {
        let others = self.python.is_some() || self.csharp.is_some();
        self.to.clone().or_else(|| (!others).then(|| PathBuf::from("src/hubs")))
    }

    /// The files that are made from the document alone.
    pub(crate) fn target(&self, from: &Path) -> Result<Target, Error> {
        let typescript = self.typescript();
        let target = Target::of_document(from)?;
        let target = target.with_folders(typescript.as_deref(), self.python.as_deref(), self.csharp.as_deref())?;
        target.with_frameworks(&self.frameworks).with_imports(self.imports).with_runtime(self.runtime.as_deref())
    }

    /// The command that fixes what `check` found.
    pub(crate) fn fix_command(&self, from: &Path) -> String {
        let mut command = format!("cargo hubs generate --from {}", from.display());
        for (option, folder) in [("to", &self.typescript()), ("python", &self.python), ("csharp", &self.csharp)] {
            if let Some(folder) = folder {
                command += &format!(" --{option} {}", folder.display());
            }
        }
        if !self.frameworks.is_empty() {
            let names: Vec<_> = self.frameworks.iter().map(ToString::to_string).collect();
            command += &format!(" --frameworks {}", names.join(","));
        }
        if self.imports != Imports::default() {
            command += &format!(" --imports {}", self.imports);
        }
        if let Some(runtime) = &self.runtime {
            command += &format!(" --runtime {}", runtime.display());
        }
        command
    }
}
