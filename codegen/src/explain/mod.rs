//! The text behind every code: `macros.md` is a copy of `docs/errors.md`, `contract.md` is about contracts and files.

use crate::error::Error;

const PAGES: [&str; 2] = [include_str!("macros.md"), include_str!("contract.md")];

/// What there is to say about one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code, such as `HUB012`.
    pub code: &'static str,
    /// What it means and what to do about it; the first line is a sentence of its own.
    pub text: &'static str,
}

/// What a code means and what to do about it.
///
/// # Errors
/// There is no such code.
pub fn one(code: &str) -> Result<Entry, Error> {
    let wanted = code.trim().to_uppercase();
    let wanted = if wanted.starts_with("HUB") { wanted } else { format!("HUB{wanted:0>3}") };
    all().into_iter().find(|entry| entry.code == wanted).ok_or(Error::NoCode(wanted))
}

/// All codes.
pub fn all() -> Vec<Entry> {
    sections().map(|(code, text)| Entry { code, text: text.trim() }).collect()
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
            assert_eq!(one(code).unwrap().code, "HUB012");
        }
        assert!(one("HUB103").unwrap().text.contains("serde(flatten)"));
        let error = one("HUB999").unwrap_err();
        assert_eq!(error.to_string(), "there is no error `HUB999`");
        assert!(error.help().unwrap().contains("cargo hubs explain"));
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
        assert!(all().len() > 40);
    }
}
