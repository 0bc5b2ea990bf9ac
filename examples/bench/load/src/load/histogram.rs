//! Delays, in nanoseconds, and their quantiles.

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// The longest delay that is told apart: a minute.
const LONGEST: u64 = 60_000_000_000;

/// Delays of one run.
#[derive(Debug)]
pub(crate) struct Delays(Option<Histogram<u64>>);

impl Delays {
    pub(crate) fn new() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST, 3).ok())
    }

    pub(crate) fn record(&mut self, nanoseconds: u64) {
        if let Some(histogram) = &mut self.0 {
            histogram.saturating_record(nanoseconds.max(1));
        }
    }

    /// How many are longer than this.
    pub(crate) fn longer_than(&self, nanoseconds: u64) -> u64 {
        self.0.as_ref().map_or(0, |histogram| histogram.len() - histogram.count_between(0, nanoseconds))
    }

    /// Quantiles in microseconds; null if nothing was recorded.
    pub(crate) fn report(&self) -> Value {
        let Some(histogram) = self.0.as_ref().filter(|histogram| !histogram.is_empty()) else { return Value::Null };
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        json!({ "p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "max": histogram.max() as f64 / 1e3 })
    }
}
