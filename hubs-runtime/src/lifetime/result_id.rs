//! The ids under which clients are asked for results: made and read here only. `s` keeps them apart from the ids that
//! clients choose for their own calls and streams.

const PREFIX: char = 's';

/// The id of a call of this process.
pub(super) fn write(number: u64) -> String {
    format!("{PREFIX}{number}")
}

/// The number in an id that [`write`] made.
pub(super) fn read(id: &str) -> Option<u64> {
    let digits = id.strip_prefix(PREFIX)?;
    // `parse` also takes a sign and leading zeros.
    let canonical = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    canonical.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        for number in [0, 1, 10, u64::MAX] {
            assert_eq!(read(&write(number)), Some(number));
        }
        for other in ["", "s", "1", "s-1", "s+1", "s01", "s 1", "s1x", "S1", "s18446744073709551616"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
