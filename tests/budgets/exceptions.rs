//! An exception to a lint says why: `reason = ".."`, or a comment beside it or just above it. Attributes that the
//! macros write into their expansions are not exceptions of this repository.

use syn::{
    Attribute, Meta,
    spanned::Spanned as _,
    visit::{self, Visit},
};

use crate::sources;

const CRATES: &[&str] = &["hubs-macros/src", "hubs-runtime/src", "codegen/src"];

struct Exceptions<'a> {
    lines: Vec<&'a str>,
    /// Lines, from 1, of those without a reason.
    unexplained: Vec<usize>,
}

impl Exceptions<'_> {
    fn is_explained(&self, attribute: &Attribute) -> bool {
        let Meta::List(list) = &attribute.meta else { return true };
        let line = attribute.span().start().line - 1;
        let above = line.checked_sub(1).map_or("", |above| self.lines[above].trim_start());
        let is_comment = above.starts_with("//") && !above.starts_with("///") && !above.starts_with("//!");
        list.tokens.to_string().contains("reason =") || self.lines[line].contains("// ") || is_comment
    }
}

impl<'ast> Visit<'ast> for Exceptions<'_> {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let is_exception = attribute.path().is_ident("allow") || attribute.path().is_ident("expect");
        if is_exception && !self.is_explained(attribute) {
            self.unexplained.push(attribute.span().start().line);
        }
        visit::visit_attribute(self, attribute);
    }
}

fn unexplained(text: &str) -> Vec<usize> {
    let mut exceptions = Exceptions { lines: text.lines().collect(), unexplained: Vec::new() };
    exceptions.visit_file(&syn::parse_file(text).expect("a source file parses"));
    exceptions.unexplained
}

#[test]
fn every_exception_to_a_lint_says_why() {
    let mut found = Vec::new();
    for folder in CRATES {
        for file in sources::rust_files(folder) {
            found.extend(unexplained(&file.text).iter().map(|line| format!("{folder}/{}:{line}", file.path)));
        }
    }
    assert!(found.is_empty(), "no reason is given at:\n{}", found.join("\n"));
}

#[test]
fn an_exception_without_a_reason_is_found() {
    let text = "
#[allow(dead_code)]
fn a() {}
// It is called by name.
#[allow(dead_code)]
fn b() {}
#[allow(dead_code, reason = \"it is called by name\")]
fn c() {}
/// Not a reason, but documentation.
#[expect(dead_code)]
fn d() {
    #[allow(unused)]
    let e = quote!(#[allow(deprecated)] struct F;);
}
";
    assert_eq!(unexplained(text), [2, 10, 12]);
}
