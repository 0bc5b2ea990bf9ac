//! Socket.IO 5 over Engine.IO 4: calls are events with an acknowledgement, `receive` is what the server emits.

use anyhow::{Context, Result, bail};
use memchr::memchr;

use super::{
    Arguments, Call, Message,
    json_text::{element_at, first_element, string_end},
    number, put_number,
};

pub(super) fn put_call(out: &mut Vec<u8>, call: Call<'_>) -> Result<()> {
    let Arguments::Text(text) = call.arguments else { bail!("Socket.IO has no streams and no groups here") };
    out.extend_from_slice(b"42");
    put_number(out, call.id);
    out.extend_from_slice(b"[\"");
    out.extend(call.method.bytes().map(|byte| byte.to_ascii_lowercase()));
    out.extend_from_slice(b"\",\"");
    out.extend_from_slice(text);
    out.extend_from_slice(b"\"]");
    Ok(())
}

pub(super) fn read(packet: &[u8]) -> Result<Message<'_>> {
    Ok(match packet {
        [b'0', ..] => Message::Open,
        [b'1', ..] => Message::Close("the engine was closed".to_owned()),
        [b'2', ..] => Message::Ping,
        [b'4', b'0', ..] => Message::Welcome,
        [b'4', b'1' | b'4', reason @ ..] => Message::Close(String::from_utf8_lossy(reason).into_owned()),
        [b'4', b'2', event @ ..] => emitted(event)?,
        [b'4', b'3', answer @ ..] => {
            let array = memchr(b'[', answer).context("an acknowledgement has no values")?;
            let id = number(&answer[..array]).context("an acknowledgement has no id")?;
            Message::Result { id, value: first_element(&answer[array..]) }
        }
        _ => Message::Nothing,
    })
}

fn emitted(event: &[u8]) -> Result<Message<'_>> {
    let name_end = string_end(event, 1).context("an event has no name")?;
    if &event[..name_end] != b"[\"receive\"" {
        bail!("an event is not `receive`");
    }
    let Some(b',') = event.get(name_end) else { bail!("an event has no value") };
    Ok(Message::Call(element_at(event, name_end + 1)))
}

#[cfg(test)]
mod tests {
    use super::{Message, read};

    #[test]
    fn packets_are_read() {
        assert!(
            matches!(read(b"4317[\"a\"]").expect("well written"), Message::Result { id: 17, value } if value.is_text(b"a"))
        );
        assert!(
            matches!(read(b"42[\"receive\",\"abc\"]").expect("well written"), Message::Call(value) if value.is_text(b"abc"))
        );
        assert!(matches!(read(b"40{\"sid\":\"x\"}").expect("well written"), Message::Welcome));
        read(b"42[\"other\",\"abc\"]").expect_err("another event");
    }
}
