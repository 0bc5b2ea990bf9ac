//! The header blocks of HTTP/2 (HPACK), as far as a load needs them: a request is written without tables and without Huffman's
//! code; of an answer the status alone is read, which comes first. Must not know frames.

use anyhow::{Context as _, Result, bail};

use super::request::{HOST, Header, Request};

/// Places in HPACK's static table: of whole fields,
const POST: u8 = 3;
const GET: u8 = 2;
const SCHEME_HTTP: u8 = 6;
/// and of names.
const AUTHORITY: u8 = 1;
const METHOD: u8 = 2;
const PATH: u8 = 4;
const ACCEPT: u8 = 19;
const CONTENT_LENGTH: u8 = 28;
const CONTENT_TYPE: u8 = 31;

/// The first byte of a field that is in a table.
const INDEXED: u8 = 0x80;

/// What the static table has as `:status`, from its place 8 on.
const STATUSES: [u16; 7] = [200, 204, 206, 304, 400, 404, 500];

/// Appends the block of a request.
pub(super) fn put_request(out: &mut Vec<u8>, request: &Request<'_>) {
    match request.method {
        "GET" => out.push(INDEXED | GET),
        "POST" => out.push(INDEXED | POST),
        other => put_field(out, METHOD, other.as_bytes()),
    }
    out.push(INDEXED | SCHEME_HTTP);
    put_field(out, AUTHORITY, HOST.as_bytes());
    put_field(out, PATH, request.path.as_bytes());
    if let Some((name, value)) = request.header {
        let name = match name {
            Header::Accept => ACCEPT,
            Header::ContentType => CONTENT_TYPE,
        };
        put_field(out, name, value.as_bytes());
    }
    if let Some(body) = request.body {
        put_field(out, CONTENT_LENGTH, itoa::Buffer::new().format(body.len()).as_bytes());
    }
}

/// Appends a field that the reader keeps in no table.
fn put_field(out: &mut Vec<u8>, name: u8, value: &[u8]) {
    put_integer(out, 0x0f, name.into());
    put_integer(out, 0x7f, value.len());
    out.extend_from_slice(value);
}

/// Appends a number that begins in the low bits of a byte, whose other bits are 0.
fn put_integer(out: &mut Vec<u8>, low: u8, number: usize) {
    let Some(mut rest) = number.checked_sub(low.into()) else { return out.push(number as u8) };
    out.push(low);
    while rest >= 0x80 {
        out.push(0x80 | rest as u8);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// The status of the answer that has this block.
pub(crate) fn status(block: &[u8]) -> Result<u16> {
    match block {
        [indexed @ 0x88..=0x8e, ..] => Ok(STATUSES[usize::from(indexed - 0x88)]),
        // As a text after its name: for a table, for none, or never for any.
        [0x48..=0x4e | 0x08..=0x0e | 0x18..=0x1e, length, rest @ ..] => {
            let text = rest.get(..usize::from(length & 0x7f)).context("a status is cut short")?;
            let digits = if length & 0x80 == 0 { std::str::from_utf8(text)?.to_owned() } else { digits(text)? };
            digits.parse().with_context(|| format!("{digits:?} is no status"))
        }
        _ => bail!("an answer does not begin with its status: {block:02x?}"),
    }
}

/// Three digits in Huffman's code: 0, 1 and 2 have five bits, the others six.
fn digits(text: &[u8]) -> Result<String> {
    let mut bits = text.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let mut digits = String::new();
    for _ in 0..3 {
        let mut code = 0;
        for _ in 0..5 {
            code = code << 1 | bits.next().context("a status is cut short")?;
        }
        if code > 2 {
            code = code << 1 | bits.next().context("a status is cut short")?;
        }
        match code {
            0..=2 => digits.push(char::from(b'0' + code)),
            0x19..=0x1f => digits.push(char::from(b'3' + code - 0x19)),
            _ => bail!("a status has something else than digits: {text:02x?}"),
        }
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::{Header, Request, put_integer, put_request, status};

    #[test]
    fn a_request_needs_no_table() {
        let mut out = Vec::new();
        let header = Some((Header::ContentType, "text/plain"));
        put_request(&mut out, &Request { method: "POST", path: "/hub?id=1", header, body: Some(b"abc") });
        let mut wanted = b"\x83\x86\x01\x09127.0.0.1\x04\x09/hub?id=1\x0f\x10\x0atext/plain".to_vec();
        wanted.extend(b"\x0f\x0d\x013");
        assert_eq!(out, wanted);
        out.clear();
        put_request(&mut out, &Request { method: "DELETE", path: "/", header: None, body: None });
        assert_eq!(out, b"\x02\x06DELETE\x86\x01\x09127.0.0.1\x04\x01/");
    }

    #[test]
    fn numbers_are_those_of_the_standard() {
        // RFC 7541, C.1
        for (low, number, wanted) in [(0x1f, 10, &[10][..]), (0x1f, 1337, &[31, 154, 10]), (0x7f, 127, &[127, 0])] {
            let mut out = Vec::new();
            put_integer(&mut out, low, number);
            assert_eq!(out, wanted, "{number}");
        }
    }

    #[test]
    fn a_status_is_read_in_each_form() {
        for (block, wanted) in [
            (&[0x88, 0x76][..], 200),
            (&[0x89], 204),
            (&[0x8e], 500),
            // RFC 7541, C.6.1 and C.6.2
            (&[0x48, 0x82, 0x64, 0x02, 0x58], 302),
            (&[0x48, 0x83, 0x64, 0x0e, 0xff], 307),
            (&[0x48, 0x82, 0x10, 0x05], 202),
            (b"\x08\x03503", 503),
        ] {
            assert_eq!(status(block).expect("a status"), wanted);
        }
        for wrong in [&[][..], &[0x40, 0x01], &[0xbe], &[0x48, 0x83, 0x64], &[0x48, 0x82, 0xff, 0xff], b"\x08\x01x"] {
            status(wrong).expect_err("no status");
        }
    }
}
