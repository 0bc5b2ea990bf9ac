//! What readers of a feed get from other processes, for as long as they follow it.

use std::{any::Any, fmt};

use futures_util::{FutureExt, future::Either};

use super::Answer;
use crate::invocation::SendError;

/// What other processes send to some groups, to a user and to all reaches this process, until this is dropped.
#[derive(Default)]
pub(crate) struct Following {
    held: Option<Box<dyn Any + Send + Sync>>,
    is_new: bool,
    confirmed: Option<Answer<()>>,
}

impl Following {
    /// `held` ends what is followed when it is dropped. `is_new`: some of it did not reach this process before.
    pub(super) fn new(held: impl Any + Send + Sync, is_new: bool, confirmed: Answer<()>) -> Self {
        Self { held: Some(Box::new(held)), is_new, confirmed: Some(confirmed) }
    }

    /// With what is held, too, until this is dropped, once `ready` is there.
    pub(super) fn and(
        self,
        held: impl Any + Send + Sync,
        ready: impl Future<Output = Result<(), SendError>> + Send + 'static,
    ) -> Self {
        let Self { held: first, is_new, confirmed } = self;
        let confirmed = async move {
            if let Some(confirmed) = confirmed {
                confirmed.await?;
            }
            ready.await
        };
        let held: Box<dyn Any + Send + Sync> = Box::new((first, held));
        Self { held: Some(held), is_new, confirmed: Some(Either::Right(confirmed.boxed())) }
    }

    /// Whether there are other processes.
    pub(crate) fn has_others(&self) -> bool {
        self.held.is_some()
    }

    /// Waits until all of it reaches this process. Whether it did so before, without a gap.
    pub(crate) async fn is_whole(&mut self) -> bool {
        match self.confirmed.take() {
            None => true,
            Some(confirmed) => confirmed.await.is_ok() && !self.is_new,
        }
    }
}

impl fmt::Debug for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Following").field("has_others", &self.has_others()).finish_non_exhaustive()
    }
}
