//! What the nodes of a cluster ask each other about one hub, on channels that only nodes of this library know. Must not
//! know how messages to clients travel.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc::{self, Sender},
    time::timeout,
};

use crate::{
    backplane::{Backplane, BackplaneError, Subscription},
    ids::UserId,
};

/// How long the other nodes may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// How many answers may wait to be read. The next ones are lost, as if they had come too late.
const ANSWERS: usize = 1024;

/// Ends the connections of a user in this process, and says how many there were.
pub(super) type EndUser = Arc<dyn Fn(&UserId) -> usize + Send + Sync>;

/// The other nodes that serve a hub.
pub(crate) struct Nodes {
    backplane: Arc<dyn Backplane>,
    /// Where all nodes of the hub hear questions.
    questions: String,
    /// Where this node hears answers.
    answers: String,
    last: AtomicU64,
    waiting: Arc<Waiting>,
    _subscriptions: [Subscription; 2],
}

/// Who waits for the answers to which question.
type Waiting = Mutex<HashMap<u64, Sender<usize>>>;

/// What one node asks all others. A node that is older does not know all kinds, and does not answer those.
#[derive(Debug, Serialize, Deserialize)]
enum Question {
    DisconnectUser { user: String, number: u64, answers: String },
}

#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    number: u64,
    count: usize,
}

impl Nodes {
    pub(super) fn new(hub: &str, backplane: Arc<dyn Backplane>, end_user: EndUser) -> Self {
        let questions = format!("{hub}:internal:hubs");
        let answers = format!("{questions}:{}", backplane.node());
        let waiting = Arc::<Waiting>::default();
        let hear = {
            let waiting = Arc::clone(&waiting);
            move |payload: Bytes| {
                let Some(Answer { number, count }) = read(&payload) else { return };
                if let Some(asker) = waiting.lock().get(&number) {
                    let _ = asker.try_send(count);
                }
            }
        };
        let reply = {
            let backplane = Arc::clone(&backplane);
            move |payload: Bytes| {
                let Some(Question::DisconnectUser { user, number, answers }) = read(&payload) else { return };
                let count = end_user(&UserId::from(user));
                // It is queued now. The asker counts the answers that come.
                drop(backplane.publish(&answers, write(&Answer { number, count })));
            }
        };
        let subscriptions =
            [backplane.subscribe(&answers, Arc::new(hear)), backplane.subscribe(&questions, Arc::new(reply))];
        Self { backplane, questions, answers, last: AtomicU64::new(0), waiting, _subscriptions: subscriptions }
    }

    /// Ends the connections of a user on all other nodes. Returns how many there were.
    pub(super) async fn disconnect_user(&self, user: &UserId) -> Result<usize, BackplaneError> {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        let (sender, mut counts) = mpsc::channel(ANSWERS);
        let _waits = Waits { waiting: &self.waiting, number };
        self.waiting.lock().insert(number, sender);
        let question =
            Question::DisconnectUser { user: user.as_str().to_owned(), number, answers: self.answers.clone() };
        let nodes = self.backplane.publish(&self.questions, write(&question)).await?;
        let (mut ended, mut answered) = (0, 0);
        let all = async {
            while nodes.is_none_or(|nodes| answered < nodes) {
                ended += counts.recv().await.unwrap_or_default();
                answered += 1;
            }
        };
        match timeout(LIMIT, all).await {
            Err(_) if nodes.is_some() => Err(BackplaneError::TimedOut(LIMIT)),
            _ => Ok(ended),
        }
    }
}

/// A question that waits for answers, until it is dropped.
struct Waits<'a> {
    waiting: &'a Waiting,
    number: u64,
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.waiting.lock().remove(&self.number);
    }
}

/// What a node has sent; `None` if this one does not know it.
fn read<T: for<'de> Deserialize<'de>>(payload: &[u8]) -> Option<T> {
    let read = serde_json::from_slice(payload);
    read.inspect_err(|error| tracing::warn!(%error, "another node asks or answers what this one does not know")).ok()
}

fn write(message: &impl Serialize) -> Bytes {
    serde_json::to_vec(message).unwrap_or_default().into()
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nodes").field("backplane", &self.backplane).finish_non_exhaustive()
    }
}
