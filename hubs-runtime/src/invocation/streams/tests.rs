use super::*;
use crate::{connection::OutboxLimits, ids::ConnectionId, protocol::JsonHubProtocol};

const LIMIT: usize = 256 * 1024;

fn opener() -> StreamOpener {
    let limits = OutboxLimits::DEFAULT;
    let peer = Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, limits);
    StreamOpener::new(Arc::new(peer), LIMIT, 1)
}

fn push_up_to(stream: &IncomingStream, item: &[u8], times: usize) -> bool {
    let mut batch = Batch::default();
    batch.push(item);
    let fits = !matches!(stream.allowance(times, &Context::from_waker(Waker::noop())), Allowance::Full(_));
    if fits {
        stream.take(&mut batch);
    }
    fits
}

fn push(stream: &IncomingStream, item: &[u8]) -> bool {
    push_up_to(stream, item, 1)
}

fn read(reader: &mut StreamReader) -> Poll<Result<Vec<u8>, StreamEnd>> {
    reader.poll_next(&Context::from_waker(Waker::noop())).map_ok(<[u8]>::to_vec)
}

#[test]
fn what_was_taken_counts_until_all_of_it_is_read() {
    let (stream, mut reader) = opener().open();
    let item = [b'x'; 1000];
    let mut fitted = 0;
    while push(&stream, &item) {
        fitted += 1;
    }
    assert!((250..265).contains(&fitted), "{fitted}");
    for _ in 0..fitted {
        assert!(read(&mut reader).is_ready());
        assert!(!push(&stream, b"1"));
    }
    assert!(read(&mut reader).is_pending());
    assert!(push(&stream, b"2"));
    assert_eq!(read(&mut reader), Poll::Ready(Ok(b"2".to_vec())));
}

#[test]
fn many_streams_hold_together_little_more_than_one() {
    let opener = opener();
    let mut streams: Vec<_> = (0..100).map(|_| opener.open()).collect();
    let item = vec![b'x'; 30_000];
    let fitted: usize = streams.iter().map(|(stream, _)| (0..10).filter(|_| push(stream, &item)).count()).sum();
    assert!((100..110).contains(&fitted), "one item a stream, and few more: {fitted}");
    let (last, reader) = streams.last_mut().expect("there are some");
    assert!(!push(last, b"2"));
    assert!(
        read(reader).is_ready() && read(reader).is_pending() && push(last, b"2"),
        "a stream that is empty takes one"
    );
    streams.drain(..95);
    assert!(push(&streams[0].0, b"2"), "what is dropped makes room");
}

#[test]
fn more_fits_while_this_end_waits_for_an_answer() {
    let (stream, _reader) = opener().open();
    let item = vec![b'x'; 60_000];
    let fits = |times| std::iter::from_fn(|| push_up_to(&stream, &item, times).then_some(())).count();
    let (at_first, then) = (fits(1), fits(4));
    assert!((4..6).contains(&at_first) && (10..15).contains(&then), "{at_first} and {then}");
}

#[test]
fn a_few_items_of_each_stream_fit_where_one_stream_has_taken_the_room() {
    let peer = Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, OutboxLimits::DEFAULT));
    let opener = StreamOpener::new(peer, LIMIT, 10);
    let (greedy, _greedy_reader) = opener.open();
    while push(&greedy, &[b'x'; 1000]) {}
    let (other, _reader) = opener.open();
    assert_eq!((0..20).filter(|_| push(&other, b"1")).count(), 10);
    let (large, _large_reader) = opener.open();
    let fitted = (0..20).filter(|_| push(&large, &[b'x'; LIMIT / 2])).count();
    assert!((2..4).contains(&fitted), "up to twice the limit: {fitted}");
}

#[test]
fn any_one_item_fits() {
    let (stream, _reader) = opener().open();
    assert!(push(&stream, &vec![b'x'; 2 * LIMIT]));
    assert!(!push(&stream, b"1"));
}

#[test]
fn the_end_comes_after_the_items_and_what_comes_later_is_dropped() {
    let (stream, mut reader) = opener().open();
    assert!(push(&stream, b"1"));
    stream.end(StreamEnd::Done);
    stream.end(StreamEnd::Disconnected);
    assert!(push(&stream, b"2"));
    assert_eq!(read(&mut reader), Poll::Ready(Ok(b"1".to_vec())));
    assert_eq!(read(&mut reader), Poll::Ready(Err(StreamEnd::Done)));
}

#[test]
fn a_stream_without_a_reader_takes_everything_and_holds_nothing() {
    let (stream, reader) = opener().open();
    assert!(push(&stream, b"1"));
    drop(reader);
    let large = vec![b'x'; 2 * LIMIT];
    assert!(push(&stream, &large) && push(&stream, &large));
    assert_eq!(stream.queue.lock().waiting.size(), 0);
}
