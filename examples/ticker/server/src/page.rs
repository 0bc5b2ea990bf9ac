//! The built page, as files. Must not know about the hub.

use std::{env, path::PathBuf};

use tower_http::services::ServeDir;

/// Serves the page from `HUBS_TICKER_WEB`, or from where `npm run build` puts it.
pub(crate) fn service() -> ServeDir {
    let folder = env::var_os("HUBS_TICKER_WEB")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist")), PathBuf::from);
    if !folder.join("index.html").is_file() {
        tracing::warn!(
            folder = %folder.display(),
            "the page is not built, only the hub is served: run `npm ci && npm run build` in examples/ticker/web",
        );
    }
    ServeDir::new(folder)
}
