//! The door to a hub's clients from outside of a call: ASP.NET Core's `IHubContext`.

use std::{fmt, marker::PhantomData, sync::Arc};

use super::{Asking, Clients, Groups, HubCore};
use crate::call::HubInterface;

/// Calls the clients of hub `C` (`HubContext<ChatHubContract>`) from anywhere: a background task, an HTTP handler, a
/// job. Cheap to clone.
///
/// It comes from [`Hubs::context`](crate::Hubs::context) and may be kept in axum's state.
pub struct HubContext<C> {
    core: Arc<HubCore>,
    hub: PhantomData<fn() -> C>,
}

impl<C: HubInterface> HubContext<C> {
    pub(crate) fn new(core: Arc<HubCore>) -> Self {
        Self { core, hub: PhantomData }
    }

    /// Chooses which clients to call.
    pub fn clients(&self) -> Clients<C::Client> {
        Clients::new(Arc::clone(&self.core), Asking::Outside)
    }

    /// Group membership.
    pub fn groups(&self) -> Groups {
        Groups::new(Arc::clone(&self.core))
    }
}

impl<C> Clone for HubContext<C> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), hub: PhantomData }
    }
}

impl<C> fmt::Debug for HubContext<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubContext").field("hub", &self.core).finish()
    }
}
