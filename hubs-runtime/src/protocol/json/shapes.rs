//! The two messages that come in masses, calls and items of streams, in the shapes in which SignalR's clients write them:
//! no spaces, and the members in the order of the JavaScript client or of .NET's. Reading them as a whole costs half of
//! what it costs to look for members one by one. Whatever looks otherwise, and whatever is wrong, is left to the reader
//! of any message.

use super::scan::{Quoted, Scanner};
use crate::protocol::{Arguments, HubMessage, IncomingCall};

/// The message, if it has one of the shapes.
pub(super) fn read(text: &str) -> Option<HubMessage<'_>> {
    let mut scanner = Scanner::new(text);
    scanner.enter(b'{').ok()?;
    if scanner.take(br#""type":2,"invocationId":"#) {
        return item(scanner, b"}");
    }
    if scanner.take(br#""invocationId":"#) {
        return item(scanner, br#","type":2}"#);
    }
    if scanner.take(br#""target":"#) {
        return call_by_javascript(scanner);
    }
    scanner.take(br#""type":1,"#).then(|| call_by_dotnet(scanner))?
}

/// What follows the name of the id.
fn item<'a>(mut scanner: Scanner<'a>, end: &[u8]) -> Option<HubMessage<'a>> {
    let id = id(&mut scanner)?;
    scanner.take(br#","item":"#).then_some(())?;
    let item = scanner.value().ok()?;
    scanner.is_last(end).then_some(HubMessage::StreamItem { id: id.plain()?.into(), item: item.as_bytes() })
}

/// What follows the name of the target.
fn call_by_javascript(mut scanner: Scanner<'_>) -> Option<HubMessage<'_>> {
    let target = scanner.string().ok()?;
    scanner.take(br#","arguments":"#).then_some(())?;
    let arguments = scanner.elements().ok()?;
    let id = if scanner.take(br#","invocationId":"#) { Some(id(&mut scanner)?) } else { None };
    scanner.is_last(br#","type":1}"#).then(|| call(id, target, arguments))?
}

/// What follows the type.
fn call_by_dotnet(mut scanner: Scanner<'_>) -> Option<HubMessage<'_>> {
    let mut id_of = None;
    if scanner.take(br#""invocationId":"#) {
        id_of = Some(id(&mut scanner)?);
        scanner.take(b",").then_some(())?;
    }
    scanner.take(br#""target":"#).then_some(())?;
    let target = scanner.string().ok()?;
    scanner.take(br#","arguments":"#).then_some(())?;
    let arguments = scanner.elements().ok()?;
    scanner.is_last(b"}").then(|| call(id_of, target, arguments))?
}

/// An empty id counts as none, which is not for here.
fn id<'a>(scanner: &mut Scanner<'a>) -> Option<Quoted<'a>> {
    scanner.string().ok().filter(|id| !id.is_empty())
}

fn call<'a>(id: Option<Quoted<'a>>, target: Quoted<'a>, (elements, len): (&'a str, usize)) -> Option<HubMessage<'a>> {
    let id = match id {
        Some(id) => Some(id.plain()?.into()),
        None => None,
    };
    let arguments = Arguments::json(elements, len);
    Some(HubMessage::Invocation(IncomingCall { id, target: target.plain()?.into(), arguments, stream_ids: Vec::new() }))
}
