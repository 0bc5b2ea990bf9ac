//! Members of a JSON object without building it: costs the generator less than any server's parser costs the server.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use memchr::memchr2;

use super::Scalar;

/// The members of an object: name and value, both as they are written.
pub(crate) struct Members<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Members<'a> {
    pub(crate) fn of(text: &'a [u8]) -> Result<Self> {
        let at = spaces(text, 0);
        if text.get(at) != Some(&b'{') {
            bail!("no JSON object: {}", String::from_utf8_lossy(&text[..text.len().min(80)]));
        }
        Ok(Self { text, at: spaces(text, at + 1) })
    }

    /// The next member; none at the object's end.
    pub(crate) fn next(&mut self) -> Result<Option<(&'a [u8], &'a [u8])>> {
        let text = self.text;
        match text.get(self.at) {
            Some(b'}') => return Ok(None),
            Some(b',') => self.at = spaces(text, self.at + 1),
            _ => {}
        }
        let name_end = string_end(text, self.at).context("a JSON member has no name")?;
        let name = &text[self.at + 1..name_end - 1];
        let colon = spaces(text, name_end);
        if text.get(colon) != Some(&b':') {
            bail!("a JSON member has no colon");
        }
        let start = spaces(text, colon + 1);
        let end = value_end(text, start).context("a JSON value has no end")?;
        self.at = spaces(text, end);
        match text.get(self.at) {
            Some(b',' | b'}') => Ok(Some((name, &text[start..end]))),
            _ => bail!("a JSON object has no end"),
        }
    }
}

/// What a value is.
pub(crate) fn scalar(value: &[u8]) -> Scalar<'_> {
    match value {
        [] | b"null" => Scalar::Absent,
        [b'"', text @ .., b'"'] if !text.contains(&b'\\') => Scalar::Text(Cow::Borrowed(text)),
        [b'"', ..] => serde_json::from_slice::<String>(value)
            .map_or(Scalar::Other, |text| Scalar::Text(Cow::Owned(text.into_bytes()))),
        _ => std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).map_or(Scalar::Other, Scalar::Integer),
    }
}

/// The first element of an array.
pub(crate) fn first_element(array: &[u8]) -> Scalar<'_> {
    if array.first() == Some(&b'[') { element_at(array, 1) } else { Scalar::Other }
}

/// The element of an array that begins at `at`, or after spaces.
pub(crate) fn element_at(array: &[u8], at: usize) -> Scalar<'_> {
    let start = spaces(array, at);
    match value_end(array, start) {
        Some(end) => scalar(&array[start..end]),
        None => Scalar::Other,
    }
}

fn spaces(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// Where the string that begins at `at` ends.
pub(crate) fn string_end(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let mut from = at + 1;
    loop {
        let found = from + memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[found] == b'"' {
            return Some(found + 1);
        }
        from = found + 2;
    }
}

fn value_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => string_end(text, at),
        b'{' | b'[' => nested_end(text, at),
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
            Some(at + text[at..].iter().position(ends)?)
        }
    }
}

fn nested_end(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_u32;
    loop {
        match text.get(at)? {
            b'"' => {
                at = string_end(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}
