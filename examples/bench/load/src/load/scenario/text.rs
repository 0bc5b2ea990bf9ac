//! The texts of calls: each has the number of its sender and its own, so that no two are the same.

/// Digits of one number.
const DIGITS: usize = 16;
/// The shortest text that has room for both numbers.
pub(super) const SHORTEST: usize = 2 * DIGITS;

/// A text that is written over for each call.
#[derive(Debug)]
pub(super) struct Text(Vec<u8>);

impl Text {
    pub(super) fn new(bytes: usize) -> Self {
        Self((b'a'..=b'z').cycle().take(bytes.max(SHORTEST)).collect())
    }

    /// The text of call `number` of `sender`.
    pub(super) fn of(&mut self, sender: usize, number: u64) -> &[u8] {
        put_digits(&mut self.0[..DIGITS], sender as u64);
        put_digits(&mut self.0[DIGITS..SHORTEST], number);
        &self.0
    }

    /// The sender and the number of this text; `None` if it is none of the scenario's.
    pub(super) fn parse(&self, text: &[u8]) -> Option<(usize, u64)> {
        if text.len() != self.0.len() || text[SHORTEST..] != self.0[SHORTEST..] {
            return None;
        }
        Some((usize::try_from(digits(&text[..DIGITS])?).ok()?, digits(&text[DIGITS..SHORTEST])?))
    }
}

fn put_digits(out: &mut [u8], mut number: u64) {
    for byte in out.iter_mut().rev() {
        *byte = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
    }
}

fn digits(text: &[u8]) -> Option<u64> {
    text.iter().try_fold(0, |number, byte| Some(number << 4 | u64::from((*byte as char).to_digit(16)?)))
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_text_tells_whose_it_is() {
        let mut text = Text::new(64);
        let first = text.of(3, 700).to_vec();
        assert_eq!(text.parse(&first), Some((3, 700)));
        assert_ne!(text.of(3, 701), first);
        assert_eq!(text.parse(&first[..63]), None);
        let mut wrong = first;
        wrong[50] = b'!';
        assert_eq!(text.parse(&wrong), None);
    }
}
