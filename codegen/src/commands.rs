//! One function for each command: asks the library, and says what it found to people or to machines.

use std::{io::IsTerminal as _, path::Path, process::ExitCode};

use hubs_codegen::{
    Checked, Error, Generated, Workspace,
    compat::{self, Change, Verdict},
    emit::EmitWarning,
};
use serde_json::{Value, json};

use crate::args::{Common, Deny, Document};

/// What was generated is not what the code says.
const STALE: u8 = 4;
/// A change that is not allowed.
const DENIED: u8 = 100;

pub(crate) fn generate(common: &Common, document: &Document) -> Result<ExitCode, Error> {
    let mut all = Vec::new();
    if let Some(from) = &document.from {
        all.push(hubs_codegen::generate_from(&document.target(from)?)?);
    } else {
        let workspace = Workspace::read(common.cargo_options())?;
        for subject in workspace.subjects(&common.package)? {
            all.push(hubs_codegen::generate(&workspace, &subject)?);
        }
    }
    if common.json {
        print_json(&json!({ "packages": all.iter().map(generated_json).collect::<Vec<_>>() }));
    } else {
        all.iter().for_each(generated_text);
    }
    Ok(ExitCode::SUCCESS)
}

fn generated_text(generated: &Generated) {
    warn(&generated.warnings);
    for difference in &generated.mended {
        let done = if difference.new.is_some() { "wrote" } else { "removed" };
        println!("{done} {}", difference.shown().display());
    }
    if generated.mended.is_empty() {
        println!("`{}` is up to date: {} files", generated.package, generated.files);
    }
}

fn generated_json(generated: &Generated) -> Value {
    let paths = |written: bool| {
        let wanted = generated.mended.iter().filter(|difference| difference.new.is_some() == written);
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

pub(crate) fn check(common: &Common, document: &Document) -> Result<ExitCode, Error> {
    let colours = colours();
    let mut all = Vec::new();
    if let Some(from) = &document.from {
        let target = document.target(from)?;
        all.push(hubs_codegen::check_from(&target, &document.mending(from), colours)?);
    } else {
        let workspace = Workspace::read(common.cargo_options())?;
        for subject in workspace.subjects(&common.package)? {
            let command = common.mending(&subject.package.name);
            all.push(hubs_codegen::check(&workspace, &subject, &command, colours)?);
        }
    }
    if common.json {
        print_json(&json!({ "packages": all.iter().map(checked_json).collect::<Vec<_>>() }));
    } else {
        all.iter().for_each(checked_text);
    }
    let stale = all.iter().any(|checked| checked.stale.is_some());
    Ok(if stale { ExitCode::from(STALE) } else { ExitCode::SUCCESS })
}

fn checked_text(checked: &Checked) {
    warn(&checked.warnings);
    match &checked.stale {
        Some(report) => print!("{report}"),
        None => println!("`{}` is up to date: {} files", checked.package, checked.files),
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

pub(crate) fn diff(old: &str, new: Option<&str>, deny: Option<Deny>, common: &Common) -> Result<ExitCode, Error> {
    let mut all: Vec<(String, Vec<Change>)> = Vec::new();
    if let (true, Some(true)) = (Path::new(old).is_file(), new.map(|new| Path::new(new).is_file())) {
        let (old, new) = (hubs_codegen::read(Path::new(old))?, hubs_codegen::read(Path::new(new.unwrap_or(old)))?);
        all.push((new.package.clone(), compat::compare(&old, &new)));
    } else {
        let workspace = Workspace::read(common.cargo_options())?;
        for subject in workspace.subjects(&common.package)? {
            let old = hubs_codegen::blessed(&subject, Some(old))?;
            let new = hubs_codegen::blessed(&subject, new)?;
            all.push((new.package.clone(), compat::compare(&old, &new)));
        }
    }
    let several = all.len() > 1;
    if common.json {
        let packages = all.iter().map(
            |(package, changes)| json!({ "package": package, "verdict": compat::worst(changes), "changes": changes }),
        );
        print_json(&json!({ "packages": packages.collect::<Vec<_>>() }));
    } else {
        for (package, changes) in &all {
            if several {
                println!("`{package}`:");
            }
            print!("{}", compat::text(changes, colours()));
        }
    }
    let denied = all.iter().flat_map(|(_, changes)| changes).any(|change| match deny {
        None => false,
        Some(Deny::Breaking) => change.verdict() == Verdict::Breaking,
        Some(Deny::Wire) => change.wire == Verdict::Breaking,
        Some(Deny::Risky) => change.verdict() >= Verdict::Risky,
    });
    Ok(if denied { ExitCode::from(DENIED) } else { ExitCode::SUCCESS })
}

pub(crate) fn list(common: &Common, from: Option<&Path>) -> Result<ExitCode, Error> {
    let contracts = match from {
        Some(from) => vec![hubs_codegen::read(from)?],
        None => {
            let workspace = Workspace::read(common.cargo_options())?;
            let subjects = workspace.subjects(&common.package)?;
            subjects.iter().map(|subject| hubs_codegen::contract(&workspace, subject)).collect::<Result<_, _>>()?
        }
    };
    if common.json {
        print_json(&json!({ "packages": contracts }));
    } else {
        contracts.iter().for_each(|contract| print!("{}", hubs_codegen::list(contract)));
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn explain(code: Option<&str>) -> Result<ExitCode, Error> {
    match code {
        Some(code) => print!("{}", hubs_codegen::explain::one(code)?),
        None => print!("{}", hubs_codegen::explain::all()),
    }
    Ok(ExitCode::SUCCESS)
}

fn warn(warnings: &[EmitWarning]) {
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
}

fn warnings_json(warnings: &[EmitWarning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

fn print_json(value: &Value) {
    println!("{value:#}");
}

fn colours() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
