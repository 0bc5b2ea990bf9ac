//! What a client without WebSockets sends: one POST after another, and at its end a DELETE, whatever version of HTTP carries
//! them. Must not know sockets.

use std::mem;

use anyhow::{Context as _, Result, ensure};

use crate::wire::{Header, Request};

/// The end of a connection for what the client sends.
#[derive(Debug, Default)]
pub(super) struct Posting {
    path: String,
    /// What goes with the next POST: the next begins when the last is answered.
    body: Vec<u8>,
    /// What has to be answered with which status, if a request is on its way.
    asked: Option<(&'static str, u16)>,
    /// Whether the client leaves, once all is sent.
    leaves: bool,
}

impl Posting {
    /// The connection has this path from now on.
    pub(super) fn begin(&mut self, path: String) {
        self.path = path;
    }

    /// What every request names.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Adds a message to what is sent.
    pub(super) fn put(&mut self, message: &[u8]) {
        self.body.extend_from_slice(message);
    }

    /// Nothing comes after what there is, but a DELETE.
    pub(super) fn leave(&mut self) {
        self.leaves = true;
    }

    /// Whether the DELETE has not been answered.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaves || self.asked.is_some()
    }

    /// Passes on the request that is due, unless one is on its way.
    pub(super) fn send(&mut self, put: impl FnOnce(&Request<'_>) -> Result<()>) -> Result<()> {
        let request = Request { method: "POST", path: &self.path, header: None, body: None };
        if self.asked.is_some() {
            return Ok(());
        }
        if !self.body.is_empty() {
            self.asked = Some(("a POST", 200));
            let header = Some((Header::ContentType, "text/plain;charset=UTF-8"));
            put(&Request { header, body: Some(&self.body), ..request })?;
            self.body.clear();
        } else if mem::take(&mut self.leaves) {
            self.asked = Some(("a DELETE", 202));
            put(&Request { method: "DELETE", ..request })?;
        }
        Ok(())
    }

    /// What the answer that comes is to, and its status.
    pub(super) fn asked(&self) -> Result<(&'static str, u16)> {
        self.asked.context("an answer to nothing")
    }

    /// The answer is there.
    pub(super) fn answered(&mut self) -> Result<()> {
        ensure!(self.asked.take().is_some(), "an answer to nothing");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Posting;

    /// What is sent now: the method and the body.
    fn sent(posting: &mut Posting) -> Option<(&'static str, Vec<u8>)> {
        let mut sent = None;
        let put = |request: &super::Request<'_>| {
            sent = Some((request.method, request.body.unwrap_or_default().to_vec()));
            Ok(())
        };
        posting.send(put).expect("nothing fails");
        sent
    }

    #[test]
    fn a_post_waits_for_the_answer_to_the_last() {
        let mut posting = Posting::default();
        assert_eq!(sent(&mut posting), None);
        posting.put(b"a");
        assert_eq!(sent(&mut posting), Some(("POST", b"a".to_vec())));
        posting.put(b"b");
        posting.put(b"c");
        posting.leave();
        assert_eq!(sent(&mut posting), None);
        posting.answered().expect("it was asked");
        assert_eq!(sent(&mut posting), Some(("POST", b"bc".to_vec())));
        posting.answered().expect("it was asked");
        assert_eq!(sent(&mut posting), Some(("DELETE", Vec::new())));
        assert!(posting.is_leaving());
        assert_eq!(posting.asked().expect("it was asked").1, 202);
        posting.answered().expect("it was asked");
        assert!(!posting.is_leaving());
        posting.answered().expect_err("nothing was asked");
    }
}
