//! What a compiler says, in short: a line for each error.

use std::collections::BTreeSet;

/// The most errors that are shown; the first is usually the one that matters.
const MOST: usize = 5;

/// A line with place and text for each error, and how many more there are; empty without errors.
pub(crate) fn short(said: &str) -> String {
    let said = without_colours(said);
    let mut errors: Vec<String> = Vec::new();
    let mut lines = said.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(place) = lines.peek().and_then(|next| next.trim_start().strip_prefix("--> "))
            && line.starts_with("error")
        {
            errors.push(format!("{place}: {line}"));
        } else if line.contains(": error") {
            errors.push(line.to_owned());
        }
    }
    // A macro that repeats a mistake of the user in what it writes has it reported more than once.
    let mut seen = BTreeSet::new();
    errors.retain(|error| seen.insert(error.clone()));
    let more = errors.len().saturating_sub(MOST);
    errors.truncate(MOST);
    if more > 0 {
        errors.push(format!("and {more} more errors"));
    }
    errors.into_iter().map(|error| error + "\n").collect()
}

/// The text as it would be in a file.
pub(crate) fn without_colours(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_one_line() {
        let long = "\u{1b}[1merror[E0308]\u{1b}[0m: mismatched types\n --> src/lib.rs:1:24\n  |\n1 | fn a() -> u8 { \"\" }\n\n\
                    error: could not compile `chat` (lib) due to 1 previous error\n";
        assert_eq!(short(long), "src/lib.rs:1:24: error[E0308]: mismatched types\n");
        assert_eq!(short(&long.repeat(2)), short(long));
        let cargo = "src/lib.rs:1:24: error[E0308]: mismatched types: expected `u8`\nerror: could not compile `chat`\n";
        assert_eq!(short(cargo), "src/lib.rs:1:24: error[E0308]: mismatched types: expected `u8`\n");
    }

    #[test]
    fn only_the_first_errors_are_shown() {
        let said: String = (0..8).map(|n| format!("a.rs:{n}:1: error: no\n")).collect();
        assert!(short(&said).ends_with("a.rs:4:1: error: no\nand 3 more errors\n"), "{}", short(&said));
        assert_eq!(short("all is well"), "");
    }
}
