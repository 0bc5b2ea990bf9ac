//! Checks that a text message is UTF-8 while it comes in pieces, at any cut, without keeping the message.

use std::str;

/// The check of one message: remembers the first bytes of a character that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Utf8Check {
    partial: [u8; 4],
    len: usize,
}

impl Utf8Check {
    /// Checks the next bytes. Returns `false` as soon as no continuation could make them UTF-8.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> bool {
        if self.len == 0 && bytes.is_ascii() {
            return true;
        }
        while self.len > 0 {
            let Some((&byte, rest)) = bytes.split_first() else { return true };
            bytes = rest;
            self.partial[self.len] = byte;
            self.len += 1;
            match str::from_utf8(&self.partial[..self.len]) {
                Ok(_) => self.len = 0,
                Err(error) if error.error_len().is_some() => return false,
                // A prefix of a character is at most three bytes long, so there is room for the next one.
                Err(_) => {}
            }
        }
        match str::from_utf8(bytes) {
            Ok(_) => true,
            Err(error) if error.error_len().is_some() => false,
            Err(error) => {
                let tail = &bytes[error.valid_up_to()..];
                self.partial[..tail.len()].copy_from_slice(tail);
                self.len = tail.len();
                true
            }
        }
    }

    /// Whether the message may end here.
    pub(super) fn is_complete(&self) -> bool {
        self.len == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytewise(bytes: &[u8]) -> bool {
        let mut check = Utf8Check::default();
        bytes.iter().all(|byte| check.feed(&[*byte])) && check.is_complete()
    }

    #[test]
    fn agrees_with_std_at_every_cut() {
        let long = "κόσμε 𐀀 ✓ end".as_bytes();
        let cases: &[&[u8]] = &[
            long,
            b"",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xc0\xaf",
            b"a\xff",
            b"\xe2\x82",
            b"\xf0\x9f\x98",
            b"\xf0\x9f\x98\x80",
            b"\x80",
        ];
        for case in cases {
            let expected = str::from_utf8(case).is_ok();
            assert_eq!(bytewise(case), expected, "{case:x?}");
            for cut in 0..=case.len() {
                let mut check = Utf8Check::default();
                let ok = check.feed(&case[..cut]) && check.feed(&case[cut..]) && check.is_complete();
                assert_eq!(ok, expected, "{case:x?} cut at {cut}");
            }
        }
    }
}
