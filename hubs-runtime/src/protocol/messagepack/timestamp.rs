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

/// The content of an extension of type -1 for an RFC 3339 date and time with its offset. `None` for any other text, and
/// for a leap second, which timestamps do not have.
pub(super) fn content(text: &str) -> Option<Vec<u8>> {
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes()[10], b'T' | b' ') {
        return None;
    }
    let days = days(date)?;
    let clock = numbers(time.get(..8)?, ":").filter(|&[h, m, s]| h < 24 && m < 60 && s < 60)?;
    let rest = &time[8..];
    let (nanos, offset) = match rest.strip_prefix('.') {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    let seconds = days * DAY + clock[0] * 3600 + clock[1] * 60 + clock[2] - seconds_east(offset)?;
    Some(packed(seconds, nanos))
}

/// The shortest of the three forms.
fn packed(seconds: i64, nanos: u32) -> Vec<u8> {
    match (u32::try_from(seconds), u64::try_from(seconds)) {
        (Ok(seconds), _) if nanos == 0 => seconds.to_be_bytes().into(),
        (_, Ok(seconds)) if seconds < 1 << 34 => (u64::from(nanos) << 34 | seconds).to_be_bytes().into(),
        _ => [&nanos.to_be_bytes()[..], &seconds.to_be_bytes()].concat(),
    }
}

/// Appends an extension of type -1.
pub(super) fn write(out: &mut Vec<u8>, content: &[u8]) -> Result<(), rmp::encode::ValueWriteError> {
    let len = u32::try_from(content.len()).unwrap_or_default();
    rmp::encode::write_ext_meta(out, len, -1)?;
    out.extend_from_slice(content);
    Ok(())
}

/// Three numbers of fixed lengths: the digits of `text` are where those of `2026-01-02` or `03:04:05` are.
fn numbers(text: &str, between: &str) -> Option<[i64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit()) && matches!(part.len(), 2 | 4);
        part.parse::<i64>().ok().filter(|_| digits)
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// The day of `2026-01-02`, counted from 1970.
fn days(text: &str) -> Option<i64> {
    let [year, month, day] = numbers(text, "-").filter(|_| text.as_bytes()[4] == b'-')?;
    let (year, from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let in_year = (153 * from_march + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + in_year - 719_468;
    // Of the 30th of February another day would come out.
    (date(days)? == (numbers(text, "-")?[0], month, day)).then_some(days)
}

/// Nanoseconds, and what follows them.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(len);
    if !(1..=9).contains(&len) {
        return None;
    }
    format!("{digits:0<9}").parse().ok().map(|nanos| (nanos, rest))
}

/// How far ahead of UTC `Z` or `+02:00` is.
fn seconds_east(offset: &str) -> Option<i64> {
    if offset == "Z" {
        return Some(0);
    }
    let sign = if offset.strip_prefix('+').is_some() { 1 } else { -1 };
    let [hours, minutes, _] = numbers(&format!("{}:00", offset.strip_prefix(['+', '-'])?), ":")?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::{content, text};

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

    #[test]
    fn dates_become_the_timestamps_that_they_came_from() {
        for (date, len) in [
            ("2017-04-11T00:00:00.000Z", 4),
            ("2106-02-07T06:28:16.000Z", 8),
            ("2026-01-02T03:04:05.678Z", 8),
            ("2000-02-29T23:59:59.000000001Z", 8),
            ("1969-12-31T23:59:59.999999999Z", 12),
            ("0000-01-01T00:00:00.000Z", 12),
            ("9999-12-31T23:59:59.000Z", 12),
        ] {
            let content = content(date).unwrap();
            assert_eq!((text(&content).as_deref(), content.len()), (Some(date), len));
        }
        let east = content("2026-01-02T03:04:05+02:30").unwrap();
        assert_eq!(text(&east).as_deref(), Some("2026-01-02T00:34:05.000Z"));
        let west = content("2026-01-01 22:04:05.5-05:00").unwrap();
        assert_eq!(text(&west).as_deref(), Some("2026-01-02T03:04:05.500Z"));
    }

    #[test]
    fn what_is_no_date_with_an_offset_stays_text() {
        for other in [
            "",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-02-30T03:04:05Z",
            "2026-13-01T03:04:05Z",
            "2026-01-02T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05.1234567890Z",
            "2026-01-02T03:04:05Zulu",
            "2026-01-02T03:04:05+2:00",
            "26-1-002026T03:04:05Z",
            "κκκκκ-01-02T03:04:05Z",
            "+10000-01-02T03:04:05Z",
        ] {
            assert_eq!(content(other), None, "{other}");
        }
    }
}
