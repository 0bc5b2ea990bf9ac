//! Logs that nodes share.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use hubs::backplane::{Backplane, Gap, LogEntry, LogKey, LogLimits, LogPosition, LogRead};

use super::two;
use crate::Cluster;

const LIMITS: LogLimits = LogLimits { entries: 1_000, bytes: 1 << 20, age: Duration::from_secs(60) };

async fn append(node: &Arc<dyn Backplane>, entry: &str, key: Option<&str>, limits: LogLimits) -> LogPosition {
    let key = key.map(|text| LogKey { text, kept_for: Duration::from_secs(60) });
    node.append("log", Bytes::from(entry.to_owned()), key, limits).await.expect("it is added").position
}

/// The numbers and the payloads that come after a position.
async fn read(node: &Arc<dyn Backplane>, after: Option<LogPosition>, count: usize) -> Vec<(u64, String)> {
    let entries = match after {
        None => node.latest("log", count).await.expect("it is read"),
        Some(after) => match node.read("log", after, count).await.expect("it is read") {
            LogRead::Entries(entries) => entries,
            gap @ LogRead::Gap(_) => panic!("{gap:?}"),
        },
    };
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
    assert_eq!(south.read("log", first, 10).await, Ok(LogRead::Entries(read_all(&south).await)));
    append(&north, "five!", None, LogLimits { bytes: 6, ..LIMITS }).await;
    assert_eq!(read(&south, None, 10).await, [(4, "4".to_owned()), (5, "five!".to_owned())]);
    assert_eq!(south.read("log", first, 10).await, Ok(LogRead::Gap(Gap::Trimmed)));
    append(&north, "larger than all", None, LogLimits { bytes: 6, ..LIMITS }).await;
    assert_eq!(read(&south, None, 10).await, [(6, "larger than all".to_owned())]);
}

async fn read_all(node: &Arc<dyn Backplane>) -> Vec<LogEntry> {
    node.latest("log", 100).await.expect("it is read")
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
        assert_eq!(south.read("log", position, 10).await, Ok(LogRead::Gap(gap)));
    }
    let second = append(&north, "second", None, short).await;
    while south.read("log", first, 10).await != Ok(LogRead::Gap(Gap::Trimmed)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(south.read("log", second, 10).await, Ok(LogRead::Entries(Vec::new())), "the log itself is known longer");
    assert_eq!(append(&north, "third", None, LIMITS).await.number, 3);
}

/// Also while others are added.
pub(crate) async fn an_entry_is_kept_for_its_time(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let short = LogLimits { age: Duration::from_millis(300), ..LIMITS };
    let first = append(&north, "first", None, short).await;
    let removed = async {
        while south.read("log", first, 1).await == Ok(LogRead::Entries(Vec::new()))
            || matches!(south.read("log", first, 1).await, Ok(LogRead::Entries(_)))
        {
            append(&north, "later", None, short).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), removed).await.expect("it goes, although others come");
    assert_eq!(south.read("log", first, 1).await, Ok(LogRead::Gap(Gap::Trimmed)));
    let kept = south.latest("log", 1_000).await.expect("it is read");
    assert!(!kept.is_empty() && kept[0].position.number > 2, "{:?}", kept.first());
}

/// The position itself is not kept any more, and the next entry says that another one had its number.
pub(crate) async fn a_log_that_lost_its_end_goes_on_from_no_position_of_it(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    for entry in ["1", "2", "3"] {
        append(&north, entry, None, LIMITS).await;
    }
    let third = append(&north, "third", None, LIMITS).await;
    append(&north, "fourth", None, LogLimits { entries: 1, ..LIMITS }).await;
    let LogRead::Entries(entries) = south.read("log", third, 10).await.expect("it is read") else { panic!("a gap") };
    assert_eq!(entries.len(), 1);
    let other = LogPosition { tag: third.tag ^ 1, ..third };
    assert_eq!(south.read("log", other, 10).await, Ok(LogRead::Gap(Gap::Diverged)));
}

pub(crate) async fn the_end_of_a_log_is_known_before_its_first_entry(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let begun = north.end("log", LIMITS).await.expect("it is begun");
    assert_eq!((begun.number, begun.tag), (0, 0));
    assert_eq!(south.end("log", LIMITS).await, Ok(begun));
    let first = append(&south, "first", None, LIMITS).await;
    assert_eq!(first.epoch, begun.epoch);
    assert_eq!(north.end("log", LIMITS).await, Ok(first));
    append(&north, "second", None, LIMITS).await;
    let LogRead::Entries(entries) = south.read("log", begun, 10).await.expect("it is read") else { panic!("a gap") };
    let chain: Vec<_> = entries.iter().map(|entry| entry.before).collect();
    assert_eq!(chain, [0, first.tag], "each names the entry before it");
}
