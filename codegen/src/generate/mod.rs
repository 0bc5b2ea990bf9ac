//! Writes what is made from a contract, or compares it with the disk.

mod list;
mod report;
mod target;

use hubs::contract::Contract;

pub use self::{list::list, target::Target};
use crate::{
    emit::EmitWarning,
    error::Error,
    project::{Subject, Workspace},
    store::{self, Difference},
};

/// What [`generate`] did to the files of a package.
#[derive(Debug)]
pub struct Generated {
    /// The package.
    pub package: String,
    /// How many files it has.
    pub files: usize,
    /// What was written, removed or made anew.
    pub updated: Vec<Difference>,
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
    /// The files that are not as they should be.
    pub differences: Vec<Difference>,
    /// A report of the differences and of the command that fixes them; `None` if there are none.
    pub stale: Option<String>,
    /// What will not work as well in TypeScript as in Rust.
    pub warnings: Vec<EmitWarning>,
}

/// Writes the contract document and the TypeScript of a package.
///
/// # Errors
/// See [`Error`].
pub fn generate(workspace: &Workspace, subject: &Subject<'_>) -> Result<Generated, Error> {
    generate_from(&Target::of_code(workspace, subject)?)
}

/// Writes what is made from a contract.
///
/// # Errors
/// See [`Error`].
pub fn generate_from(target: &Target) -> Result<Generated, Error> {
    let plan = target.plan()?;
    let updated = plan.differences()?;
    store::apply(&updated)?;
    Ok(Generated { package: plan.package, files: plan.files.len(), updated, warnings: target.warnings() })
}

/// Compares the files of a package with its code. Writes none of them.
///
/// `command` is the command that fixes them, for the report; `colours` is whether the report may use colours.
///
/// # Errors
/// See [`Error`].
pub fn check(workspace: &Workspace, subject: &Subject<'_>, command: &str, colours: bool) -> Result<Checked, Error> {
    check_from(&Target::of_code(workspace, subject)?, command, colours)
}

/// Compares files with the contract that they are made from. Writes none of them. See [`check`].
///
/// # Errors
/// See [`Error`].
pub fn check_from(target: &Target, command: &str, colours: bool) -> Result<Checked, Error> {
    let plan = target.plan()?;
    let differences = plan.differences()?;
    let old = differences.iter().find(|difference| Some(&difference.path) == target.document.as_ref());
    // A document that cannot be read is shown as a difference of lines.
    let old = old.and_then(|difference| serde_json::from_str::<Contract>(difference.old.as_deref()?).ok());
    let report = || report::stale(&target.contract, old.as_ref(), &differences, plan.files.len(), command, colours);
    let stale = (!differences.is_empty()).then(report);
    Ok(Checked { package: plan.package, files: plan.files.len(), differences, stale, warnings: target.warnings() })
}
