//! Logs that nodes share.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use hubs::backplane::{Backplane, Gap, LogLimits, LogPosition, LogRead};

use super::two;
use crate::Cluster;

const LIMITS: LogLimits = LogLimits { entries: 1_000, bytes: 1 << 20, age: Duration::from_secs(60) };

async fn append(node: &Arc<dyn Backplane>, entry: &str, key: Option<&str>, limits: LogLimits) -> LogPosition {
    node.append("log", Bytes::from(entry.to_owned()), key, limits).await.expect("it is added")
}

/// The numbers and the payloads that come after a position.
async fn read(node: &Arc<dyn Backplane>, after: Option<LogPosition>, count: usize) -> Vec<(u64, String)> {
    let read = node.read("log", after, count).await.expect("it is read");
    let LogRead::Entries(entries) = read else { panic!("{read:?}") };
    let text = |payload: Bytes| String::from_utf8_lossy(&payload).into_owned();
    entries.into_iter().map(|entry| (entry.position.number, text(entry.payload))).collect()
}

pub(crate) async fn log_numbers_are_dense(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    assert_eq!(read(&north, None, 10).await, []);
    let calls = (0..100).flat_map(|_| [&north, &south]).map(|node| append(node, "entry", None, LIMITS));
    let positions = join_all(calls).await;
    let mut numbers: Vec<_> = positions.iter().map(|position| position.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    assert_eq!(read(&south, None, 1_000).await.len(), 200);
    let tenth = *positions.iter().find(|position| position.number == 10).expect("there are 200");
    let after: Vec<_> = read(&south, Some(tenth), 3).await.into_iter().map(|(number, _)| number).collect();
    assert_eq!(after, [11, 12, 13]);
    let last = *positions.iter().find(|position| position.number == 200).expect("there are 200");
    assert_eq!(read(&south, Some(last), 3).await, []);
}

pub(crate) async fn a_key_is_added_once(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let first = append(&north, "first", Some("key"), LIMITS).await;
    assert_eq!(append(&south, "again", Some("key"), LIMITS).await, first);
    append(&south, "second", Some("other"), LIMITS).await;
    assert_eq!(read(&north, None, 10).await, [(1, "first".to_owned()), (2, "second".to_owned())]);
}

pub(crate) async fn a_log_is_kept_within_its_limits(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let first = append(&north, "1", None, LIMITS).await;
    for entry in ["2", "3", "4"] {
        append(&north, entry, None, LogLimits { entries: 3, ..LIMITS }).await;
    }
    let kept = ["2", "3", "4"].into_iter().zip(2..).map(|(entry, number)| (number, entry.to_owned()));
    assert_eq!(read(&south, None, 10).await, kept.collect::<Vec<_>>());
    assert_eq!(south.read("log", Some(first), 10).await, Ok(LogRead::Entries(read_all(&south).await)));
    append(&north, "five!", None, LogLimits { bytes: 6, ..LIMITS }).await;
    assert_eq!(read(&south, None, 10).await, [(4, "4".to_owned()), (5, "five!".to_owned())]);
    assert_eq!(south.read("log", Some(first), 10).await, Ok(LogRead::Gap(Gap::Trimmed)));
    append(&north, "larger than all", None, LogLimits { bytes: 6, ..LIMITS }).await;
    assert_eq!(read(&south, None, 10).await, [(6, "larger than all".to_owned())]);
}

async fn read_all(node: &Arc<dyn Backplane>) -> Vec<hubs::backplane::LogEntry> {
    match node.read("log", None, 100).await {
        Ok(LogRead::Entries(entries)) => entries,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_log_tells_what_is_gone(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let short = LogLimits { age: Duration::from_millis(100), ..LIMITS };
    let first = append(&north, "first", Some("key"), LIMITS).await;
    let wrong = [
        (LogPosition { epoch: first.epoch ^ 1, ..first }, Gap::Epoch),
        (LogPosition { tag: first.tag ^ 1, ..first }, Gap::Diverged),
        (LogPosition { number: 7, ..first }, Gap::Diverged),
    ];
    for (position, gap) in wrong {
        assert_eq!(south.read("log", Some(position), 10).await, Ok(LogRead::Gap(gap)));
    }
    append(&north, "second", None, short).await;
    while south.read("log", Some(first), 10).await != Ok(LogRead::Gap(Gap::Epoch)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let again = append(&north, "again", None, LIMITS).await;
    assert_eq!(again.number, 1);
    assert_ne!(again.epoch, first.epoch);
}
