//! From a contract document to files: pure, no disk, no clock, no Rust types. Whoever emits reads the document only.

mod error;
pub mod typescript;

pub use error::{EmitError, EmitErrors, EmitWarning};
use hubs::contract::Contract;

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Path inside the folder of the output, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// Makes files of a contract.
pub trait Emitter {
    /// All files, in order of their paths.
    ///
    /// # Errors
    /// Everything in the contract that this output cannot express, at once.
    fn emit(&self, contract: &Contract) -> Result<Vec<GeneratedFile>, EmitErrors>;

    /// What will not work as well as in Rust.
    fn warnings(&self, contract: &Contract) -> Vec<EmitWarning> {
        let _ = contract;
        Vec::new()
    }
}
