//! Rules for the whole repository: which room imports which, allowed dependencies, reasons for exceptions to lints, plain
//! words. Lengths of files and functions are printed, not enforced.

mod codegen_layering;
mod dependencies;
mod exceptions;
mod features;
mod layering;
mod lengths;
mod limits;
mod options;
mod paths;
mod security;
mod sources;
mod toolchain;
mod tree;
mod words;
