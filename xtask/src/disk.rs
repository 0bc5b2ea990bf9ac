//! Room on the disk: a linker that has none left ends with a signal and no word about it.

use anyhow::{Context as _, Result, bail};

use crate::{process, workspace::Workspace};

/// What `cargo xtask test` builds and writes, in KiB.
const NEEDED: u64 = 11 * 1024 * 1024;

/// Fails where the folder that cargo builds in cannot grow to what all steps need.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let target = workspace.target.to_str().context("the path of cargo's target folder is not UTF-8")?;
    let used = number(&process::output(&workspace.root, "du", &["-sk", target])?, 0)?;
    let free = number(&process::output(&workspace.root, "df", &["-Pk", target])?, 3)?;
    if used + free < NEEDED {
        bail!(
            "all steps need {} GiB in {target}; {} GiB are free: make room, or set CARGO_TARGET_DIR to a folder on another disk",
            NEEDED.saturating_sub(used).div_ceil(1024 * 1024),
            free / (1024 * 1024),
        );
    }
    Ok(())
}

/// The word at `column` of the last line.
fn number(text: &str, column: usize) -> Result<u64> {
    let word = text.lines().last().and_then(|line| line.split_whitespace().nth(column));
    word.and_then(|word| word.parse().ok()).with_context(|| format!("not understood: {}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn what_the_tools_print_is_read() {
        let df =
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 263000000 45000000 51000000 47% /\n";
        assert_eq!(number(df, 3).expect("a number"), 51_000_000);
        assert_eq!(number("1234\t/a/target\n", 0).expect("a number"), 1234);
        assert!(number("", 0).is_err());
    }
}
