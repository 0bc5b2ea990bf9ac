//! What keeps the house in order: who may import whom, what may be depended on, and that every exception to a lint
//! says why. Lengths of files and functions are printed, not enforced.

mod dependencies;
mod exceptions;
mod layering;
mod lengths;
mod options;
mod paths;
mod sources;
mod toolchain;
mod tree;
