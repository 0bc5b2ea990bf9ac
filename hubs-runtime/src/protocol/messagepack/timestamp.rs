//! MessagePack's timestamps as the text that JSON has for them: a browser's `Date` reads the same under both protocols.

const DAY: i64 = 86_400;

/// `2026-01-01T00:00:00.000Z`, for the content of an extension of type -1. `None` if it is none, or not in the years 0
/// to 9999.
pub(super) fn text(content: &[u8]) -> Option<String> {
    let (seconds, nanos) = parts(content)?;
    let (year, month, day) = date(seconds.div_euclid(DAY))?;
    let clock = seconds.rem_euclid(DAY);
    let (hours, minutes, seconds) = (clock / 3600, clock / 60 % 60, clock % 60);
    let fraction = if nanos % 1_000_000 == 0 { format!("{:03}", nanos / 1_000_000) } else { format!("{nanos:09}") };
    Some(format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{fraction}Z"))
}

/// Seconds since 1970 and the nanoseconds after them.
fn parts(content: &[u8]) -> Option<(i64, u32)> {
    let (seconds, nanos) = match content.len() {
        4 => (u32::from_be_bytes(content.try_into().ok()?).into(), 0),
        8 => {
            let both = u64::from_be_bytes(content.try_into().ok()?);
            (i64::try_from(both & 0x3_ffff_ffff).ok()?, u32::try_from(both >> 34).ok()?)
        }
        12 => {
            let (nanos, seconds) = content.split_first_chunk()?;
            (i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes(*nanos))
        }
        _ => return None,
    };
    (nanos < 1_000_000_000).then_some((seconds, nanos))
}

/// Year, month and day of a day counted from 1970, in eras of 400 years that start in March, so that the leap day is
/// a year's last.
fn date(day: i64) -> Option<(i64, i64, i64)> {
    let days = day.checked_add(719_468)?;
    let (era, in_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (0..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::text;

    fn long(seconds: i64, nanos: u32) -> Option<String> {
        text(&[&nanos.to_be_bytes()[..], &seconds.to_be_bytes()].concat())
    }

    #[test]
    fn all_three_forms_are_read() {
        assert_eq!(text(&[0x58, 0xec, 0x1c, 0x80]).as_deref(), Some("2017-04-11T00:00:00.000Z"));
        let eight = [0xa1, 0xa5, 0xd6, 0x00, 0x69, 0x57, 0x35, 0xa5];
        assert_eq!(text(&eight).as_deref(), Some("2026-01-02T03:04:05.678Z"));
        assert_eq!(long(-1, 999_999_999).as_deref(), Some("1969-12-31T23:59:59.999999999Z"));
    }

    #[test]
    fn leap_days_and_the_ends_are_right() {
        for (seconds, expected) in [
            (951_782_400, Some("2000-02-29T00:00:00.000Z")),
            (4_107_542_400, Some("2100-03-01T00:00:00.000Z")),
            (-62_167_219_200, Some("0000-01-01T00:00:00.000Z")),
            (253_402_300_799, Some("9999-12-31T23:59:59.000Z")),
            (253_402_300_800, None),
            (i64::MIN, None),
            (i64::MAX, None),
        ] {
            assert_eq!(long(seconds, 0).as_deref(), expected, "{seconds}");
        }
    }

    #[test]
    fn what_is_no_timestamp_is_refused() {
        assert_eq!(text(&[0; 5]), None);
        assert_eq!(long(0, 1_000_000_000), None);
    }
}
