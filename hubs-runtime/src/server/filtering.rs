//! How an application puts filters around its hubs.

use super::Hubs;
use crate::{call::HubInterface, hub::HubFilter};

impl Hubs {
    /// Puts a filter around all hubs, whether they are mapped before or after this. Filters run in the order in which they
    /// are added; those of a hub run inside of these. See [`HubFilter`].
    ///
    /// # Panics
    ///
    /// As [`Hubs::options`].
    #[must_use]
    pub fn filter(mut self, filter: impl HubFilter) -> Self {
        self.assert_not_started("filter");
        self.filters.add(filter);
        self
    }

    /// Puts a filter around the hub of this contract, at all its paths, inside of the filters of all hubs.
    ///
    /// ```
    /// # use hubs::{hub, HubResult, Hubs, LogFilter, NoClient};
    /// # pub type Cx = hubs::HubCallerContext<NoClient>;
    /// # #[hub] trait Chat { async fn say(&self, cx: &Cx, text: String) -> HubResult<()>; }
    /// # struct Room;
    /// # impl Chat for Room { async fn say(&self, _: &Cx, _: String) -> HubResult<()> { Ok(()) } }
    /// let hubs = Hubs::new().map("/chat", ChatContract, Room).hub_filter(ChatContract, LogFilter::new());
    /// # drop(hubs);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Hubs::context`] and [`Hubs::options`].
    #[must_use]
    pub fn hub_filter<C: HubInterface>(mut self, _contract: C, filter: impl HubFilter) -> Self {
        self.assert_not_started("hub_filter");
        self.add_filter::<C>(None, filter);
        self
    }

    /// The same for the hub of this name.
    ///
    /// # Panics
    ///
    /// As [`Hubs::context_named`] and [`Hubs::options`].
    #[must_use]
    pub fn hub_filter_named<C: HubInterface>(mut self, name: &str, _contract: C, filter: impl HubFilter) -> Self {
        self.assert_not_started("hub_filter_named");
        self.add_filter::<C>(Some(name), filter);
        self
    }
}
