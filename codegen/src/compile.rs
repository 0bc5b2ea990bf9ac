//! Builds the program that knows the contract, runs it, and reads the document it writes.

use std::{
    io::{IsTerminal as _, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use cargo_metadata::Message;
use hubs::contract::Contract;

use crate::{
    Error,
    read::parse,
    shim, store,
    workspace::{Subject, Workspace},
};

/// How long a program may take to write its contract down. One that takes longer has started to do its real work.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads the contract of a package out of its compiled code.
pub(crate) fn contract(workspace: &Workspace, subject: &Subject<'_>) -> Result<Contract, Error> {
    let package = subject.package.name.as_str();
    let folder = workspace.scratch().join(format!("{:016x}", shim::hash(workspace.root()))).join(package);
    std::fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
    // Another checkout with the same target folder may build a program of the same name: it waits until ours has run.
    let lock = workspace.scratch().join("lock");
    let lock =
        std::fs::File::create(&lock).and_then(|file| file.lock().map(|()| file)).map_err(Error::io("lock", &lock))?;
    let program = if subject.has_library() {
        library_program(workspace, subject, &folder)?
    } else {
        binary_program(workspace, subject)?
    };
    let contract = run(subject, &program, &folder.join("contract.json"));
    drop(lock);
    contract
}

/// A compiled program.
struct Program {
    path: PathBuf,
    /// The user's own, not our scratch crate's: its name and where its `main` is.
    own: Option<(String, PathBuf)>,
}

fn library_program(workspace: &Workspace, subject: &Subject<'_>, folder: &Path) -> Result<Program, Error> {
    let options = &workspace.options;
    let manifest = shim::write(folder, workspace.root(), subject, &options.features)?;
    let mut command = cargo(workspace);
    command.arg("--manifest-path").arg(&manifest);
    let name = shim::name(workspace.root(), &subject.package.name);
    Ok(Program { path: build(command, subject, &name)?, own: None })
}

fn binary_program(workspace: &Workspace, subject: &Subject<'_>) -> Result<Program, Error> {
    let package = subject.package.name.as_str();
    let target = subject.binary()?;
    let source_file = target.src_path.clone().into_std_path_buf();
    let no_export = || Error::NoExport {
        package: package.to_owned(),
        bin: target.name.clone(),
        source_file: store::relative(&source_file),
    };
    // A program that would start its server instead of answering must not be run at all.
    if !mentions_export(source_file.parent().unwrap_or(&source_file)) {
        return Err(no_export());
    }
    let runtime = subject.runtime_key.as_ref().ok_or_else(|| Error::NoHubs { package: package.to_owned() })?;
    let mut features = workspace.options.features.clone();
    features.push(format!("{runtime}/contract"));
    let mut command = cargo(workspace);
    command.args(["--package", package, "--bin", &target.name, "--features", &features.join(",")]);
    command.arg("--manifest-path").arg(&subject.package.manifest_path);
    if workspace.options.locked {
        command.arg("--locked");
    }
    let path = build(command, subject, &target.name)?;
    Ok(Program { path, own: Some((target.name.clone(), source_file)) })
}

/// `cargo build` with what both kinds of programs need.
fn cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--message-format=json-render-diagnostics"]);
    // The user's `.cargo/config.toml` and toolchain file hold from here.
    command.current_dir(workspace.root());
    // Other features than in the user's own builds: in one target folder the two would undo each other.
    command.env("CARGO_TARGET_DIR", workspace.scratch().join("build"));
    if workspace.options.offline {
        command.arg("--offline");
    }
    command
}

/// Builds and gives the path of the binary.
fn build(mut command: Command, subject: &Subject<'_>, bin: &str) -> Result<PathBuf, Error> {
    let shown = std::io::stderr().is_terminal();
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(if shown { Stdio::inherit() } else { Stdio::piped() });
    let output = command.output().map_err(Error::io("run", "cargo"))?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Compile { package: subject.package.name.to_string(), output });
    }
    let built =
        Message::parse_stream(output.stdout.as_slice()).filter_map(Result::ok).find_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.name == bin && artifact.target.is_bin() => {
                artifact.executable
            }
            _ => None,
        });
    built.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf).ok_or_else(|| Error::Unreadable {
        path: "the output of cargo build".into(),
        problem: format!("it names no program `{bin}`"),
    })
}

/// Runs the program and reads what it wrote.
fn run(subject: &Subject<'_>, program: &Program, out: &Path) -> Result<Contract, Error> {
    let package = subject.package.name.as_str();
    if out.exists() {
        std::fs::remove_file(out).map_err(Error::io("remove", out))?;
    }
    let mut command = Command::new(&program.path);
    command.env("HUBS_CONTRACT_OUT", out).env("HUBS_CONTRACT_PACKAGE", package);
    command.current_dir(subject.folder()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Error::io("run", &program.path))?;
    let said = said_in_time(&mut child);
    let status = child.wait().map_err(Error::io("wait for", &program.path))?;
    match (&said, &program.own) {
        (Some(_), _) if status.success() && out.exists() => read(package, out),
        (Some(said), _) if said.contains("error: ") => Err(Error::Contract(without_prefix(said))),
        (_, Some((bin, source_file))) => Err(Error::NoExport {
            package: package.to_owned(),
            bin: bin.clone(),
            source_file: store::relative(source_file),
        }),
        (said, None) => Err(Error::Contract(format!(
            "the contract of `{package}` could not be read: {status}\n{}",
            said.as_deref().unwrap_or("it took too long")
        ))),
    }
}

/// What the program says on its error output until it ends; `None` if it had to be killed.
fn said_in_time(child: &mut Child) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    let pipe = child.stderr.take();
    std::thread::spawn(move || {
        let mut said = Vec::new();
        // What was said before a broken pipe is still worth showing.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut said));
        let _ = sender.send(String::from_utf8_lossy(&said).into_owned());
    });
    let said = receiver.recv_timeout(PATIENCE).ok();
    if said.is_none() {
        // It may have ended by itself in the meantime.
        let _ = child.kill();
    }
    said
}

fn read(package: &str, out: &Path) -> Result<Contract, Error> {
    let text = std::fs::read_to_string(out).map_err(Error::io("read", out))?;
    parse(&text, &format!("the hubs-runtime of `{package}`"))
}

/// The program's own `error: ` goes: one is added where the error is shown.
fn without_prefix(said: &str) -> String {
    said.trim().lines().map(|line| line.strip_prefix("error: ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Whether any source file below `folder` asks for the export.
fn mentions_export(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.filter_map(Result::ok).map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            return mentions_export(&path);
        }
        path.extension().is_some_and(|extension| extension == "rs")
            && std::fs::read_to_string(&path).is_ok_and(|text| text.contains("export_contract_if_asked"))
    })
}
