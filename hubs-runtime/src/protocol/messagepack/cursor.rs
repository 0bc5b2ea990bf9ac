//! A strict cursor over MessagePack: one token at a time, borrowed from the peer's bytes. It never allocates, and
//! believes no length that the bytes left cannot hold.

use rmp::Marker;

/// Why bytes are no MessagePack, or none that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("the bytes end inside a value")]
    End,
    #[error("0xc1 starts no value")]
    Reserved,
    #[error("values nest deeper than {}", super::MAX_DEPTH)]
    Depth,
}

/// One value, or the head of an array or map whose members follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    /// Below zero, or written as a signed integer.
    Signed(i64),
    F32(f32),
    F64(f64),
    /// Not checked to be UTF-8.
    Text(&'a [u8]),
    Binary(&'a [u8]),
    /// So many values follow.
    Array(usize),
    /// So many pairs of values follow.
    Map(usize),
    Extension(i8, &'a [u8]),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn token(&mut self) -> Result<Token<'a>, Broken> {
        let [marker] = self.array()?;
        Ok(match Marker::from_u8(marker) {
            Marker::Null => Token::Nil,
            Marker::False => Token::Bool(false),
            Marker::True => Token::Bool(true),
            Marker::Reserved => return Err(Broken::Reserved),
            Marker::FixPos(value) => Token::Unsigned(value.into()),
            Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => Token::Unsigned(self.unsigned(1 << (marker & 3))?),
            Marker::FixNeg(value) => Token::Signed(value.into()),
            Marker::I8 => Token::Signed(i8::from_be_bytes(self.array()?).into()),
            Marker::I16 => Token::Signed(i16::from_be_bytes(self.array()?).into()),
            Marker::I32 => Token::Signed(i32::from_be_bytes(self.array()?).into()),
            Marker::I64 => Token::Signed(i64::from_be_bytes(self.array()?)),
            Marker::F32 => Token::F32(f32::from_be_bytes(self.array()?)),
            Marker::F64 => Token::F64(f64::from_be_bytes(self.array()?)),
            Marker::FixStr(len) => Token::Text(self.bytes(len.into())?),
            Marker::Str8 | Marker::Str16 | Marker::Str32 => Token::Text(self.sized(1 << (marker - 0xd9))?),
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => Token::Binary(self.sized(1 << (marker - 0xc4))?),
            Marker::FixArray(len) => self.members(len.into(), 1)?,
            Marker::Array16 | Marker::Array32 => {
                let len = self.unsigned(2 << (marker - 0xdc))?;
                self.members(len, 1)?
            }
            Marker::FixMap(len) => self.members(len.into(), 2)?,
            Marker::Map16 | Marker::Map32 => {
                let len = self.unsigned(2 << (marker - 0xde))?;
                self.members(len, 2)?
            }
            Marker::FixExt1 | Marker::FixExt2 | Marker::FixExt4 | Marker::FixExt8 | Marker::FixExt16 => {
                self.extension(1 << (marker - 0xd4))?
            }
            Marker::Ext8 | Marker::Ext16 | Marker::Ext32 => {
                let len = self.unsigned(1 << (marker - 0xc7))?;
                self.extension(len)?
            }
        })
    }

    /// Takes one value, whatever it is, that nests at most `depth` deep, and gives its bytes.
    pub(super) fn value(&mut self, depth: usize) -> Result<&'a [u8], Broken> {
        let before = self.rest;
        self.skip(depth)?;
        Ok(&before[..before.len() - self.rest.len()])
    }

    pub(super) fn skip(&mut self, depth: usize) -> Result<(), Broken> {
        let members = match self.token()? {
            Token::Array(len) => len,
            Token::Map(len) => 2 * len,
            _ => return Ok(()),
        };
        let depth = depth.checked_sub(1).ok_or(Broken::Depth)?;
        (0..members).try_for_each(|_| self.skip(depth))
    }

    /// The head of an array (`each` is 1) or map (2). A member takes a byte at least.
    fn members(&self, len: u64, each: u64) -> Result<Token<'a>, Broken> {
        let len = usize::try_from(len * each).ok().filter(|members| *members <= self.rest.len()).ok_or(Broken::End)?;
        Ok(if each == 1 { Token::Array(len) } else { Token::Map(len / 2) })
    }

    fn extension(&mut self, len: u64) -> Result<Token<'a>, Broken> {
        let kind = i8::from_be_bytes(self.array()?);
        Ok(Token::Extension(kind, self.bytes(len)?))
    }

    /// What follows its own length, which takes `width` bytes.
    fn sized(&mut self, width: usize) -> Result<&'a [u8], Broken> {
        let len = self.unsigned(width)?;
        self.bytes(len)
    }

    /// An integer of `width` bytes, 8 at most.
    fn unsigned(&mut self, width: usize) -> Result<u64, Broken> {
        let bytes = self.rest.get(..width).ok_or(Broken::End)?;
        self.rest = &self.rest[width..];
        Ok(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn bytes(&mut self, len: u64) -> Result<&'a [u8], Broken> {
        let len = usize::try_from(len).map_err(|_| Broken::End)?;
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Broken::End)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Broken::End)?;
        self.rest = rest;
        Ok(*taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(bytes: &[u8]) -> Result<Token<'_>, Broken> {
        let mut cursor = Cursor::new(bytes);
        let token = cursor.token()?;
        assert!(cursor.rest().is_empty(), "{bytes:02x?}");
        Ok(token)
    }

    #[test]
    fn every_marker_is_known() {
        let table: [(&[u8], Token<'_>); 32] = [
            (&[0x7f], Token::Unsigned(127)),
            (&[0xe0], Token::Signed(-32)),
            (&[0xc0], Token::Nil),
            (&[0xc2], Token::Bool(false)),
            (&[0xc3], Token::Bool(true)),
            (&[0xcc, 1], Token::Unsigned(1)),
            (&[0xcd, 1, 0], Token::Unsigned(256)),
            (&[0xce, 1, 0, 0, 0], Token::Unsigned(1 << 24)),
            (&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255], Token::Unsigned(u64::MAX)),
            (&[0xd0, 0x80], Token::Signed(-128)),
            (&[0xd1, 0, 1], Token::Signed(1)),
            (&[0xd2, 255, 255, 255, 255], Token::Signed(-1)),
            (&[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], Token::Signed(i64::MIN)),
            (&[0xca, 0x3f, 0xc0, 0, 0], Token::F32(1.5)),
            (&[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], Token::F64(1.5)),
            (&[0xa1, b'a'], Token::Text(b"a")),
            (&[0xd9, 1, b'a'], Token::Text(b"a")),
            (&[0xda, 0, 1, b'a'], Token::Text(b"a")),
            (&[0xdb, 0, 0, 0, 1, b'a'], Token::Text(b"a")),
            (&[0xc4, 1, 9], Token::Binary(&[9])),
            (&[0xc5, 0, 1, 9], Token::Binary(&[9])),
            (&[0xc6, 0, 0, 0, 1, 9], Token::Binary(&[9])),
            (&[0x90], Token::Array(0)),
            (&[0xdc, 0, 0], Token::Array(0)),
            (&[0xdd, 0, 0, 0, 0], Token::Array(0)),
            (&[0x80], Token::Map(0)),
            (&[0xde, 0, 0], Token::Map(0)),
            (&[0xdf, 0, 0, 0, 0], Token::Map(0)),
            (&[0xd4, 0xff, 9], Token::Extension(-1, &[9])),
            (&[0xd5, 3, 9, 8], Token::Extension(3, &[9, 8])),
            (&[0xc7, 0, 5], Token::Extension(5, &[])),
            (&[0xc8, 0, 1, 5, 7], Token::Extension(5, &[7])),
        ];
        for (bytes, token) in table {
            assert_eq!(one(bytes), Ok(token), "{bytes:02x?}");
            for cut in 0..bytes.len() {
                assert_eq!(Cursor::new(&bytes[..cut]).token(), Err(Broken::End), "{bytes:02x?} cut at {cut}");
            }
        }
        for (marker, len) in [(0xd6, 4), (0xd7, 8), (0xd8, 16)] {
            let bytes = [&[marker, 1][..], &vec![0; len]].concat();
            assert_eq!(one(&bytes), Ok(Token::Extension(1, &vec![0; len])));
        }
        assert_eq!(one(&[0xc9, 0, 0, 0, 0, 5]), Ok(Token::Extension(5, &[])));
        assert_eq!(Cursor::new(&[0xc1]).token(), Err(Broken::Reserved));
    }

    /// Case 29.
    #[test]
    fn lengths_that_cannot_be_true_are_not_believed() {
        for head in [0xdd, 0xdf, 0xdb, 0xc6, 0xc9] {
            for len in [[255; 4], [0, 0, 0, 4]] {
                let bytes = [&[head][..], &len, &[0xc0; 3]].concat();
                assert_eq!(Cursor::new(&bytes).token(), Err(Broken::End), "{bytes:02x?}");
            }
        }
    }

    /// Case 28.
    #[test]
    fn depth_is_capped_whatever_the_claim() {
        for depth in [1, 63, 64, 65, 1_000, 100_000] {
            let bytes = [vec![0x91; depth], vec![0xc0]].concat();
            let expected = if depth <= 64 { Ok(()) } else { Err(Broken::Depth) };
            assert_eq!(Cursor::new(&bytes).skip(64), expected, "{depth}");
            let maps = [[0x81, 0xc0].repeat(depth), vec![0xc0]].concat();
            assert_eq!(Cursor::new(&maps).skip(64), expected, "{depth}");
        }
    }
}
