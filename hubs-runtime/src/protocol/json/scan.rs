//! A cursor over JSON text that finds where values start and end without building them. It checks the grammar but not
//! what is inside strings: that is checked where a value is decoded. The text is UTF-8 as a whole, so that is not
//! checked again.

use std::borrow::Cow;

use super::surrogates;
use crate::protocol::ProtocolError;

/// How deep values may nest, the message itself included.
const MAX_DEPTH: usize = 64;

/// Strings mostly end within so many bytes; a search that pays off for long ones costs more than looking at these.
const SHORT_STRING: usize = 32;

pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

/// A string with its quotes.
#[derive(Clone, Copy)]
pub(super) struct Quoted<'a> {
    text: &'a str,
    escaped: bool,
}

impl<'a> Quoted<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.text.len() == 2
    }

    /// What is between the quotes, if it needs no decoding.
    pub(super) fn plain(self) -> Option<&'a str> {
        (!self.escaped).then(|| &self.text[1..self.text.len() - 1])
    }

    pub(super) fn decode(self) -> Result<Cow<'a, str>, Broken> {
        match self.plain() {
            Some(plain) => Ok(Cow::Borrowed(plain)),
            None => decode_escaped(self.text).map(Cow::Owned),
        }
    }
}

/// The text of a string with escapes. Half a surrogate pair in it reads as U+FFFD.
fn decode_escaped(quoted: &str) -> Result<String, Broken> {
    let read = serde_json::from_str(quoted).ok();
    let read = read.or_else(|| serde_json::from_str(&surrogates::replaced(quoted)?).ok());
    read.ok_or(Broken)
}

/// This is no JSON. Without a size, so that what may fail with it returns in registers.
#[derive(Debug)]
pub(super) struct Broken;

impl From<Broken> for ProtocolError {
    fn from(_: Broken) -> Self {
        Self::invalid("Error reading JSON.")
    }
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, depth: 0 }
    }

    /// The next byte that is not white space, without taking it.
    pub(super) fn peek(&mut self) -> Result<u8, Broken> {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => self.peek_past_space(),
        }
    }

    #[cold]
    fn peek_past_space(&mut self) -> Result<u8, Broken> {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let rest = self.bytes.get(self.at..).ok_or(Broken)?;
        let spaces = rest.iter().position(|byte| !is_space(byte)).ok_or(Broken)?;
        self.at += spaces;
        Ok(rest[spaces])
    }

    fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.peek()? != byte {
            return Err(Broken);
        }
        self.at += 1;
        Ok(())
    }

    /// Takes `open`. The matching [`Scanner::more`] says whether a first member follows.
    pub(super) fn enter(&mut self, open: u8) -> Result<(), Broken> {
        self.expect(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Broken) } else { Ok(()) }
    }

    /// Takes the comma before the next member, or the closing bracket.
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, Broken> {
        let next = self.peek()?;
        if next == close {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !first {
            self.expect(b',')?;
            if self.peek()? == close {
                return Err(Broken);
            }
        }
        Ok(true)
    }

    /// Takes `literal` if that is what comes next.
    pub(super) fn take(&mut self, literal: &[u8]) -> bool {
        let is_next = self.bytes[self.at..].starts_with(literal);
        if is_next {
            self.at += literal.len();
        }
        is_next
    }

    /// Whether `literal` comes next, and nothing after it.
    pub(super) fn is_last(&self, literal: &[u8]) -> bool {
        &self.bytes[self.at..] == literal
    }

    /// Whether there is one value and nothing else, `depth` deep inside of others.
    pub(super) fn holds_one_value(mut self, depth: usize) -> bool {
        self.depth = depth;
        self.value().is_ok() && self.is_last(b"")
    }

    /// Takes a member's name and its colon if `known` finds one there, and tells how long it is.
    pub(super) fn known_key<K>(&mut self, known: impl FnOnce(&[u8]) -> Option<(K, usize)>) -> Option<K> {
        let (key, len) = known(self.bytes.get(self.at..)?)?;
        self.at += len;
        Some(key)
    }

    /// Takes a number of one digit, if that is what comes next, and another member or the end follows.
    pub(super) fn digit(&mut self) -> Option<u8> {
        match self.bytes.get(self.at..)? {
            [digit @ b'0'..=b'9', b',' | b'}', ..] => {
                self.at += 1;
                Some(digit - b'0')
            }
            _ => None,
        }
    }

    /// Takes a member's name and its colon.
    pub(super) fn key(&mut self) -> Result<Quoted<'a>, Broken> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// Takes a string.
    pub(super) fn string(&mut self) -> Result<Quoted<'a>, Broken> {
        self.peek()?;
        let start = self.at;
        let escaped = self.skip_string()?;
        Ok(Quoted { text: &self.text[start..self.at], escaped })
    }

    /// Takes a string; tells whether it has escapes.
    fn skip_string(&mut self) -> Result<bool, Broken> {
        self.expect(b'"')?;
        let mut escaped = false;
        loop {
            self.at += quote_or_escape(self.bytes.get(self.at..).ok_or(Broken)?).ok_or(Broken)? + 1;
            if self.bytes[self.at - 1] == b'"' {
                return Ok(escaped);
            }
            escaped = true;
            self.at += 1;
        }
    }

    /// Takes any value and tells where it lies.
    pub(super) fn value(&mut self) -> Result<&'a str, Broken> {
        let first = self.peek()?;
        let start = self.at;
        match first {
            b'"' => {
                self.skip_string()?;
            }
            b'{' => self.object()?,
            b'[' => {
                self.elements()?;
            }
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(Broken),
        }
        Ok(&self.text[start..self.at])
    }

    /// Takes an array and tells where its elements lie, without the brackets, and how many they are.
    pub(super) fn elements(&mut self) -> Result<(&'a str, usize), Broken> {
        self.enter(b'[')?;
        let start = self.at;
        let mut count = 0;
        while self.more(count == 0, b']')? {
            self.value()?;
            count += 1;
        }
        Ok((&self.text[start..self.at - 1], count))
    }

    fn object(&mut self) -> Result<(), Broken> {
        self.enter(b'{')?;
        let mut first = true;
        while self.more(first, b'}')? {
            self.skip_string()?;
            self.expect(b':')?;
            self.value()?;
            first = false;
        }
        Ok(())
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Broken> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(Broken);
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Broken> {
        let rest = &self.bytes[self.at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let follows = rest.get(digits);
        // Most numbers are small and plain.
        if matches!(follows, None | Some(b',' | b'}' | b']')) && digits > 0 && (rest[0] != b'0' || digits == 1) {
            self.at += digits;
            return Ok(());
        }
        self.any_number()
    }

    #[cold]
    fn any_number(&mut self) -> Result<(), Broken> {
        let rest = &self.bytes[self.at..];
        let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let len = rest.iter().take_while(is_part).count();
        self.at += len;
        // The scanner only has to know where it ends; serde_json knows the grammar of numbers.
        serde_json::from_slice::<serde::de::IgnoredAny>(&rest[..len]).map(drop).map_err(|_| Broken)
    }
}

/// Where the first quote or backslash is.
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < SHORT_STRING
        && let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk)
    {
        let found = marks(*word);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(b'"', b'\\', &bytes[at..]).map(|found| at + found)
}

/// The high bit of the first byte that is a quote or a backslash is set, and no bit before it.
fn marks(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let word = u64::from_le_bytes(word);
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_quote_or_backslash_is_found_wherever_it_is() {
        for len in 0..80 {
            let mut bytes = vec![b'#'; len];
            assert_eq!(quote_or_escape(&bytes), None, "{len}");
            for at in (0..len).rev() {
                bytes[at] = if at % 2 == 0 { b'"' } else { b'\\' };
                assert_eq!(quote_or_escape(&bytes), Some(at), "{at} of {len}");
            }
        }
    }
}
