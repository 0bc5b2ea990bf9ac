//! A position in a log as a client keeps it: `epoch.number.tag`, where epoch and tag are hexadecimal.

use crate::backplane::LogPosition;

pub(super) fn write(position: LogPosition) -> String {
    let LogPosition { epoch, number, tag } = position;
    format!("{epoch:x}.{number}.{tag:x}")
}

pub(super) fn read(text: &str) -> Option<LogPosition> {
    let mut parts = text.split('.');
    let epoch = u64::from_str_radix(parts.next()?, 16).ok()?;
    let number = parts.next()?.parse().ok()?;
    let tag = u32::from_str_radix(parts.next()?, 16).ok()?;
    parts.next().is_none().then_some(LogPosition { epoch, number, tag })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_are_written() {
        for (epoch, number, tag) in [(0, 0, 0), (u64::MAX, u64::MAX, u32::MAX), (0xa1, 10, 0xb)] {
            let position = LogPosition { epoch, number, tag };
            assert_eq!(read(&write(position)), Some(position));
        }
        for text in ["", "1", "1.2", "1.2.3.4", "x.1.1", "1.a.1", "1.1.100000000", "1..1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
