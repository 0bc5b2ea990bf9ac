//! The readers of a hub's feed, and what they can still read of the past: each event has a number, and those that are kept
//! are sent again to a reader that comes back. Must not know requests.

use std::{collections::VecDeque, fmt, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;

use super::{Background, GroupLimits, LocalConnections, Target};
use crate::{
    connection::{Intervals, Peer},
    counters::Counters,
    ids::{ConnectionId, GroupName, Loss, UserId},
    protocol::{EncodedMessage, event_of},
};

/// How much of the past is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HistoryLimits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

pub(crate) struct Readers {
    pub(crate) connections: Arc<LocalConnections>,
    pub(crate) background: Arc<Background>,
    history: Mutex<History>,
}

struct History {
    limits: HistoryLimits,
    /// Another one in each process: its events are not those of an earlier one.
    epoch: u64,
    /// The number of the last event.
    last: u64,
    kept: VecDeque<Kept>,
    bytes: usize,
    /// What was sent since all readers were told the number.
    unmarked: HistoryLimits,
}

struct Kept {
    number: u64,
    target: Target,
    /// With its id.
    event: Bytes,
}

/// What a reader that comes back has missed.
enum Missed {
    /// It comes for the first time.
    First,
    /// All of it is kept: what has a larger number.
    Kept(u64),
    /// It is not known, for this reason.
    Unknown(&'static str),
}

impl Readers {
    pub(crate) fn new(limits: HistoryLimits, intervals: Intervals, counters: Arc<Counters>) -> Self {
        let connections =
            Arc::new(LocalConnections::new(counters, GroupLimits { groups: usize::MAX, name: usize::MAX }));
        let background = Arc::new(Background::new(&connections, intervals));
        // Were there no random bytes, ids of an earlier process would be taken for those of this one.
        let epoch = getrandom::u64().unwrap_or_default();
        let unmarked = HistoryLimits { events: 0, bytes: 0 };
        let history = History { limits, epoch, last: 0, kept: VecDeque::new(), bytes: 0, unmarked };
        Self { connections, background, history: Mutex::new(history) }
    }

    /// Sends a call, which is written for JSON clients, to all readers of `target`. Whether one of them is behind. It never
    /// waits for a socket.
    pub(super) fn publish(&self, target: &Target, message: &Bytes, loss: Option<Loss>) -> bool {
        if matches!(target, Target::Connections(_)) {
            return false;
        }
        let Some(event) = event_of(message) else { return false };
        // Under the lock, so that all readers get events in the order of their numbers, also one that comes meanwhile.
        let mut history = self.history.lock();
        let event = history.keep(target, &event);
        let crowded = self.connections.send(&self.once(target), &EncodedMessage::of_json(event, loss));
        match history.mark() {
            Some(mark) => {
                self.connections.send(&Target::All { except: Vec::new() }, &EncodedMessage::of_json(mark, None))
                    | crowded
            }
            None => crowded,
        }
    }

    /// A reader of several groups gets an event of them once.
    fn once(&self, target: &Target) -> Target {
        match target {
            Target::Groups { names, .. } if names.len() > 1 => {
                let mut ids: Vec<ConnectionId> = Vec::new();
                self.connections.registry.visit(target, &mut ids, |ids, peer| ids.push(peer.id.clone()), |_, _| {});
                ids.sort_unstable();
                ids.dedup();
                Target::Connections(ids)
            }
            target => target.clone(),
        }
    }

    /// A reader has come. `last` is the id of the last event that it has read: what it has missed is sent first. `is_whole`:
    /// everything for it was kept, what other processes sent, too.
    pub(crate) fn join(&self, peer: Arc<Peer>, groups: &[GroupName], last: Option<&str>, is_whole: bool) {
        let history = self.history.lock();
        let missed = match history.missed(last) {
            Missed::Kept(_) if !is_whole => Missed::Unknown("expired"),
            missed => missed,
        };
        // It waits for the response, whose first turn writes it.
        let send = |event: &Bytes| _ = peer.push(event);
        match missed {
            Missed::First => send(&history.marked("", "")),
            Missed::Kept(after) => {
                let wanted = history.kept.iter().filter(|kept| kept.number > after && kept.is_for(&peer, groups));
                wanted.for_each(|kept| send(&kept.event));
                send(&history.marked("", ""));
            }
            Missed::Unknown(reason) => {
                send(&history.marked("hubs:missed", &format!("{{\"reason\":\"{reason}\"}}")));
            }
        }
        let id = peer.id.clone();
        self.connections.registry.connect(peer);
        for group in groups {
            self.connections.registry.join(&id, group, usize::MAX);
        }
    }

    /// A reader has gone.
    pub(crate) fn leave(&self, peer: &Peer) {
        self.connections.registry.disconnect(peer);
    }
}

impl Kept {
    fn is_for(&self, peer: &Peer, groups: &[GroupName]) -> bool {
        match &self.target {
            Target::All { .. } => true,
            Target::Groups { names, .. } => names.iter().any(|name| groups.contains(name)),
            Target::Users(users) => peer.user.as_ref().is_some_and(|user: &UserId| users.contains(user)),
            Target::Connections(_) => false,
        }
    }
}

impl History {
    /// Gives an event its number, and keeps it.
    fn keep(&mut self, target: &Target, event: &[u8]) -> Bytes {
        self.last += 1;
        let mut whole = format!("id: {:x}-{}\r\n", self.epoch, self.last).into_bytes();
        whole.extend_from_slice(event);
        let event = Bytes::from(whole);
        self.bytes += event.len();
        self.unmarked.events += 1;
        self.unmarked.bytes += event.len();
        self.kept.push_back(Kept { number: self.last, target: target.clone(), event: event.clone() });
        while self.kept.len() > self.limits.events || self.bytes > self.limits.bytes {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes -= oldest.event.len();
        }
        event
    }

    /// A number for all readers, twice before what they have read is forgotten: so one whose groups were silent can come
    /// back, too.
    fn mark(&mut self) -> Option<Bytes> {
        let due = self.unmarked.events > self.limits.events / 2 || self.unmarked.bytes > self.limits.bytes / 2;
        due.then(|| {
            self.unmarked = HistoryLimits { events: 0, bytes: 0 };
            self.marked("", "")
        })
    }

    /// The last number; with an event if there is data.
    fn marked(&self, event: &str, data: &str) -> Bytes {
        let id = format!("id: {:x}-{}\r\n", self.epoch, self.last);
        if data.is_empty() {
            Bytes::from(id + "\r\n")
        } else {
            format!("{id}event: {event}\r\ndata: {data}\r\n\r\n").into()
        }
    }

    fn missed(&self, last: Option<&str>) -> Missed {
        let Some(last) = last else { return Missed::First };
        let parsed = last
            .split_once('-')
            .and_then(|(epoch, number)| Some((u64::from_str_radix(epoch, 16).ok()?, number.parse::<u64>().ok()?)));
        match parsed {
            Some((epoch, number)) if epoch == self.epoch && number <= self.last => {
                let oldest = self.kept.front().map_or(self.last + 1, |kept| kept.number);
                if number + 1 >= oldest { Missed::Kept(number) } else { Missed::Unknown("expired") }
            }
            _ => Missed::Unknown("restarted"),
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers").field("connections", &self.connections).finish_non_exhaustive()
    }
}
