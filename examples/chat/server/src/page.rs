//! The built page, as files. Must not know about the hub.

use std::{env, path::PathBuf};

use tower_http::services::{ServeDir, ServeFile};

/// Serves the page from `HUBS_CHAT_WEB`, or from where `npm run build` puts it. What is no file is the page itself.
pub(crate) fn service() -> ServeDir<ServeFile> {
    let folder = env::var_os("HUBS_CHAT_WEB")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist")), PathBuf::from);
    let index = folder.join("index.html");
    if !index.is_file() {
        tracing::warn!(
            folder = %folder.display(),
            "the page is not built, only the hub is served: run `npm ci && npm run build` in examples/chat/web",
        );
    }
    ServeDir::new(folder).fallback(ServeFile::new(index))
}
