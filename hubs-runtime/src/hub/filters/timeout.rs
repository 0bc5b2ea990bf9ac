//! A filter that bounds calls in time.

use std::time::Duration;

use super::{HubFilter, HubInvocationContext, InvokeNext};
use crate::{
    call::Returned,
    ids::{HubError, HubResult},
};

/// Fails calls that take too long. The method is dropped where it waits, as in `tokio::time::timeout`; the caller reads how
/// long the limit was. Of a stream, the time until it begins counts.
///
/// ```
/// use std::time::Duration;
///
/// use hubs::{Hubs, TimeoutFilter};
///
/// let limits = TimeoutFilter::new(Duration::from_secs(10)).method("Export", Duration::from_secs(120));
/// let hubs = Hubs::new().filter(limits);
/// # drop(hubs);
/// ```
#[derive(Debug, Clone)]
pub struct TimeoutFilter {
    all: Option<Duration>,
    /// Those that have a limit of their own, by their names on the wire.
    methods: Vec<(String, Duration)>,
}

impl TimeoutFilter {
    /// Every call may take this time.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self { all: Some(limit), methods: Vec::new() }
    }

    /// Only the methods that are named have a limit.
    #[must_use]
    pub fn only() -> Self {
        Self { all: None, methods: Vec::new() }
    }

    /// Sets how long a method may take, by its name on the wire; the case of ASCII letters does not count.
    #[must_use]
    pub fn method(mut self, name: &str, limit: Duration) -> Self {
        self.methods.retain(|(method, _)| !method.eq_ignore_ascii_case(name));
        self.methods.push((name.to_owned(), limit));
        self
    }

    fn limit(&self, method: &str) -> Option<Duration> {
        let own = self.methods.iter().find(|(name, _)| name.eq_ignore_ascii_case(method));
        own.map(|(_, limit)| *limit).or(self.all)
    }
}

impl HubFilter for TimeoutFilter {
    async fn invoke_method(&self, call: &HubInvocationContext, next: InvokeNext<'_>) -> HubResult<Returned> {
        let Some(limit) = self.limit(call.method()) else { return next.run().await };
        let done = tokio::time::timeout(limit, next.run()).await;
        done.unwrap_or_else(|_| Err(HubError::client(format!("the call took longer than {limit:?}"))))
    }
}
