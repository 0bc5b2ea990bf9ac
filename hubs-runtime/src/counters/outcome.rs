//! How a call ended, as it is counted.

/// The outcomes of a call that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallOutcome {
    /// With a result, or all items of a stream.
    Ok,
    /// With an error.
    Error,
    /// Its caller cancelled it.
    Cancelled,
}

impl CallOutcome {
    #[cfg_attr(not(feature = "metrics"), allow(dead_code, reason = "only metrics need all of them"))]
    pub(crate) const ALL: [Self; 3] = [Self::Ok, Self::Error, Self::Cancelled];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }
}
