//! A handle for a hub's clients from outside its methods: ASP.NET Core's `IHubContext`.

use std::{fmt, marker::PhantomData, sync::Arc};

#[cfg(feature = "server")]
use super::Presence;
use super::{Asking, Clients, Groups, HubCore};
use crate::call::HubInterface;
#[cfg(feature = "server")]
use crate::{
    call::{PresenceMeta, ShowsPresence},
    ids::UserId,
    invocation::SendError,
};

/// A handle for calling the clients of hub `C` from outside its methods: a background task, an HTTP handler, a job. Cheap
/// to clone.
///
/// It comes from [`Hubs::context`](crate::Hubs::context) and may be kept in axum's state.
///
/// ```
/// use std::time::Duration;
///
/// use hubs::{HubContext, HubResult, Hubs, client_interface, hub};
///
/// #[client_interface]
/// trait ClockClient { async fn time(&self, seconds: u64) -> HubResult<()>; }
/// # type Cx = hubs::HubCallerContext<ClockClientContract>;
/// #[hub(client = ClockClient)]
/// trait ClockHub { async fn ping(&self, cx: &Cx) -> HubResult<()>; }
/// # struct Clock;
/// # impl ClockHub for Clock { async fn ping(&self, _: &Cx) -> HubResult<()> { Ok(()) } }
///
/// async fn tell_the_time(context: HubContext<ClockHubContract>) {
///     for seconds in 0.. {
///         let _ = context.clients().all().time(seconds).await;
///         tokio::time::sleep(Duration::from_secs(1)).await;
///     }
/// }
///
/// let hubs = Hubs::new().map("/clock", ClockHubContract, Clock);
/// let context = hubs.context::<ClockHubContract>();
/// # drop(tell_the_time(context)); // in an application: `tokio::spawn(tell_the_time(context));`
/// ```
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
        Clients::new(Arc::clone(&self.core), Asking::Outside, None, None)
    }

    /// Ends all connections of a user, who was banned or has logged out: calls that wait for their turn do not run, and the
    /// clients are told not to connect again. What else the user is let in by, such as a token, must be refused by the
    /// application from then on. Returns how many were ended.
    ///
    /// With a [`Hubs::backplane`](crate::Hubs::backplane) it ends those on all nodes, and waits up to 2 s for their answers.
    /// Dropping the future while it waits ends them all the same. Nodes of ASP.NET Core do not take part. Needs feature
    /// `server`.
    ///
    /// # Errors
    ///
    /// [`SendError::Backplane`] if the other nodes are not reached, or one has not answered in time. The connections of
    /// this node are ended, and those of other nodes may not be.
    #[cfg(feature = "server")]
    pub async fn disconnect_user(&self, user: impl Into<UserId>) -> Result<usize, SendError> {
        self.core.disconnect_user(&user.into()).await
    }

    /// Who is in a group, for hubs whose client interface has `presence = ..`. Needs feature `server`.
    #[cfg(feature = "server")]
    pub fn presence<M: PresenceMeta>(&self) -> Presence<M>
    where
        C::Client: ShowsPresence<Member = M>,
    {
        Presence::new(Arc::clone(&self.core))
    }

    /// Adds connections to groups and removes them.
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
