//! Reads hub contracts out of compiled crates and keeps the files made from them up to date. `cargo hubs` is the
//! command line over this library.

mod compile;
mod config;
pub mod emit;
mod error;
mod report;
mod shim;
mod store;
mod workspace;

pub use config::Config;
use emit::{EmitWarning, Emitter as _, typescript::TypeScript};
pub use error::Error;
use hubs::contract::Contract;
pub use store::{Difference, Plan};
pub use workspace::{CargoOptions, Subject, Workspace};

/// What [`generate`] did to the files of a package.
#[derive(Debug)]
pub struct Generated {
    /// The package.
    pub package: String,
    /// How many files it has.
    pub files: usize,
    /// What was written, removed or made anew.
    pub mended: Vec<Difference>,
    /// What will not work as well in TypeScript as in Rust.
    pub warnings: Vec<EmitWarning>,
}

/// What [`check`] found for a package.
#[derive(Debug)]
pub struct Checked {
    /// The package.
    pub package: String,
    /// How many files it has.
    pub files: usize,
    /// What is wrong and what mends it, for people; `None` if nothing is.
    pub stale: Option<String>,
    /// What will not work as well in TypeScript as in Rust.
    pub warnings: Vec<EmitWarning>,
}

/// Writes the contract document and the TypeScript of a package.
///
/// # Errors
/// See [`Error`].
pub fn generate(workspace: &Workspace, subject: &Subject<'_>) -> Result<Generated, Error> {
    let (contract, plan) = plan(workspace, subject)?;
    let mended = plan.differences()?;
    for difference in &mended {
        difference.mend()?;
    }
    let warnings = warnings(subject, &contract);
    Ok(Generated { package: plan.package, files: plan.files.len(), mended, warnings })
}

/// Compares the files of a package with its code. Writes none of them.
///
/// `command` is what mends them, as the report will say; `colours` is whether the report may have some.
///
/// # Errors
/// See [`Error`].
pub fn check(workspace: &Workspace, subject: &Subject<'_>, command: &str, colours: bool) -> Result<Checked, Error> {
    let (contract, plan) = plan(workspace, subject)?;
    let found = plan.differences()?;
    let old = found.iter().find(|difference| difference.path == subject.config.contract);
    // A document that cannot be read is shown as a difference of lines.
    let old = old.and_then(|difference| serde_json::from_str::<Contract>(difference.old.as_deref()?).ok());
    let stale = (!found.is_empty()).then(|| report::stale(&contract, old.as_ref(), &found, command, colours));
    let warnings = warnings(subject, &contract);
    Ok(Checked { package: plan.package, files: plan.files.len(), stale, warnings })
}

fn warnings(subject: &Subject<'_>, contract: &Contract) -> Vec<EmitWarning> {
    if subject.config.typescript.is_some() { TypeScript.warnings(contract) } else { Vec::new() }
}

fn plan(workspace: &Workspace, subject: &Subject<'_>) -> Result<(Contract, Plan), Error> {
    let contract = compile::contract(workspace, subject)?;
    let document = contract.to_json().map_err(|error| Error::Contract(error.to_string()))?;
    let mut files = vec![(subject.config.contract.clone(), document)];
    if let Some(folder) = &subject.config.typescript {
        let modules = TypeScript.emit(&contract)?;
        files.extend(modules.into_iter().map(|file| (folder.join(file.path), file.text)));
    }
    let plan = Plan { package: contract.package.clone(), files, folder: subject.config.typescript.clone() };
    Ok((contract, plan))
}
