//! `generate --watch`: reads the times of source files twice a second and generates again when one has changed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime},
};

use hubs_codegen::{Error, Workspace};

use super::{
    args::{Common, Document},
    commands,
    shell::Shell,
};

/// How long a change may go unnoticed.
const PAUSE: Duration = Duration::from_millis(500);

/// Generates now and whenever a source changes. Never ends by itself; mistakes in the sources are shown and waited out.
pub(crate) fn generate(shell: Shell, common: &Common, document: &Document) -> Result<ExitCode, Error> {
    let places = match &document.from {
        Some(from) => vec![from.clone()],
        None => Workspace::read(common.cargo_options(shell, "Generating"))?.sources(),
    };
    let shown: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
    let mut seen = BTreeMap::new();
    loop {
        let now = sources(&places);
        if now != seen {
            seen = now;
            if let Err(error) = commands::generate(shell, common, document) {
                shell.error(&error);
            }
            shell.status("Watching", shown.join(", "));
        }
        std::thread::park_timeout(PAUSE);
    }
}

/// When each source file below these places was written.
pub(super) fn sources(places: &[PathBuf]) -> BTreeMap<PathBuf, Option<SystemTime>> {
    let mut found = BTreeMap::new();
    places.iter().for_each(|place| collect(place, true, &mut found));
    found
}

fn collect(path: &Path, asked_for: bool, found: &mut BTreeMap<PathBuf, Option<SystemTime>>) {
    if path.is_dir() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let others = ["target", "node_modules"].contains(&name.as_ref()) || name.starts_with('.');
        if !others || asked_for {
            let entries = fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
            entries.for_each(|entry| collect(&entry.path(), false, found));
        }
        return;
    }
    let is_source = path.extension().is_some_and(|e| e == "rs") || path.ends_with("Cargo.toml");
    if is_source || asked_for {
        let written = fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        found.insert(path.to_owned(), written);
    }
}
