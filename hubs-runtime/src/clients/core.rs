//! What all doors to one hub's connections share.

use std::{fmt, sync::Arc, time::Duration};

use crate::{counters::Counters, invocation::PendingCalls, lifetime::LocalLifetimeManager};

pub(crate) struct HubCore {
    pub(crate) lifetime: LocalLifetimeManager,
    pub(crate) counters: Arc<Counters>,
    pub(crate) pending: Arc<PendingCalls>,
    pub(crate) client_result_timeout: Option<Duration>,
}

impl HubCore {
    pub(crate) fn new(client_result_timeout: Option<Duration>) -> Self {
        let counters = Arc::<Counters>::default();
        let lifetime = LocalLifetimeManager::new(Arc::clone(&counters));
        Self { lifetime, counters, pending: Arc::default(), client_result_timeout }
    }
}

impl fmt::Debug for HubCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubCore").field("connections", &self.lifetime.connections()).finish_non_exhaustive()
    }
}
