//! What nodes send each other: the envelopes of ASP.NET Core's package for Redis, in MessagePack, to the byte. A reader
//! takes more items than it knows, and any order of a map.

use bytes::Bytes;
use rmp::{decode, encode};

/// An envelope that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an envelope of another node cannot be read")]
pub(crate) struct Malformed;

/// A call of clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// Connections that do not get it.
    pub(crate) excluded: Vec<String>,
    /// The framed message, by the name of its protocol.
    pub(crate) blobs: Vec<(String, Bytes)>,
    /// Who waits for a result.
    pub(crate) asker: Option<Asker>,
}

/// Who waits for the result of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asker {
    pub(crate) invocation_id: String,
    /// Where the answer goes.
    pub(crate) channel: String,
}

/// Asks the node of a connection to add it to a group, or to remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupCommand {
    pub(crate) id: i64,
    /// Who asks.
    pub(crate) node: String,
    pub(crate) action: i64,
    pub(crate) group: String,
    pub(crate) connection: String,
}

/// The actions of a [`GroupCommand`].
pub(crate) const ADD: i64 = 1;
pub(crate) const REMOVE: i64 = 2;

/// The answer of a client, which another node has asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) protocol: String,
    /// The framed message.
    pub(crate) message: Bytes,
}

impl Invocation {
    pub(crate) fn write(&self) -> Bytes {
        let size: usize = self.blobs.iter().map(|(name, blob)| name.len() + blob.len() + 8).sum();
        let mut out = Vec::with_capacity(64 + size);
        array(&mut out, if self.asker.is_some() { 4 } else { 2 });
        array(&mut out, self.excluded.len());
        self.excluded.iter().for_each(|id| text(&mut out, id));
        let _ = encode::write_map_len(&mut out, length(self.blobs.len()));
        for (name, blob) in &self.blobs {
            text(&mut out, name);
            let _ = encode::write_bin(&mut out, blob);
        }
        if let Some(Asker { invocation_id, channel }) = &self.asker {
            text(&mut out, invocation_id);
            text(&mut out, channel);
        }
        out.into()
    }

    pub(crate) fn read(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let items = reader.array()?;
        let excluded = (0..reader.array()?).map(|_| reader.text()).collect::<Result<_, _>>()?;
        let blobs = (0..reader.map()?).map(|_| Ok((reader.text()?, reader.binary()?))).collect::<Result<_, _>>()?;
        let asker = match items {
            0 | 1 => return Err(Malformed),
            2 | 3 => None,
            _ => Some(Asker { invocation_id: reader.text()?, channel: reader.text()? }),
        };
        Ok(Self { excluded, blobs, asker })
    }
}

impl GroupCommand {
    pub(crate) fn write(&self) -> Bytes {
        let mut out = Vec::with_capacity(64);
        array(&mut out, 5);
        integer(&mut out, self.id);
        text(&mut out, &self.node);
        integer(&mut out, self.action);
        text(&mut out, &self.group);
        text(&mut out, &self.connection);
        out.into()
    }

    pub(crate) fn read(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        reader.array_of(5)?;
        let (id, node, action) = (reader.integer()?, reader.text()?, reader.integer()?);
        Ok(Self { id, node, action, group: reader.text()?, connection: reader.text()? })
    }
}

/// A group command was done.
pub(crate) fn write_ack(id: i64) -> Bytes {
    let mut out = Vec::with_capacity(10);
    array(&mut out, 1);
    integer(&mut out, id);
    out.into()
}

/// The id of the command that was done.
pub(crate) fn read_ack(payload: &Bytes) -> Result<i64, Malformed> {
    let mut reader = Reader::new(payload);
    reader.array_of(1)?;
    reader.integer()
}

impl Completion {
    pub(crate) fn write(&self) -> Bytes {
        let mut out = Vec::with_capacity(32 + self.message.len());
        array(&mut out, 2);
        text(&mut out, &self.protocol);
        let _ = encode::write_bin(&mut out, &self.message);
        out.into()
    }

    pub(crate) fn read(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        reader.array_of(2)?;
        Ok(Self { protocol: reader.text()?, message: reader.binary()? })
    }
}

// Writing into memory cannot fail.

fn array(out: &mut Vec<u8>, len: usize) {
    let _ = encode::write_array_len(out, length(len));
}

fn text(out: &mut Vec<u8>, text: &str) {
    let _ = encode::write_str(out, text);
}

fn integer(out: &mut Vec<u8>, value: i64) {
    let _ = encode::write_sint(out, value);
}

fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Reads one value after the other.
struct Reader<'a> {
    payload: &'a Bytes,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn new(payload: &'a Bytes) -> Self {
        Self { payload, rest: payload }
    }

    fn array(&mut self) -> Result<u32, Malformed> {
        decode::read_array_len(&mut self.rest).map_err(|_| Malformed)
    }

    /// An array of so many items, or more.
    fn array_of(&mut self, items: u32) -> Result<(), Malformed> {
        if self.array()? >= items { Ok(()) } else { Err(Malformed) }
    }

    fn map(&mut self) -> Result<u32, Malformed> {
        decode::read_map_len(&mut self.rest).map_err(|_| Malformed)
    }

    fn integer(&mut self) -> Result<i64, Malformed> {
        decode::read_int(&mut self.rest).map_err(|_| Malformed)
    }

    fn text(&mut self) -> Result<String, Malformed> {
        let (text, rest) = decode::read_str_from_slice(self.rest).map_err(|_| Malformed)?;
        self.rest = rest;
        Ok(text.to_owned())
    }

    fn binary(&mut self) -> Result<Bytes, Malformed> {
        let len = decode::read_bin_len(&mut self.rest).map_err(|_| Malformed)?;
        let (binary, rest) = self.rest.split_at_checked(len as usize).ok_or(Malformed)?;
        self.rest = rest;
        Ok(self.payload.slice_ref(binary))
    }
}
