//! From a contract document to files: pure, no disk, no clock, no Rust types. An emitter reads the document only.

pub mod asyncapi;
pub mod csharp;
mod definitions;
mod error;
pub mod json_schema;
mod model;
pub mod python;
pub(crate) mod rate;
pub(crate) mod requirement;
pub mod typescript;

use std::path::{Path, PathBuf};

pub use error::{EmitError, EmitErrors, EmitWarning};
use hubs::contract::Contract;
use serde_json::Value;

/// How generated files begin, by how their names end. Files that begin otherwise are never touched.
pub(crate) const MARKS: [(&str, &str); 3] = [("ts", typescript::MARK), ("py", python::MARK), ("cs", csharp::MARK)];

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Path inside the folder of the output, with `/`; empty for an output that is one file.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl GeneratedFile {
    /// An output that is one file.
    fn alone(text: String) -> Self {
        Self { path: String::new(), text }
    }

    /// Where it is written, for an output at `place`.
    pub fn place(&self, place: &Path) -> PathBuf {
        if self.path.is_empty() { place.to_owned() } else { place.join(&self.path) }
    }
}

/// Makes files of a contract, in one language or format. Implementations stand in the table of `generate::Target`.
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

/// Tells contracts apart: FNV-1a over the document, 64 bits in hexadecimal.
fn fingerprint(contract: &Contract) -> String {
    let document = contract.to_json().expect("a contract document is plain data");
    let hash = document
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// The same value with the keys of all objects in order, whatever map serde_json was built with.
fn sorted(mut value: Value) -> Value {
    value.sort_all_objects();
    value
}
