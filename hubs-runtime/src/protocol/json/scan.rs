//! A cursor over JSON text that finds where values start and end without building them. It checks the grammar but not
//! what is inside strings: whoever decodes a value does that.

use std::{borrow::Cow, ops::Range};

use crate::protocol::ProtocolError;

/// How deep values may nest, the message itself included.
const MAX_DEPTH: usize = 64;

pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

fn broken() -> ProtocolError {
    ProtocolError::invalid("Error reading JSON.")
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// The next byte that is not white space, without taking it.
    pub(super) fn peek(&mut self) -> Result<u8, ProtocolError> {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                _ => return Ok(*byte),
            }
        }
        Err(broken())
    }

    fn expect(&mut self, byte: u8) -> Result<(), ProtocolError> {
        if self.peek()? != byte {
            return Err(broken());
        }
        self.at += 1;
        Ok(())
    }

    /// Takes `open`. The matching [`Scanner::more`] says whether a first member follows.
    pub(super) fn enter(&mut self, open: u8) -> Result<(), ProtocolError> {
        self.expect(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(broken()) } else { Ok(()) }
    }

    /// Takes the comma before the next member, or the closing bracket.
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, ProtocolError> {
        let next = self.peek()?;
        if next == close {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if !first {
            self.expect(b',')?;
            if self.peek()? == close {
                return Err(broken());
            }
        }
        Ok(true)
    }

    /// Takes a member's name and its colon.
    pub(super) fn key(&mut self) -> Result<Cow<'a, str>, ProtocolError> {
        let key = self.string()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// Takes a string and decodes it.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, ProtocolError> {
        let (span, escaped) = self.string_span()?;
        let bytes = &self.bytes[span];
        if escaped {
            return serde_json::from_slice(bytes).map(Cow::Owned).map_err(|_| broken());
        }
        let inner = &bytes[1..bytes.len() - 1];
        std::str::from_utf8(inner).map(Cow::Borrowed).map_err(|_| broken())
    }

    /// Takes a string; tells whether it has escapes.
    fn string_span(&mut self) -> Result<(Range<usize>, bool), ProtocolError> {
        self.expect(b'"')?;
        let start = self.at - 1;
        let mut escaped = false;
        loop {
            let found = memchr::memchr2(b'"', b'\\', &self.bytes[self.at..]).ok_or_else(broken)?;
            self.at += found + 1;
            if self.bytes[self.at - 1] == b'"' {
                return Ok((start..self.at, escaped));
            }
            escaped = true;
            self.at += 1;
            if self.at > self.bytes.len() {
                return Err(broken());
            }
        }
    }

    /// Takes any value and tells where it lies.
    pub(super) fn value(&mut self) -> Result<&'a [u8], ProtocolError> {
        let first = self.peek()?;
        let start = self.at;
        match first {
            b'"' => {
                self.string_span()?;
            }
            b'{' => self.object()?,
            b'[' => {
                self.elements()?;
            }
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(broken()),
        }
        Ok(&self.bytes[start..self.at])
    }

    /// Takes an array and tells where its elements lie, without the brackets, and how many they are.
    pub(super) fn elements(&mut self) -> Result<(&'a [u8], usize), ProtocolError> {
        self.enter(b'[')?;
        let start = self.at;
        let mut count = 0;
        while self.more(count == 0, b']')? {
            self.value()?;
            count += 1;
        }
        Ok((&self.bytes[start..self.at - 1], count))
    }

    fn object(&mut self) -> Result<(), ProtocolError> {
        self.enter(b'{')?;
        let mut first = true;
        while self.more(first, b'}')? {
            self.string_span()?;
            self.expect(b':')?;
            self.value()?;
            first = false;
        }
        Ok(())
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), ProtocolError> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(broken());
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), ProtocolError> {
        let rest = &self.bytes[self.at..];
        let len = rest
            .iter()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(rest.len());
        self.at += len;
        // The scanner only has to know where it ends; serde_json knows the grammar of numbers.
        serde_json::from_slice::<serde::de::IgnoredAny>(&rest[..len]).map(drop).map_err(|_| broken())
    }
}
