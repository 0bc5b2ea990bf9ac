//! Reads hub contracts out of compiled crates and keeps the files made from them up to date. `cargo hubs` is the
//! command line over this library.

mod cargo;
pub mod compat;
mod compile;
mod config;
pub mod emit;
mod error;
pub mod explain;
mod list;
mod progress;
mod read;
mod report;
mod shim;
mod store;
pub mod style;
pub mod testing;
mod workspace;

use std::path::{Path, PathBuf};

pub use config::Config;
use emit::{
    EmitWarning, Emitter as _,
    typescript::{Framework, Frameworks, Imports, TypeScript},
};
pub use error::Error;
use hubs::contract::Contract;
pub use list::list;
pub use progress::Progress;
pub use read::{blessed, read};
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
    /// The files that are not as they should be.
    pub differences: Vec<Difference>,
    /// What is wrong and what mends it, for people; `None` if nothing is.
    pub stale: Option<String>,
    /// What will not work as well in TypeScript as in Rust.
    pub warnings: Vec<EmitWarning>,
}

/// A contract, and the places of what is made from it.
#[derive(Debug)]
pub struct Target {
    contract: Contract,
    /// The contract document, if it is to be written too.
    document: Option<PathBuf>,
    typescript: Option<PathBuf>,
    frameworks: Vec<Framework>,
    imports: Imports,
    json_schema: Option<PathBuf>,
    asyncapi: Option<PathBuf>,
}

impl Target {
    /// Files made from a contract document alone, without the crate that it came from.
    ///
    /// # Errors
    /// The document cannot be read.
    pub fn of_document(document: &Path, typescript: &Path) -> Result<Self, Error> {
        // Absolute, as are the places in a crate's configuration.
        let typescript = std::path::absolute(typescript).map_err(Error::io("find", typescript))?;
        let contract = read(document)?;
        let (typescript, frameworks, imports) = (Some(typescript), Vec::new(), Imports::default());
        Ok(Self { contract, document: None, typescript, frameworks, imports, json_schema: None, asyncapi: None })
    }

    /// The same, with the files of these frameworks.
    #[must_use]
    pub fn with_frameworks(self, frameworks: &[Framework]) -> Self {
        Self { frameworks: frameworks.to_vec(), ..self }
    }

    /// The same, with files that import each other this way.
    #[must_use]
    pub fn with_imports(self, imports: Imports) -> Self {
        Self { imports, ..self }
    }

    fn of_code(workspace: &Workspace, subject: &Subject<'_>) -> Result<Self, Error> {
        let config = subject.config.clone();
        let Config { contract: document, typescript, frameworks, imports, json_schema, asyncapi, .. } = config;
        let contract = contract(workspace, subject)?;
        Ok(Self { contract, document: Some(document), typescript, frameworks, imports, json_schema, asyncapi })
    }

    fn plan(&self) -> Result<Plan, Error> {
        let mut files = Vec::new();
        if let Some(path) = &self.document {
            let text = self.contract.to_json().map_err(|error| Error::Contract(error.to_string()))?;
            files.push((path.clone(), text));
        }
        if let Some(path) = &self.json_schema {
            files.push((path.clone(), emit::json_schema::document(&self.contract)));
        }
        if let Some(path) = &self.asyncapi {
            files.push((path.clone(), emit::asyncapi::document(&self.contract)));
        }
        if let Some(folder) = &self.typescript {
            let imports = self.imports;
            let mut modules = TypeScript { imports }.emit(&self.contract)?;
            modules.extend(Frameworks { frameworks: self.frameworks.clone(), imports }.emit(&self.contract)?);
            files.extend(modules.into_iter().map(|file| (folder.join(file.path), file.text)));
        }
        Ok(Plan { package: self.contract.package.clone(), files, folder: self.typescript.clone() })
    }

    fn warnings(&self) -> Vec<EmitWarning> {
        if self.typescript.is_some() { TypeScript::default().warnings(&self.contract) } else { Vec::new() }
    }
}

/// The contract of a package, from its compiled code.
///
/// # Errors
/// See [`Error`].
pub fn contract(workspace: &Workspace, subject: &Subject<'_>) -> Result<Contract, Error> {
    compile::contract(workspace, subject)
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
    let mended = plan.differences()?;
    store::mend(&mended)?;
    Ok(Generated { package: plan.package, files: plan.files.len(), mended, warnings: target.warnings() })
}

/// Compares the files of a package with its code. Writes none of them.
///
/// `command` is what mends them, as the report will say; `colours` is whether the report may have some.
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
