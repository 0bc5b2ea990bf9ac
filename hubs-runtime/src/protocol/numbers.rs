//! Which numbers may travel: those a browser can hold, whatever the protocol. An f64 holds integers up to 2^53 - 1, and
//! JSON has no NaN and no infinity.

const LARGEST: u64 = (1 << 53) - 1;

/// Whether a browser keeps `value` as it is.
pub(super) fn signed(value: i64) -> Result<i64, String> {
    if value.unsigned_abs() <= LARGEST { Ok(value) } else { Err(too_large(&value)) }
}

/// Whether a browser keeps `value` as it is.
pub(super) fn unsigned(value: u64) -> Result<u64, String> {
    if value <= LARGEST { Ok(value) } else { Err(too_large(&value)) }
}

/// Whether JSON can say `value`.
pub(super) fn finite(value: f64) -> Result<f64, String> {
    if value.is_finite() { Ok(value) } else { Err(format!("{value} is no number in JSON; send an `Option` instead")) }
}

/// The integer that `value` is, up to where a float is printed with an exponent. -0 is not an integer.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the range is checked, and exact")]
pub(super) fn whole(value: f64) -> Option<i64> {
    let whole = value as i64;
    let same = (whole as f64).to_bits() == value.to_bits();
    (same && value.abs() < 1e16).then_some(whole)
}

/// What is wrong with an integer that is too large.
pub(super) fn too_large(value: &dyn std::fmt::Display) -> String {
    format!("{value} is beyond 2^53 - 1, the largest integer a browser can hold; send it as a string")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_range_are_in_it() {
        let end = 9_007_199_254_740_991;
        assert_eq!((signed(end), signed(-end), unsigned(9_007_199_254_740_991)), (Ok(end), Ok(-end), Ok(LARGEST)));
        assert!(signed(end + 1).is_err() && signed(-end - 1).is_err() && signed(i64::MIN).is_err());
        assert!(unsigned(u64::MAX).is_err());
        assert!(finite(f64::NAN).is_err() && finite(f64::INFINITY).is_err() && finite(1e300).is_ok());
    }
}
