//! The text behind every code: `macros.md` is a copy of `docs/errors.md`, `contract.md` is about contracts and files.

use std::fmt::Write as _;

use crate::Error;

const PAGES: [&str; 2] = [include_str!("macros.md"), include_str!("contract.md")];

/// What a code means and what to do about it.
///
/// # Errors
/// There is no such code.
pub fn one(code: &str) -> Result<String, Error> {
    let wanted = code.trim().to_uppercase();
    let wanted = if wanted.starts_with("HUB") { wanted } else { format!("HUB{wanted:0>3}") };
    let found = sections().find(|(name, _)| *name == wanted);
    found.map(|(name, text)| format!("{name}\n\n{}\n", text.trim())).ok_or(Error::NoCode(wanted))
}

/// All codes, each with its first sentence.
pub fn all() -> String {
    let mut out = String::new();
    for (code, text) in sections() {
        let _ = writeln!(out, "{code}  {}", text.trim().lines().next().unwrap_or_default());
    }
    out
}

/// The sections of all pages, by their headings.
fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().flat_map(|page| page.split("\n## ").skip(1)).filter_map(|section| section.split_once('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_is_the_page() {
        let page = std::fs::read_to_string("../docs/errors.md").unwrap();
        assert_eq!(PAGES[0], page, "copy docs/errors.md to codegen/src/explain/macros.md");
    }

    #[test]
    fn codes_are_found_however_they_are_written() {
        for code in ["HUB012", "hub012", "12", "012"] {
            assert!(one(code).unwrap().starts_with("HUB012\n\n"), "{code}");
        }
        assert!(one("HUB103").unwrap().contains("serde(flatten)"));
        let error = one("HUB999").unwrap_err().to_string();
        assert!(error.contains("`HUB999`") && error.contains("cargo hubs explain"), "{error}");
    }

    #[test]
    fn every_code_that_this_crate_and_the_contract_say_is_explained() {
        let sources = [include_str!("../emit/error.rs"), include_str!("../../../hubs-runtime/src/contract/error.rs")];
        for source in sources {
            let codes = source.match_indices("HUB1").map(|(at, _)| &source[at..at + 6]);
            for code in codes.filter(|code| code[3..].bytes().all(|byte| byte.is_ascii_digit())) {
                assert!(one(code).is_ok(), "{code} has no section in contract.md");
            }
        }
        assert!(all().lines().count() > 40);
    }
}
