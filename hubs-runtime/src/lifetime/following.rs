//! What readers of a feed get from other processes, for as long as they follow it.

use std::{any::Any, fmt};

use super::Answer;

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
