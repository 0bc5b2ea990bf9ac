//! Prints files and functions that are longer than the limits of CONTRIBUTING.md. They are printed, not enforced, so that
//! they can be exceeded for a good reason; see them with `cargo test -p hubs-tests --test budgets lengths -- --nocapture`.

use proc_macro2::Span;
use syn::visit::{self, Visit};

use crate::sources;

const LONGEST_FILE: usize = 400;

/// Folder of a crate, and the longest function it should have.
const CRATES: &[(&str, usize)] = &[("hubs-macros/src", 60), ("hubs-runtime/src", 40), ("codegen/src", 40)];

struct Functions {
    longest: usize,
    found: Vec<String>,
}

impl Functions {
    fn measure(&mut self, name: &syn::Ident, block: Span) {
        let lines = block.end().line - block.start().line + 1;
        if lines > self.longest {
            self.found.push(format!("`{name}` has {lines} lines, at line {}", block.start().line));
        }
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig.ident, function.block.brace_token.span.join());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig.ident, function.block.brace_token.span.join());
        visit::visit_impl_item_fn(self, function);
    }
}

/// What is too long in one file.
fn too_long(text: &str, longest_function: usize) -> Vec<String> {
    let mut functions = Functions { longest: longest_function, found: Vec::new() };
    functions.visit_file(&syn::parse_file(text).expect("a source file parses"));
    let lines = text.lines().count();
    let file = (lines > LONGEST_FILE).then(|| format!("the file has {lines} lines"));
    file.into_iter().chain(functions.found).collect()
}

#[test]
fn lengths() {
    for (folder, longest_function) in CRATES {
        for file in sources::rust_files(folder) {
            for finding in too_long(&file.text, *longest_function) {
                println!("{folder}/{}: {finding}", file.path);
            }
        }
    }
}

#[test]
fn what_is_too_long_is_found() {
    let text = format!("fn long() {{{}}}\nfn short() {{}}\n{}", "\n".repeat(41), "//\n".repeat(400));
    assert_eq!(too_long(&text, 40), ["the file has 443 lines", "`long` has 42 lines, at line 1"]);
}
