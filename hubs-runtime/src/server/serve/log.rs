//! What goes wrong is written to the terminal where the application has set no log of its own.

use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Writes warnings and errors to stderr, or what `RUST_LOG` asks for (`info`, `hubs=debug,warn`), unless the process has
/// a subscriber already.
pub(super) fn install() {
    let asked = std::env::var("RUST_LOG").ok().and_then(|filter| filter.parse().ok());
    let filter = asked.unwrap_or_else(|| Targets::new().with_default(tracing::Level::WARN));
    // It fails where there is one.
    let _ = tracing_subscriber::registry().with(fmt::layer().with_writer(std::io::stderr)).with(filter).try_init();
}
