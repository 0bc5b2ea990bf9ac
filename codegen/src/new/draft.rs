//! A folder that appears whole or not at all: it is filled beside its place, under another name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::Error;

/// A folder that is being filled. Dropped before it is kept, it is removed.
pub(super) struct Draft {
    folder: PathBuf,
}

impl Draft {
    /// A folder beside `place`; those around it are made, too.
    pub(super) fn beside(place: &Path) -> Result<Self, Error> {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let folder = place.with_file_name(format!(".{name}.{}.hubs", std::process::id()));
        fs::create_dir_all(&folder).map_err(Error::io("make the folder", place))?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn write(&self, path: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(path);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        fs::write(&path, text).map_err(Error::io("write", &path))
    }

    /// Gives the folder its name.
    pub(super) fn keep(self, place: &Path) -> Result<(), Error> {
        fs::rename(&self.folder, place).map_err(Error::io("make the folder", place))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It has its own name by now, or there is an error already that says what is wrong.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
