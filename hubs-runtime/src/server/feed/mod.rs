//! Feeds: what a hub calls on its clients, as plain Server-Sent Events for readers without a client library.

mod role;
mod route;

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;

pub(super) use self::route::{FeedRoute, router};
use super::Hubs;
use crate::{
    call::HubInterface,
    hub::Principal,
    ids::{GroupName, HubResult},
};

/// Decides on each reader of a feed.
pub(super) type Hook = Arc<dyn Fn(FeedReader) -> BoxFuture<'static, HubResult<Vec<GroupName>>> + Send + Sync>;

/// A feed of a hub, and where it is served.
pub(super) struct ServedFeed {
    pub(super) path: String,
    pub(super) hook: Hook,
}

/// One who wants to read a feed: the hook of [`Hubs::feed`] lets it in, or not.
pub struct FeedReader {
    request: http::request::Parts,
}

impl FeedReader {
    pub(super) fn new(request: http::request::Parts) -> Self {
        Self { request }
    }

    /// The authenticated user, if the request has one.
    pub fn user(&self) -> Option<&Principal> {
        self.request.extensions.get()
    }

    /// The request: its headers, query and extensions.
    pub fn request(&self) -> &http::request::Parts {
        &self.request
    }

    /// The value of a parameter of the query, percent-decoded; of a repeated one the first. Case counts.
    pub fn query(&self, name: &str) -> Option<String> {
        super::http::query::value(self.request.uri.query(), name)
    }
}

impl fmt::Debug for FeedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedReader").field("user", &self.user().map(Principal::id)).finish_non_exhaustive()
    }
}

impl Hubs {
    /// Serves a feed of the hub of this contract at `path`: what the hub calls on all its clients, on groups and on users, as
    /// plain Server-Sent Events, which a browser's `EventSource` and `curl -N` read. `open` lets each reader in and names its
    /// groups; the connections of the hub can have groups of the same names. docs/feed.md has the whole of it.
    ///
    /// ```
    /// # use hubs::{HubCallerContext, HubError, HubResult, Hubs, client_interface, hub};
    /// #[client_interface]
    /// trait NewsClient { async fn published(&self, title: String) -> HubResult<()>; }
    /// # type Cx = HubCallerContext<NewsClientContract>;
    /// #[hub(client = NewsClient)]
    /// trait NewsHub {}
    /// struct News;
    /// impl NewsHub for News {}
    ///
    /// let hubs = Hubs::new().map("/news", NewsHubContract, News).feed("/news/feed", NewsHubContract, |reader| async move {
    ///     let topic = reader.query("topic").ok_or_else(|| HubError::client("which topic?"))?;
    ///     Ok(vec![topic.into()])
    /// });
    /// # drop(hubs);
    /// ```
    ///
    /// What the hub requires with `#[authorize]`, its origins and its limits for slow clients hold for readers, too. A reader is
    /// answered 403 with the text of `HubError::client`, 401 or 403 for `HubError::unauthorized`, and 500 for any other error.
    ///
    /// # Panics
    ///
    /// As [`Hubs::context`] and [`Hubs::options`]: map the hub first.
    #[must_use]
    pub fn feed<C, F>(
        mut self,
        path: &str,
        _contract: C,
        open: impl Fn(FeedReader) -> F + Send + Sync + 'static,
    ) -> Self
    where
        C: HubInterface,
        F: Future<Output = HubResult<Vec<GroupName>>> + Send + 'static,
    {
        self.assert_not_started("feed");
        let hook: Hook = Arc::new(move |reader| Box::pin(open(reader)));
        self.add_feed::<C>(ServedFeed { path: path.to_owned(), hook });
        self
    }
}
