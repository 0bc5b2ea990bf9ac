//! Which channels this node is subscribed to, and who receives their payloads. Must not know connections.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::Receive;

/// The number of the last receiver. A channel may move to another connection, where the numbers must not meet.
static LAST: AtomicU64 = AtomicU64::new(0);

/// The channels of one connection.
#[derive(Default)]
pub(super) struct Channels {
    state: Mutex<State>,
    /// Told when a channel is to be subscribed to, or not any more.
    pub(super) wake: Notify,
}

#[derive(Default)]
struct State {
    channels: HashMap<String, Channel>,
    /// Channels for which Redis may have to be told something.
    changed: VecDeque<String>,
    /// What this node has published on channels that it is subscribed to, and whose echo has not come.
    echoes: HashMap<String, VecDeque<Echo>>,
}

struct Echo {
    /// Which command of the batch.
    at: usize,
    payload: Bytes,
}

struct Channel {
    receivers: Arc<Vec<(u64, Receive)>>,
    /// Whether Redis was told.
    is_subscribed: bool,
    is_confirmed: watch::Sender<bool>,
}

/// A channel on its way to another connection.
pub(super) struct Moving(Channel);

/// What Redis is to be told.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) subscribe: Vec<String>,
    pub(super) unsubscribe: Vec<String>,
}

impl Channels {
    /// Adds a receiver: its number, and whether the channel is confirmed.
    pub(super) fn add(&self, name: &str, receive: Receive) -> (u64, watch::Receiver<bool>) {
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state.lock();
        let channel = state.channels.entry(name.to_owned()).or_insert_with(Channel::new);
        Arc::make_mut(&mut channel.receivers).push((number, receive));
        let confirmed = channel.is_confirmed.subscribe();
        if !channel.is_subscribed {
            state.changed.push_back(name.to_owned());
        }
        drop(state);
        self.wake.notify_one();
        (number, confirmed)
    }

    /// Removes a receiver.
    pub(super) fn remove(&self, name: &str, number: u64) {
        let mut state = self.state.lock();
        let Some(channel) = state.channels.get_mut(name) else { return };
        let at = channel.receivers.iter().position(|(other, _)| *other == number);
        let removed = at.map(|at| Arc::make_mut(&mut channel.receivers).remove(at));
        if channel.receivers.is_empty() {
            state.changed.push_back(name.to_owned());
        }
        drop(state);
        // What it holds may end other subscriptions.
        drop(removed);
        self.wake.notify_one();
    }

    /// The next changes, up to `most`. They count as done: a channel that is wanted again meanwhile is a new change.
    pub(super) fn changes(&self, most: usize) -> Changes {
        let mut state = self.state.lock();
        let mut changes = Changes::default();
        while changes.subscribe.len() < most && changes.unsubscribe.len() < most {
            let Some(name) = state.changed.pop_front() else { break };
            let Some(channel) = state.channels.get_mut(&name) else { continue };
            match (channel.receivers.is_empty(), channel.is_subscribed) {
                (false, false) => {
                    channel.is_subscribed = true;
                    changes.subscribe.push(name);
                }
                (true, is_subscribed) => {
                    state.channels.remove(&name);
                    if is_subscribed {
                        changes.unsubscribe.push(name);
                    }
                }
                (false, true) => {}
            }
        }
        changes
    }

    /// Redis has refused these: they are changes again.
    pub(super) fn refused(&self, names: Vec<String>) {
        let mut state = self.state.lock();
        for name in names {
            if let Some(channel) = state.channels.get_mut(&name) {
                channel.is_subscribed = false;
                state.changed.push_back(name);
            }
        }
    }

    /// Whether Redis was told everything.
    pub(super) fn is_settled(&self) -> bool {
        self.state.lock().changed.is_empty()
    }

    /// Takes the channels that another connection serves now; here they are unsubscribed from.
    pub(super) fn take(&self, leaves: impl Fn(&str) -> bool) -> Vec<(String, Moving)> {
        let mut state = self.state.lock();
        let state = &mut *state;
        let mut taken = Vec::new();
        for (name, channel) in &mut state.channels {
            if !channel.receivers.is_empty() && leaves(name) {
                let moving = std::mem::replace(channel, Channel::new());
                channel.is_subscribed = moving.is_subscribed;
                moving.is_confirmed.send_replace(false);
                state.changed.push_back(name.clone());
                taken.push((name.clone(), Moving(moving)));
            }
        }
        self.wake.notify_one();
        taken
    }

    /// Takes over a channel from another connection.
    pub(super) fn take_over(&self, name: String, Moving(mut moving): Moving) {
        let mut state = self.state.lock();
        moving.is_subscribed = false;
        state.channels.insert(name.clone(), moving);
        state.changed.push_back(name);
        drop(state);
        self.wake.notify_one();
    }

    /// Redis has confirmed these.
    pub(super) fn confirm(&self, names: &[String]) {
        let state = self.state.lock();
        for channel in names.iter().filter_map(|name| state.channels.get(name)) {
            channel.is_confirmed.send_replace(true);
        }
    }

    /// The connection is lost: every channel is to be subscribed to again.
    pub(super) fn reset(&self) {
        let mut state = self.state.lock();
        state.echoes.clear();
        state.channels.retain(|_, channel| !channel.receivers.is_empty());
        for channel in state.channels.values_mut() {
            channel.is_subscribed = false;
            channel.is_confirmed.send_replace(false);
        }
        state.changed = state.channels.keys().cloned().collect();
    }

    /// This node publishes with the command `at` of a batch, and Redis will send it back if it is subscribed.
    pub(super) fn expect(&self, at: usize, channel: &str, payload: &Bytes) -> bool {
        let mut state = self.state.lock();
        let is_subscribed = state.channels.get(channel).is_some_and(|channel| channel.is_subscribed);
        if is_subscribed {
            state.echoes.entry(channel.to_owned()).or_default().push_back(Echo { at, payload: payload.clone() });
        }
        is_subscribed
    }

    /// All echoes of a batch are in: the commands of which none came.
    pub(super) fn settle(&self) -> Vec<usize> {
        let echoes = std::mem::take(&mut self.state.lock().echoes);
        echoes.into_values().flatten().map(|echo| echo.at).collect()
    }

    /// A payload has arrived. What this node published itself is skipped.
    pub(super) fn deliver(&self, name: &str, payload: &Bytes) {
        let mut state = self.state.lock();
        if let Some(echoes) = state.echoes.get_mut(name)
            && let Some(at) = echoes.iter().position(|echo| echo.payload == payload)
        {
            echoes.remove(at);
            return;
        }
        let Some(receivers) = state.channels.get(name).map(|channel| Arc::clone(&channel.receivers)) else { return };
        drop(state);
        for (_, receive) in receivers.iter() {
            receive(payload.clone());
        }
    }
}

impl Channel {
    fn new() -> Self {
        Self { receivers: Arc::default(), is_subscribed: false, is_confirmed: watch::Sender::new(false) }
    }
}
