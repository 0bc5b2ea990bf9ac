//! Who is connected.

use std::{
    collections::HashMap,
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc::UnboundedSender;

/// Where what is sent to a connection waits.
pub(crate) type Queue = UnboundedSender<Utf8Bytes>;

static NEXT: AtomicU64 = AtomicU64::new(1);
static CONNECTED: LazyLock<Mutex<HashMap<u64, Queue>>> = LazyLock::new(Mutex::default);

pub(crate) fn next_id() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn add(id: u64, queue: Queue) {
    CONNECTED.lock().unwrap_or_else(PoisonError::into_inner).insert(id, queue);
}

pub(crate) fn remove(id: u64) {
    CONNECTED.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
}

/// Sends a message, encoded once, to all.
pub(crate) fn broadcast(message: &Utf8Bytes) {
    for queue in CONNECTED.lock().unwrap_or_else(PoisonError::into_inner).values() {
        let _ = queue.send(message.clone());
    }
}
