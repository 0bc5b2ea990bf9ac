//! Group commands that this node has sent and that wait until the node of the connection has done them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::ids::ShrinkSpare;

/// Commands by their ids.
#[derive(Debug, Default)]
pub(super) struct Commands {
    last: AtomicI64,
    waiting: Mutex<HashMap<i64, oneshot::Sender<()>>>,
}

/// A command that waits. It is forgotten when this is dropped.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) id: i64,
    pub(super) done: oneshot::Receiver<()>,
    commands: Arc<Commands>,
}

impl Commands {
    /// A new command. Ids are those of a 32-bit integer, as .NET's are.
    pub(super) fn start(self: &Arc<Self>) -> Command {
        let id = self.last.fetch_add(1, Ordering::Relaxed) % i64::from(i32::MAX) + 1;
        let (sender, done) = oneshot::channel();
        self.waiting.lock().insert(id, sender);
        Command { id, done, commands: Arc::clone(self) }
    }

    /// The command was done.
    pub(super) fn acknowledge(&self, id: i64) {
        let sender = self.waiting.lock().remove(&id);
        if let Some(sender) = sender {
            let _ = sender.send(());
        }
    }
}

impl Drop for Command {
    fn drop(&mut self) {
        let mut waiting = self.commands.waiting.lock();
        waiting.remove(&self.id);
        waiting.shrink_spare();
    }
}
