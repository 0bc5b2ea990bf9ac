//! Reads the body of one message. Items past the known ones are ignored, as are bytes past the array. The error texts
//! are ASP.NET Core's.

use std::borrow::Cow;

use super::{
    MAX_DEPTH,
    cursor::{Cursor, Token},
};
use crate::protocol::{
    Arguments, CompletionResult, Headers, HubMessage, IncomingCall, MAX_STREAMS, PayloadFormat, ProtocolError,
};

/// The items of a message that have not been read.
struct Items<'a> {
    cursor: Cursor<'a>,
    left: usize,
}

/// The names and values in a map that [`Items::headers`] has read.
pub(in crate::protocol) fn header_pairs(map: &[u8]) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let mut items = Items { cursor: Cursor::new(map), left: 1 };
    let count = if let Some(Token::Map(count)) = items.next() { count } else { 0 };
    items.left = 2 * count;
    std::iter::from_fn(move || Some((items.string("headers").ok()??, items.string("headers").ok()??)))
}

fn reading(what: &str, kind: &str) -> ProtocolError {
    ProtocolError::invalid(format!("Reading '{what}' as {kind} failed."))
}

fn empty(what: &str) -> ProtocolError {
    ProtocolError::invalid(format!("Null or empty {what}."))
}

pub(super) fn decode(body: &[u8], format: PayloadFormat) -> Result<Option<HubMessage<'_>>, ProtocolError> {
    let mut cursor = Cursor::new(body);
    let Ok(Token::Array(count)) = cursor.token() else {
        return Err(ProtocolError::invalid("Reading array length for 'elementCount' failed."));
    };
    let mut items = Items { cursor, left: count };
    Ok(Some(match items.integer("messageType", "Int32")? {
        1 => HubMessage::Invocation(items.call(format)?),
        2 => items.stream_item()?,
        3 => items.completion()?,
        4 => {
            let call = items.call(format)?;
            if call.id.is_none() {
                return Err(empty("invocation ID for StreamInvocation message"));
            }
            HubMessage::StreamInvocation(call)
        }
        5 => {
            let headers = items.headers()?;
            HubMessage::CancelInvocation { id: items.id("CancelInvocation")?, headers }
        }
        6 => HubMessage::Ping,
        7 => items.close()?,
        8 => HubMessage::Ack { sequence_id: items.integer("sequenceId", "Int64")? },
        9 => HubMessage::Sequence { sequence_id: items.integer("sequenceId", "Int64")? },
        _ => return Ok(None),
    }))
}

impl<'a> Items<'a> {
    /// The next item, or its head. `None`: there is none, or what is there is no value.
    fn next(&mut self) -> Option<Token<'a>> {
        self.left = self.left.checked_sub(1)?;
        self.cursor.token().ok()
    }

    fn integer(&mut self, what: &str, kind: &str) -> Result<i64, ProtocolError> {
        match self.next() {
            Some(Token::Unsigned(value)) => i64::try_from(value).map_err(|_| reading(what, kind)),
            Some(Token::Signed(value)) => Ok(value),
            _ => Err(reading(what, kind)),
        }
    }

    /// A string, or nil. What is not UTF-8 in it reads as U+FFFD, as in .NET: a browser writes half an emoji like that.
    fn string(&mut self, what: &str) -> Result<Option<Cow<'a, str>>, ProtocolError> {
        match self.next() {
            Some(Token::Nil) => Ok(None),
            Some(Token::Text(bytes)) => {
                let text = std::str::from_utf8(bytes).map(Cow::Borrowed);
                Ok(Some(text.unwrap_or_else(|_| String::from_utf8_lossy(bytes))))
            }
            _ => Err(reading(what, "String")),
        }
    }

    fn id(&mut self, message: &str) -> Result<Cow<'a, str>, ProtocolError> {
        self.some_id()?.ok_or_else(|| empty(&format!("invocation ID for {message} message")))
    }

    fn some_id(&mut self) -> Result<Option<Cow<'a, str>>, ProtocolError> {
        Ok(self.string("invocationId")?.filter(|id| !id.is_empty()))
    }

    /// Any value, as its bytes.
    fn value(&mut self, what: &str) -> Result<&'a [u8], ProtocolError> {
        let left = self.left.checked_sub(1);
        let value = left.and_then(|left| {
            self.left = left;
            self.cursor.value(MAX_DEPTH - 1).ok()
        });
        value.ok_or_else(|| ProtocolError::invalid(format!("Deserializing object for '{what}' failed.")))
    }

    fn headers(&mut self) -> Result<Headers<'a>, ProtocolError> {
        let map = self.cursor.rest();
        let Some(Token::Map(count)) = self.next() else {
            return Err(ProtocolError::invalid("Reading map length for 'headers' failed."));
        };
        let mut strings = Items { cursor: self.cursor, left: 2 * count };
        for _ in 0..2 * count {
            if strings.string("headers")?.is_none_or(|text| text.is_empty()) {
                return Err(empty("name or value in 'headers'"));
            }
        }
        self.cursor = strings.cursor;
        if count == 0 {
            return Ok(Headers::NONE);
        }
        Ok(Headers::messagepack(&map[..map.len() - self.cursor.rest().len()]))
    }

    fn call(&mut self, format: PayloadFormat) -> Result<IncomingCall<'a>, ProtocolError> {
        let with_streams = self.left > 4;
        let headers = self.headers()?;
        let id = self.some_id()?;
        let target = self.string("target")?.filter(|target| !target.is_empty());
        let target = target.ok_or_else(|| empty("target for Invocation message"))?;
        let arguments = self.arguments(format)?;
        let stream_ids = if with_streams { self.stream_ids()? } else { Vec::new() };
        Ok(IncomingCall { id, target, arguments, stream_ids, headers })
    }

    fn arguments(&mut self, format: PayloadFormat) -> Result<Arguments<'a>, ProtocolError> {
        let Some(Token::Array(count)) = self.next() else {
            return Err(ProtocolError::invalid("Reading array length for 'arguments' failed."));
        };
        let elements = self.cursor.rest();
        for _ in 0..count {
            let skipped = self.cursor.skip(MAX_DEPTH - 2);
            skipped.map_err(|_| ProtocolError::invalid("Deserializing object for 'argument' failed."))?;
        }
        let len = elements.len() - self.cursor.rest().len();
        Ok(Arguments::new(format, &elements[..len], count))
    }

    fn stream_ids(&mut self) -> Result<Vec<Cow<'a, str>>, ProtocolError> {
        let Some(Token::Array(count)) = self.next() else {
            return Err(ProtocolError::invalid("Reading array length for 'streamIds' failed."));
        };
        if count > MAX_STREAMS {
            return Err(ProtocolError::invalid(format!("A call takes at most {MAX_STREAMS} streams.")));
        }
        let mut ids = Items { cursor: self.cursor, left: count };
        let read = (0..count).map(|_| ids.string("streamId")?.ok_or_else(|| reading("streamId", "String"))).collect();
        self.cursor = ids.cursor;
        read
    }

    fn stream_item(&mut self) -> Result<HubMessage<'a>, ProtocolError> {
        let headers = self.headers()?;
        Ok(HubMessage::StreamItem { id: self.id("StreamItem")?, item: self.value("item")?, headers })
    }

    fn completion(&mut self) -> Result<HubMessage<'a>, ProtocolError> {
        let headers = self.headers()?;
        let id = self.id("Completion")?;
        let result = match self.integer("resultKind", "Int32")? {
            1 => self.string("error")?.map_or(CompletionResult::Void, CompletionResult::Error),
            2 => CompletionResult::Void,
            3 => CompletionResult::Value(self.value("argument")?),
            _ => return Err(ProtocolError::invalid("Invalid invocation result kind.")),
        };
        Ok(HubMessage::Completion { id, result, headers })
    }

    fn close(&mut self) -> Result<HubMessage<'a>, ProtocolError> {
        let error = self.string("error")?;
        let allow_reconnect = match (self.left, self.next()) {
            (0, _) => false,
            (_, Some(Token::Bool(allowed))) => allowed,
            _ => return Err(reading("allowReconnect", "Boolean")),
        };
        Ok(HubMessage::Close { error, allow_reconnect })
    }
}
