//! The keys of one issuer, fetched from an address that the application has configured, and kept: they are fetched again
//! from time to time, and when a token names a key that is not there. A fetch that fails changes nothing.

use std::{fmt, sync::Arc, time::Duration};

use parking_lot::{Mutex, RwLock};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::{
    fetch::{self, Address},
    keys::{self, Key},
};

/// How often keys are fetched unless the application says otherwise.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// Tokens with unknown keys cause no more than one fetch in this time, however many come.
const PAUSE: Duration = Duration::from_secs(10);
/// After a failure the next fetch comes at the latest after this time.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Where keys come from, and those that are there. Clones share them.
#[derive(Clone)]
pub(super) struct RemoteKeys {
    config: Arc<Config>,
    state: Arc<State>,
}

#[derive(Clone)]
struct Config {
    address: Address,
    /// Certificates in DER that are trusted beside the system's.
    roots: Vec<Vec<u8>>,
    every: Duration,
    pause: Duration,
}

#[derive(Default)]
struct State {
    keys: Arc<RwLock<Arc<[Key]>>>,
    worker: Mutex<Option<Worker>>,
}

/// The task that fetches. It ends when the last clone of the keys is dropped.
#[derive(Clone)]
struct Worker {
    ask: mpsc::Sender<()>,
    progress: watch::Receiver<Progress>,
}

/// How far the task is.
#[derive(Clone, Default)]
struct Progress {
    /// How many fetches have ended.
    ended: u64,
    running: bool,
    last_ended: Option<Instant>,
    /// Why the last one failed.
    error: Option<String>,
}

impl RemoteKeys {
    /// Nothing is fetched until the keys are first needed.
    pub(super) fn new(address: Address) -> Self {
        let config = Config { address, roots: Vec::new(), every: EVERY, pause: PAUSE };
        Self { config: Arc::new(config), state: Arc::default() }
    }

    pub(super) fn set_every(&mut self, every: Duration) {
        self.change(|config| config.every = every);
    }

    pub(super) fn trust(&mut self, root: Vec<u8>) {
        self.change(|config| config.roots.push(root));
    }

    #[cfg(test)]
    pub(super) fn set_pause(&mut self, pause: Duration) {
        self.change(|config| config.pause = pause);
    }

    fn change(&mut self, change: impl FnOnce(&mut Config)) {
        change(Arc::make_mut(&mut self.config));
        self.state = Arc::default();
    }

    /// The keys that are there. Starts to fetch them where that has not begun.
    pub(super) fn current(&self) -> Arc<[Key]> {
        let _ = self.worker();
        Arc::clone(&self.state.keys.read())
    }

    /// Has the keys fetched soon, unless that was done just now.
    pub(super) fn ask(&self) {
        if let Some(worker) = self.worker()
            && self.may_ask(&worker)
        {
            let _ = worker.ask.try_send(());
        }
    }

    /// Has the keys fetched and waits for that, unless it was done just now.
    ///
    /// # Errors
    /// Why the last fetch failed.
    pub(super) async fn fetched(&self) -> Result<(), String> {
        let Some(mut worker) = self.worker() else { return Err("it was called outside of tokio".to_owned()) };
        let Progress { ended, running, .. } = worker.progress.borrow().clone();
        // A task that has only just been made begins by itself.
        if running || ended == 0 || self.may_ask(&worker) {
            let _ = worker.ask.try_send(());
            // It fails only when the task has ended with its runtime.
            let _ = worker.progress.wait_for(|progress| progress.ended > ended).await;
        }
        let error = worker.progress.borrow().error.clone();
        error.map_or(Ok(()), Err)
    }

    fn may_ask(&self, worker: &Worker) -> bool {
        worker.progress.borrow().last_ended.is_none_or(|ended| ended.elapsed() >= self.config.pause)
    }

    /// The task, started where there is none, or where it has ended with the runtime that it was started on.
    fn worker(&self) -> Option<Worker> {
        let mut worker = self.state.worker.lock();
        if let Some(worker) = worker.as_ref().filter(|worker| !worker.ask.is_closed()) {
            return Some(worker.clone());
        }
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        let (ask, asked) = mpsc::channel(1);
        let (says, progress) = watch::channel(Progress::default());
        let (config, keys) = (Arc::clone(&self.config), Arc::clone(&self.state.keys));
        runtime.spawn(async move { keep(&config, &keys, asked, &says).await });
        Some(worker.insert(Worker { ask, progress }).clone())
    }
}

/// Fetches the keys again and again, until they are not needed any more.
async fn keep(
    config: &Config,
    keys: &RwLock<Arc<[Key]>>,
    mut asked: mpsc::Receiver<()>,
    says: &watch::Sender<Progress>,
) {
    loop {
        says.send_modify(|progress| progress.running = true);
        let error = fetch_into(config, keys).await.err();
        if let Some(error) = &error {
            let kept = keys.read().len();
            tracing::warn!(address = %config.address, kept, error, "keys for tokens cannot be fetched; the old ones stay");
        }
        // Those who asked meanwhile have what there is now.
        let _ = asked.try_recv();
        let now = Instant::now();
        let next = if error.is_some() { config.every.min(AFTER_FAILURE) } else { config.every };
        says.send_modify(|progress| {
            *progress = Progress { ended: progress.ended + 1, running: false, last_ended: Some(now), error };
        });
        if !wait(now + next, now + config.pause, &mut asked).await {
            return;
        }
    }
}

/// Waits until the next fetch is due, or is asked for and allowed. `false`: the keys are not needed any more.
async fn wait(due: Instant, allowed: Instant, asked: &mut mpsc::Receiver<()>) -> bool {
    loop {
        tokio::select! {
            () = sleep_until(due) => return true,
            asked = asked.recv() => match asked {
                None => return false,
                Some(()) if Instant::now() >= allowed => return true,
                Some(()) => {}
            },
        }
    }
}

async fn fetch_into(config: &Config, keys: &RwLock<Arc<[Key]>>) -> Result<(), String> {
    let body = fetch::get(&config.address, &config.roots).await?;
    let text = std::str::from_utf8(&body).map_err(|error| error.to_string())?;
    let fetched: Arc<[Key]> = keys::of_set(text).map_err(|error| error.to_string())?.into();
    let before = std::mem::replace(&mut *keys.write(), fetched);
    drop(before);
    Ok(())
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteKeys({})", self.config.address)
    }
}
