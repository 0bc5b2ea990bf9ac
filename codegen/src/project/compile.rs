//! Builds the program that knows the contract, runs it, and reads the document it writes.

use std::{
    fs::{File, TryLockError},
    io::Read as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use hubs::contract::Contract;

use super::{
    cargo, shim,
    workspace::{Subject, Workspace},
};
use crate::{
    document::{self, Origin},
    error::Error,
    paths::relative,
    progress::Activity,
};

/// How long a program may take to write its contract down. One that takes longer has started to do its real work.
const PATIENCE: Duration = Duration::from_secs(20);

/// The contract of a package, from its compiled code.
///
/// # Errors
/// See [`Error`].
pub fn contract(workspace: &Workspace, subject: &Subject<'_>) -> Result<Contract, Error> {
    let package = subject.package.name.as_str();
    let folder = workspace.scratch().join(format!("{:016x}", shim::hash(workspace.root()))).join(package);
    std::fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
    let shown = workspace.options.progress.start(package);
    let lock = lock(&workspace.scratch().join("lock"), &shown)?;
    let program = if subject.has_library() {
        library_program(workspace, subject, &folder, &shown)?
    } else {
        binary_program(workspace, subject, &shown)?
    };
    shown.say("reading its contract");
    let contract = run(subject, &program, &folder.join("contract.json"));
    drop(lock);
    let dotnet_messagepack = subject.config.dotnet_messagepack;
    Ok(Contract { features: subject.features(&workspace.options), dotnet_messagepack, ..contract? })
}

/// Another checkout with the same target folder may build a program of the same name: it waits until ours has run.
fn lock(path: &Path, shown: &Activity) -> Result<File, Error> {
    let file = File::create(path).map_err(Error::io("make", path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            shown.say("waiting for another cargo hubs");
            file.lock().map_err(Error::io("lock", path))?;
        }
        Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
    }
    Ok(file)
}

/// A compiled program.
struct Program {
    path: PathBuf,
    /// The user's own, not our scratch crate's: its name and where its `main` is.
    own: Option<(String, PathBuf)>,
}

fn library_program(
    workspace: &Workspace,
    subject: &Subject<'_>,
    folder: &Path,
    shown: &Activity,
) -> Result<Program, Error> {
    let manifest = shim::write(folder, workspace.root(), subject, &subject.features(&workspace.options))?;
    // The user's own target folder: what the user's builds have compiled of other packages is not compiled again.
    let mut command = cargo::build_command(workspace, workspace.target());
    command.arg("--manifest-path").arg(&manifest);
    let name = shim::name(workspace.root(), &subject.package.name);
    Ok(Program { path: cargo::build(command, subject, &name, shown)?, own: None })
}

fn binary_program(workspace: &Workspace, subject: &Subject<'_>, shown: &Activity) -> Result<Program, Error> {
    let package = subject.package.name.as_str();
    let target = subject.binary()?;
    let source_file = target.src_path.clone().into_std_path_buf();
    let no_export = || Error::NoExport {
        package: package.to_owned(),
        bin: target.name.clone(),
        source_file: relative(&source_file),
    };
    // A program that would start its server instead of answering must not be run at all.
    if !mentions_export(source_file.parent().unwrap_or(&source_file)) {
        return Err(no_export());
    }
    let runtime = subject.runtime_key.as_ref().ok_or_else(|| Error::NoHubs { package: package.to_owned() })?;
    let mut features = subject.features(&workspace.options);
    features.push(format!("{runtime}/contract"));
    cargo::forget_other_checkouts(workspace)?;
    let mut command = cargo::build_command(workspace, &cargo::own_target(workspace));
    command.args(["--package", package, "--bin", &target.name, "--features", &features.join(",")]);
    command.arg("--manifest-path").arg(&subject.package.manifest_path);
    if workspace.options.locked {
        command.arg("--locked");
    }
    let path = cargo::build(command, subject, &target.name, shown)?;
    Ok(Program { path, own: Some((target.name.clone(), source_file)) })
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
        (Some(_), _) if status.success() && out.exists() => {
            let text = std::fs::read_to_string(out).map_err(Error::io("read", out))?;
            document::parse(&text, &Origin::Library(subject.runtime))
        }
        (Some(said), _) if said.contains("error: ") => Err(Error::Contract(without_prefix(said))),
        (_, Some((bin, source_file))) => {
            Err(Error::NoExport { package: package.to_owned(), bin: bin.clone(), source_file: relative(source_file) })
        }
        (said, None) => Err(Error::Silent {
            package: package.to_owned(),
            output: said.clone().unwrap_or_else(|| format!("it took longer than {} seconds", PATIENCE.as_secs())),
            status: status.to_string(),
        }),
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
            && std::fs::read_to_string(&path).is_ok_and(|text| text.contains("export_contract_if_requested"))
    })
}
