//! An HTTP request, whatever version carries it, and how HTTP/1.1 writes it. Owns syntax alone; must not know sockets or what is
//! answered.

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'static str,
    pub(crate) path: &'a str,
    /// A header of its own, if it has any.
    pub(crate) header: Option<(Header, &'a str)>,
    /// What goes along, with its length.
    pub(crate) body: Option<&'a [u8]>,
}

/// The name of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    Accept,
    ContentType,
}

/// What every request names as its server.
pub(crate) const HOST: &str = "127.0.0.1";

impl Request<'_> {
    /// Appends it as HTTP/1.1 has it.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        for part in [self.method, " ", self.path, " HTTP/1.1\r\nHost: ", HOST, "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        if let Some((name, value)) = self.header {
            let name = match name {
                Header::Accept => "Accept: ",
                Header::ContentType => "Content-Type: ",
            };
            for part in [name, value, "\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        if let Some(body) = self.body {
            out.extend_from_slice(b"Content-Length: ");
            super::put_number(out, body.len() as u64);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(self.body.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, Request};

    #[test]
    fn requests_are_written_as_http_1_1_has_them() {
        let mut out = Vec::new();
        let header = Some((Header::ContentType, "text/plain"));
        Request { method: "POST", path: "/hub?id=1", header, body: Some(b"abc") }.put(&mut out);
        Request { method: "GET", path: "/", header: Some((Header::Accept, "*/*")), body: None }.put(&mut out);
        let text = "POST /hub?id=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc\
                    GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n";
        assert_eq!(String::from_utf8(out).expect("text"), text);
    }
}
