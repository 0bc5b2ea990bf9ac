use std::{future::poll_fn, task::Waker};

use super::*;

const POLL: Duration = Duration::from_secs(90);

async fn soon<F: Future>(future: F) -> F::Output {
    timeout(POLL * 2, future).await.expect("within the time limit")
}

fn pair() -> (LongPolling, Polls) {
    open(Feed::default())
}

async fn send(transport: &mut LongPolling, bytes: impl Into<Bytes>) -> Result<(), TransportError> {
    transport.send(bytes.into(), TransferFormat::Binary)?;
    soon(poll_fn(|cx| transport.poll_flush(cx))).await
}

fn bytes(text: &'static str) -> Polled {
    Polled::Bytes(Bytes::from_static(text.as_bytes()))
}

/// A poll that waits in a task of its own, until it has taken its place.
async fn parked(polls: &Polls) -> tokio::task::JoinHandle<Polled> {
    let polls = polls.clone();
    let task = tokio::spawn(async move { polls.wait(POLL).await });
    tokio::task::yield_now().await;
    assert!(!task.is_finished());
    task
}

async fn close(transport: &mut LongPolling) {
    soon(poll_fn(|cx| transport.poll_close(cx, CloseCode::Normal))).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_waits_for_a_poll_and_a_poll_waits_for_it() {
    let (mut transport, polls) = pair();
    send(&mut transport, "one ").await.unwrap();
    send(&mut transport, "two").await.unwrap();
    assert_eq!(soon(polls.wait(POLL)).await, bytes("one two"));
    let poll = parked(&polls).await;
    send(&mut transport, "three").await.unwrap();
    assert_eq!(soon(poll).await.unwrap(), bytes("three"));
    assert_eq!((transport.bytes_sent(), transport.kind()), (12, TransportKind::LongPolling));
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_gets_nothing_ends_in_time() {
    let (_transport, polls) = pair();
    let begun = Instant::now();
    assert_eq!(soon(polls.wait(POLL)).await, Polled::Nothing);
    assert_eq!(begun.elapsed(), POLL);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_waits_in_the_session() {
    let (mut transport, polls) = pair();
    send(&mut transport, vec![b'x'; 100_000]).await.unwrap();
    transport.send(Bytes::from_static(b"next"), TransferFormat::Text).unwrap();
    assert!(transport.poll_flush(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(transport.send(Bytes::from_static(b"y"), TransferFormat::Text).is_err(), "only after a flush");
    let writer = tokio::spawn(async move {
        soon(poll_fn(|cx| transport.poll_flush(cx))).await.unwrap();
        transport
    });
    tokio::task::yield_now().await;
    assert!(matches!(soon(polls.wait(POLL)).await, Polled::Bytes(bytes) if bytes.len() == 100_000));
    let _transport = soon(writer).await.unwrap();
    assert_eq!(soon(polls.wait(POLL)).await, bytes("next"));
}

#[tokio::test(start_paused = true)]
async fn a_newer_poll_takes_over_and_gets_what_comes() {
    let (mut transport, polls) = pair();
    let older = parked(&polls).await;
    let newer = parked(&polls).await;
    assert_eq!(soon(older).await.unwrap(), Polled::Superseded);
    send(&mut transport, "data").await.unwrap();
    assert_eq!(soon(newer).await.unwrap(), bytes("data"));
}

#[tokio::test(start_paused = true)]
async fn of_several_that_want_to_take_over_one_may() {
    let (mut transport, polls) = pair();
    let oldest = parked(&polls).await;
    let (second, third, fourth, ()) =
        tokio::join!(soon(polls.wait(POLL)), soon(polls.wait(POLL)), soon(polls.wait(POLL)), async {
            assert_eq!(soon(oldest).await.unwrap(), Polled::Superseded);
            send(&mut transport, "data").await.unwrap();
        });
    assert_eq!((second, third, fourth), (bytes("data"), Polled::Conflict, Polled::Conflict));
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_is_dropped_frees_its_place() {
    let (mut transport, polls) = pair();
    parked(&polls).await.abort();
    tokio::task::yield_now().await;
    let active = parked(&polls).await;
    // This one waits to take over when it is dropped.
    let mut waiting = Box::pin(polls.wait(POLL));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(waiting);
    assert_eq!(soon(active).await.unwrap(), Polled::Superseded);
    let last = parked(&polls).await;
    send(&mut transport, "data").await.unwrap();
    assert_eq!(soon(last).await.unwrap(), bytes("data"));
}

#[tokio::test(start_paused = true)]
async fn the_last_message_comes_before_the_end() {
    let (mut transport, polls) = pair();
    send(&mut transport, "last").await.unwrap();
    close(&mut transport).await;
    assert!(send(&mut transport, "late").await.is_err());
    assert_eq!(soon(polls.wait(POLL)).await, bytes("last"));
    let told = tokio::spawn({
        let polls = polls.clone();
        async move { polls.told().await }
    });
    tokio::task::yield_now().await;
    assert!(!told.is_finished());
    assert_eq!(soon(polls.wait(POLL)).await, Polled::Ended);
    soon(told).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_end_reaches_the_poll_that_waits_and_the_one_behind_it() {
    let (mut transport, polls) = pair();
    let poll = parked(&polls).await;
    close(&mut transport).await;
    assert_eq!(soon(poll).await.unwrap(), Polled::Ended);
    assert_eq!(soon(polls.wait(POLL)).await, Polled::Ended);

    let (transport, polls) = pair();
    let poll = parked(&polls).await;
    drop(transport);
    assert_eq!(soon(poll).await.unwrap(), Polled::Ended, "the session was lost");
}

#[tokio::test(start_paused = true)]
async fn hanging_up_reaches_both_ends() {
    let (mut transport, polls) = pair();
    let poll = parked(&polls).await;
    polls.hang_up();
    assert_eq!(soon(poll).await.unwrap(), Polled::Gone);
    assert!(soon(poll_fn(|cx| transport.poll_receive(cx, &mut Vec::new()))).await.is_none());
    assert!(send(&mut transport, "never fetched").await.is_err());
    close(&mut transport).await;
    soon(polls.told()).await;
}

#[tokio::test(start_paused = true)]
async fn who_stays_away_too_long_has_left() {
    const LIMIT: Duration = Duration::from_secs(15);
    let (mut transport, polls) = pair();
    let begun = Instant::now();
    let abandoned = tokio::spawn({
        let polls = polls.clone();
        async move { polls.abandoned(LIMIT).await }
    });
    let poll = parked(&polls).await;
    tokio::time::sleep(LIMIT * 3 + Duration::from_secs(1)).await;
    assert!(!abandoned.is_finished(), "a poll is there");
    send(&mut transport, "data").await.unwrap();
    assert_eq!(soon(poll).await.unwrap(), bytes("data"));
    soon(abandoned).await.unwrap();
    assert_eq!(begun.elapsed(), LIMIT * 4 + Duration::from_secs(1));
}

/// Reads the next portion of an answer.
async fn portion(answer: &mut Answer) -> Option<io::Result<Bytes>> {
    use futures_util::StreamExt;
    soon(answer.next()).await
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_a_long_answer_has_not_stayed_away() {
    const AWAY: Duration = Duration::from_secs(15);
    let (mut transport, polls) = pair();
    send(&mut transport, vec![b'x'; 6_000_000]).await.unwrap();
    let Polled::Bytes(bytes) = soon(polls.wait(POLL)).await else { panic!("there is something to fetch") };
    let mut answer = polls.answer(bytes);
    let sent = transport.bytes_sent();
    let begun = Instant::now();
    let read = async {
        let mut read = 0;
        while let Some(portion) = portion(&mut answer).await {
            tokio::time::sleep(Duration::from_secs(5)).await;
            read += portion.unwrap().len();
        }
        read
    };
    let read = tokio::select! {
        read = read => read,
        () = polls.abandoned(AWAY) => panic!("given up after {:?}", begun.elapsed()),
    };
    assert_eq!(read, 6_000_000);
    assert!(begun.elapsed() > AWAY * 10);
    assert_eq!(transport.bytes_sent() - sent, 6_000_000, "reading is progress");
    soon(polls.abandoned(AWAY)).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_read_ends_with_its_client() {
    let (mut transport, polls) = pair();
    send(&mut transport, vec![b'x'; 6_000_000]).await.unwrap();
    let Polled::Bytes(bytes) = soon(polls.wait(POLL)).await else { panic!("there is something to fetch") };
    let mut answer = polls.answer(bytes);
    let _unwritten = [portion(&mut answer).await, portion(&mut answer).await];
    let next = tokio::spawn(async move { portion(&mut answer).await });
    soon(polls.abandoned(Duration::from_secs(15))).await;
    polls.hang_up();
    assert_eq!(soon(next).await.unwrap().unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_waits_for_its_client_is_woken_when_that_reads() {
    let (mut transport, polls) = pair();
    send(&mut transport, vec![b'x'; 200_000]).await.unwrap();
    let Polled::Bytes(bytes) = soon(polls.wait(POLL)).await else { panic!("there is something to fetch") };
    let mut answer = polls.answer(bytes);
    let unwritten = [portion(&mut answer).await, portion(&mut answer).await];
    let next = tokio::spawn(async move { portion(&mut answer).await });
    tokio::task::yield_now().await;
    assert!(!next.is_finished(), "enough is unwritten");
    drop(unwritten);
    assert!(soon(next).await.unwrap().unwrap().is_ok());
}
