//! A backplane that several owners share is one too.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    Appended, Backplane, Health, Lease, LogEntry, LogKey, LogLimits, LogPosition, LogRead, Pending, Receive, Respond,
    Subscription,
};

impl<B: Backplane + ?Sized> Backplane for Arc<B> {
    fn node(&self) -> &str {
        (**self).node()
    }

    fn publish(&self, channel: &str, payload: Bytes) -> Pending<Option<usize>> {
        (**self).publish(channel, payload)
    }

    fn subscribe(&self, channel: &str, receive: Receive) -> Subscription {
        (**self).subscribe(channel, receive)
    }

    fn subscribers(&self, channel: &str) -> Pending<Option<usize>> {
        (**self).subscribers(channel)
    }

    fn request(&self, channel: &str, payload: Bytes, limit: Duration) -> Pending<Bytes> {
        (**self).request(channel, payload, limit)
    }

    fn respond(&self, channel: &str, respond: Respond) -> Subscription {
        (**self).respond(channel, respond)
    }

    fn acquire(&self, key: &str, term: Duration) -> Pending<Lease> {
        (**self).acquire(key, term)
    }

    fn renew(&self, keys: Vec<String>, term: Duration) -> Pending<Vec<bool>> {
        (**self).renew(keys, term)
    }

    fn release(&self, key: &str) -> Pending<()> {
        (**self).release(key)
    }

    fn holder(&self, key: &str) -> Pending<Option<String>> {
        (**self).holder(key)
    }

    fn append(&self, log: &str, entry: Bytes, key: Option<LogKey<'_>>, limits: LogLimits) -> Pending<Appended> {
        (**self).append(log, entry, key, limits)
    }

    fn end(&self, log: &str, limits: LogLimits) -> Pending<LogPosition> {
        (**self).end(log, limits)
    }

    fn read(&self, log: &str, after: LogPosition, count: usize) -> Pending<LogRead> {
        (**self).read(log, after, count)
    }

    fn latest(&self, log: &str, count: usize) -> Pending<Vec<LogEntry>> {
        (**self).latest(log, count)
    }

    fn health(&self) -> tokio::sync::watch::Receiver<Health> {
        (**self).health()
    }
}
