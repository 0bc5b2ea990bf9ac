//! One function for each command: asks the library, and says what it found to people or to machines.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use hubs::contract::{Contract, FORMAT};

use hubs_codegen::{
    Checked, Difference, Error, Generated, Subject, Workspace,
    compat::{self, Change, Verdict},
    emit::EmitWarning,
    explain,
};
use serde_json::{Value, json};

use super::{
    args::{Common, Deny, Document},
    shell::Shell,
};

/// What was generated is not what the code says.
const STALE: u8 = 4;
/// A change that is not allowed.
const DENIED: u8 = 100;

pub(crate) fn generate(shell: Shell, common: &Common, document: &Document) -> Result<ExitCode, Error> {
    let mut all = Vec::new();
    let mut add = |generated: Generated| {
        if shell.is_for_people() {
            generated_text(shell, &generated);
        }
        all.push(generated);
    };
    if let Some(from) = &document.from {
        add(hubs_codegen::generate_from(&document.target(from)?)?);
    } else {
        let workspace = Workspace::read(common.cargo_options(shell, "Generating"))?;
        for subject in workspace.subjects(&common.package)? {
            add(hubs_codegen::generate(&workspace, &subject)?);
        }
    }
    if !shell.is_for_people() {
        shell.json(&json!({ "packages": all.iter().map(generated_json).collect::<Vec<_>>() }));
    }
    Ok(ExitCode::SUCCESS)
}

fn generated_text(shell: Shell, generated: &Generated) {
    warn(shell, &generated.warnings);
    for difference in &generated.updated {
        let done = if difference.new.is_some() { "Wrote" } else { "Removed" };
        shell.status(done, difference.shown().display());
    }
    let Generated { package, files, updated, .. } = generated;
    let written = updated.iter().filter(|difference| difference.new.is_some()).count();
    let text = match updated.len() {
        0 => format!("`{package}`: {}, all up to date", counted(*files)),
        _ => format!("`{package}`: {}, wrote {written}", counted(*files)),
    };
    shell.status("Generated", text);
}

fn generated_json(generated: &Generated) -> Value {
    let paths = |written: bool| {
        let wanted = generated.updated.iter().filter(|difference| difference.new.is_some() == written);
        wanted.map(|difference| difference.shown().display().to_string()).collect::<Vec<_>>()
    };
    json!({
        "package": generated.package,
        "files": generated.files,
        "wrote": paths(true),
        "removed": paths(false),
        "warnings": warnings_json(&generated.warnings),
    })
}

pub(crate) fn check(shell: Shell, common: &Common, document: &Document) -> Result<ExitCode, Error> {
    let mut all = Vec::new();
    let mut add = |checked: Checked| {
        if shell.is_for_people() {
            checked_text(shell, &checked);
        }
        all.push(checked);
    };
    if let Some(from) = &document.from {
        let target = document.target(from)?;
        add(hubs_codegen::check_from(&target, &document.fix_command(from), shell.colours)?);
    } else {
        let workspace = Workspace::read(common.cargo_options(shell, "Checking"))?;
        for subject in workspace.subjects(&common.package)? {
            let command = common.fix_command(&subject.package.name);
            add(hubs_codegen::check(&workspace, &subject, &command, shell.colours)?);
        }
    }
    if !shell.is_for_people() {
        shell.json(&json!({ "packages": all.iter().map(checked_json).collect::<Vec<_>>() }));
    }
    let stale = all.iter().any(|checked| checked.stale.is_some());
    Ok(if stale { ExitCode::from(STALE) } else { ExitCode::SUCCESS })
}

fn checked_text(shell: Shell, checked: &Checked) {
    warn(shell, &checked.warnings);
    let Checked { package, files, differences, stale, .. } = checked;
    match stale {
        None => shell.status("Checked", format!("`{package}`: {}, all up to date", counted(*files))),
        Some(report) => {
            shell.result(report);
            for difference in differences {
                let (path, state) = (difference.shown(), state(difference));
                shell.note_on(&path, "stale", &format!("this file {state}; run `cargo hubs generate -p {package}`"));
            }
        }
    }
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

/// What is wrong with a file, for people.
fn state(difference: &Difference) -> &'static str {
    match (&difference.old, &difference.new) {
        (None, _) => "is missing",
        (_, None) => "is left over",
        _ => "is not what the code says",
    }
}

fn checked_json(checked: &Checked) -> Value {
    let files = checked.differences.iter().map(|difference| {
        let state = match (&difference.old, &difference.new) {
            (None, _) => "missing",
            (_, None) => "left-over",
            _ => "differs",
        };
        json!({ "path": difference.shown().display().to_string(), "state": state })
    });
    json!({
        "package": checked.package,
        "stale": checked.stale.is_some(),
        "files": files.collect::<Vec<_>>(),
        "warnings": warnings_json(&checked.warnings),
    })
}

pub(crate) fn diff(
    shell: Shell,
    old: &str,
    new: Option<&str>,
    deny: Option<Deny>,
    common: &Common,
) -> Result<ExitCode, Error> {
    let mut all: Vec<(Contract, Vec<Change>)> = Vec::new();
    if let (true, Some(true)) = (Path::new(old).is_file(), new.map(|new| Path::new(new).is_file())) {
        let (old, new) = (hubs_codegen::read(Path::new(old))?, hubs_codegen::read(Path::new(new.unwrap_or(old)))?);
        let changes = compat::compare(&old, &new);
        all.push((new, changes));
    } else {
        let workspace = Workspace::read(common.cargo_options(shell, "Comparing"))?;
        for subject in workspace.subjects(&common.package)? {
            let [before, after] = [Some(old), new].map(|place| version(shell, &subject, place));
            let (before, after) = (before?, after?);
            if new.is_none() {
                say_stale(shell, &workspace, &subject, &after);
            }
            let changes = compat::compare(&before, &after);
            note_breaking(shell, &subject, &changes, deny);
            all.push((after, changes));
        }
    }
    if shell.is_for_people() {
        for (contract, changes) in &all {
            if all.len() > 1 {
                shell.result(&format!("`{}`:\n", contract.package));
            }
            shell.result(&compat::text(changes, shell.colours));
        }
    } else {
        let packages = all.iter().map(|(contract, changes)| {
            json!({ "package": contract.package, "verdict": compat::worst(changes), "changes": changes })
        });
        shell.json(&json!({ "packages": packages.collect::<Vec<_>>() }));
    }
    let denied = all.iter().flat_map(|(_, changes)| changes).filter(|change| denies(deny, change)).count();
    if denied > 0 {
        shell.denied(denied, deny.map(Deny::name).unwrap_or_default());
        return Ok(ExitCode::from(DENIED));
    }
    Ok(ExitCode::SUCCESS)
}

/// One side of a comparison. A revision that is older than the document has no hub.
fn version(shell: Shell, subject: &Subject<'_>, place: Option<&str>) -> Result<Contract, Error> {
    if let Some(contract) = hubs_codegen::blessed(subject, place)? {
        return Ok(contract);
    }
    let document = Difference { path: subject.config.contract.clone(), old: None, new: None };
    shell.warning(format!(
        "`{}` has no {}, so that everything counts as new",
        place.unwrap_or_default(),
        document.shown().display()
    ));
    let package = subject.package.name.to_string();
    Ok(Contract {
        format: FORMAT,
        package,
        features: Vec::new(),
        dotnet_messagepack: false,
        hubs: Vec::new(),
        types: BTreeMap::new(),
    })
}

/// Warns where the document on disk, which is compared, is not what the code says.
fn say_stale(shell: Shell, workspace: &Workspace, subject: &Subject<'_>, document: &Contract) {
    let shown = Difference { path: subject.config.contract.clone(), old: None, new: None }.shown();
    match hubs_codegen::contract(workspace, subject) {
        Ok(code) if code == *document => {}
        Ok(_) => shell.warning(format!(
            "{} is stale: the code says something else, which is not compared; run `cargo hubs generate -p {}`",
            shown.display(),
            subject.package.name
        )),
        Err(error) => shell.warning(format!(
            "{} may be stale, since the code cannot be read: {}",
            shown.display(),
            error.to_string().lines().next().unwrap_or_default()
        )),
    }
}

fn denies(deny: Option<Deny>, change: &Change) -> bool {
    match deny {
        None => false,
        Some(Deny::Breaking) => change.verdict() == Verdict::Breaking,
        Some(Deny::Wire) => change.wire == Verdict::Breaking,
        Some(Deny::Risky) => change.verdict() >= Verdict::Risky,
    }
}

fn note_breaking(shell: Shell, subject: &Subject<'_>, changes: &[Change], deny: Option<Deny>) {
    for change in changes.iter().filter(|change| denies(deny, change)) {
        let text = format!("{} {}: {}", change.path, change.what, change.reason);
        shell.note_on(&subject.config.contract, "a change that is not allowed", &text);
    }
}

pub(crate) fn list(shell: Shell, common: &Common, from: Option<&Path>) -> Result<ExitCode, Error> {
    let contracts = match from {
        Some(from) => vec![hubs_codegen::read(from)?],
        None => {
            let workspace = Workspace::read(common.cargo_options(shell, "Reading"))?;
            let subjects = workspace.subjects(&common.package)?;
            subjects.iter().map(|subject| hubs_codegen::contract(&workspace, subject)).collect::<Result<_, _>>()?
        }
    };
    if shell.is_for_people() {
        contracts.iter().for_each(|contract| shell.result(&hubs_codegen::list(contract)));
    } else {
        shell.json(&json!({ "packages": contracts }));
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn explain(shell: Shell, code: Option<&str>) -> Result<ExitCode, Error> {
    let codes = match code {
        Some(code) => vec![explain::one(code)?],
        None => explain::all(),
    };
    if !shell.is_for_people() {
        let codes = codes.iter().map(|entry| json!({ "code": entry.code, "text": entry.text }));
        shell.json(&json!({ "codes": codes.collect::<Vec<_>>() }));
        return Ok(ExitCode::SUCCESS);
    }
    for entry in &codes {
        shell.result(&match code {
            Some(_) => format!("{}\n\n{}\n", entry.code, entry.text),
            None => format!("{}  {}\n", entry.code, entry.text.lines().next().unwrap_or_default()),
        });
    }
    Ok(ExitCode::SUCCESS)
}

fn warn(shell: Shell, warnings: &[EmitWarning]) {
    warnings.iter().for_each(|warning| shell.warning(warning));
}

fn warnings_json(warnings: &[EmitWarning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}
