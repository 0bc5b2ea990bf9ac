//! What a decoder says of a wrong value, at a bounded length: decoders quote the value, which may be a whole message,
//! with every character that cannot be printed six times as long.

use std::fmt::{self, Display, Write};

/// In bytes.
const LONGEST: usize = 500;

/// `text` up to [`LONGEST`], without ever being longer.
pub(crate) fn brief(text: impl Display) -> String {
    let mut brief = Brief(String::new());
    // It fails only to say that it has had enough.
    if write!(brief, "{text}").is_err() {
        brief.0.push('…');
    }
    brief.0
}

struct Brief(String);

impl Write for Brief {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = part.floor_char_boundary(LONGEST - self.0.len());
        self.0.push_str(&part[..room]);
        if room < part.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(brief("short"), "short");
        assert_eq!(brief("x".repeat(LONGEST)), "x".repeat(LONGEST));
        assert_eq!(brief("x".repeat(LONGEST + 1)), format!("{}…", "x".repeat(LONGEST)));
        assert_eq!(brief(format_args!("{}{}", "x".repeat(LONGEST - 1), "✓ and more")), format!("{}…", "x".repeat(499)));
        assert!(brief(format_args!("{:?}", "\u{7f}".repeat(30_000))).capacity() <= 1024);
    }
}
