//! Generated files on disk: compared, written whole or not at all, never rewritten when they are equal.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, emit::typescript::MARK};

/// What the disk should hold for one package.
#[derive(Debug)]
pub struct Plan {
    /// The package.
    pub package: String,
    /// The files, each with its whole text.
    pub files: Vec<(PathBuf, String)>,
    /// The folder that holds generated files only of this package, besides other people's.
    pub folder: Option<PathBuf>,
}

/// A file that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub path: PathBuf,
    /// What it holds; `None` if it is not there.
    pub old: Option<String>,
    /// What it should hold; `None` if it should not be there.
    pub new: Option<String>,
}

impl Plan {
    /// Compares with the disk. Line ends do not count, since git may change them.
    ///
    /// # Errors
    /// A file cannot be read, or was written by somebody else.
    pub fn differences(&self) -> Result<Vec<Difference>, Error> {
        let mut found = Vec::new();
        for (path, new) in &self.files {
            let old = read(path)?;
            if old.as_deref() == Some(new.as_str()) {
                continue;
            }
            let ours = |old: &String| old.starts_with(MARK) || path.extension().is_some_and(|e| e == "json");
            if old.as_ref().is_some_and(|old| !ours(old)) {
                return Err(Error::NotOurs(relative(path)));
            }
            found.push(Difference { path: path.clone(), old, new: Some(new.clone()) });
        }
        found.extend(self.left_over()?);
        Ok(found)
    }

    /// Files that an earlier contract of this package needed.
    fn left_over(&self) -> Result<Vec<Difference>, Error> {
        let Some(folder) = self.folder.as_ref().filter(|folder| folder.is_dir()) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
            let path = entry.map_err(Error::io("read", folder))?.path();
            let is_module = path.extension().is_some_and(|extension| extension == "ts") && path.is_file();
            if !is_module || self.files.iter().any(|(planned, _)| *planned == path) {
                continue;
            }
            let old = read(&path)?.unwrap_or_default();
            if old
                .lines()
                .next()
                .is_some_and(|line| line.starts_with(&format!("{MARK} from the contract of {}.", self.package)))
            {
                found.push(Difference { path, old: Some(old), new: None });
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }
}

impl Difference {
    /// The file's path as a person in the current directory would write it.
    pub fn shown(&self) -> PathBuf {
        relative(&self.path)
    }

    /// Makes the file as it should be.
    ///
    /// # Errors
    /// It cannot be written or removed.
    pub fn mend(&self) -> Result<(), Error> {
        match &self.new {
            Some(text) => write(&self.path, text),
            None => fs::remove_file(&self.path).map_err(Error::io("remove", &self.path)),
        }
    }
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.replace("\r\n", "\n"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

/// Writes a file whole: a reader sees the old text or the new one.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = folder.join(format!(".{name}.{}.hubs", std::process::id()));
    let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // The error below says what is wrong; a draft that cannot be removed says nothing more.
        let _ = fs::remove_file(&draft);
    }
    written.map_err(Error::io("write", path))
}

/// Writes a file unless it holds that text already: cargo builds again what is newer.
pub(crate) fn write_if_changed(path: &Path, text: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) { Ok(()) } else { write(path, text) }
}

/// The path as a person in the current directory would write it.
pub(crate) fn relative(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
    let whole = match (path.parent().and_then(|folder| fs::canonicalize(folder).ok()), path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    };
    from(&here, &whole)
}

/// `path` as seen from `here`: with a few `..` where that is shorter.
fn from(here: &Path, path: &Path) -> PathBuf {
    let common = here.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = here.components().count() - common;
    if common < 2 || up > 3 {
        return path.to_owned();
    }
    let up = std::iter::repeat_n(Path::new(".."), up);
    up.chain(path.components().skip(common).map(|part| Path::new(part.as_os_str()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder for one test.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("hubs-store-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn plan(folder: &Path, files: &[(&str, &str)]) -> Plan {
        let files = files.iter().map(|(name, text)| (folder.join(name), format!("{}{text}", head("chat")))).collect();
        Plan { package: "chat".to_owned(), files, folder: Some(folder.to_owned()) }
    }

    fn head(package: &str) -> String {
        format!("{MARK} from the contract of {package}. Do not edit it.\n")
    }

    #[test]
    fn what_is_written_is_equal_and_is_not_written_again() {
        let folder = Scratch::new("equal");
        let plan = plan(&folder.path().join("deep/er"), &[("a.ts", "a\n")]);
        let found = plan.differences().unwrap();
        assert_eq!(found.len(), 1);
        found[0].mend().unwrap();
        assert!(plan.differences().unwrap().is_empty());
        let names: Vec<_> =
            fs::read_dir(folder.path().join("deep/er")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["a.ts"], "nothing temporary stays");
    }

    #[test]
    fn paths_are_shown_from_here() {
        let shown = |path: &str| from(Path::new("/home/me/app/contract"), Path::new(path));
        assert_eq!(shown("/home/me/app/contract/hubs.json"), Path::new("hubs.json"));
        assert_eq!(shown("/home/me/app/web/chat-hub.ts"), Path::new("../web/chat-hub.ts"));
        assert_eq!(shown("/tmp/chat-hub.ts"), Path::new("/tmp/chat-hub.ts"));
    }

    #[test]
    fn line_ends_do_not_count() {
        let folder = Scratch::new("ends");
        let plan = plan(folder.path(), &[("a.ts", "a\nb\n")]);
        fs::write(folder.path().join("a.ts"), plan.files[0].1.replace('\n', "\r\n")).unwrap();
        assert!(plan.differences().unwrap().is_empty());
    }

    #[test]
    fn only_our_own_old_files_are_left_over() {
        let folder = Scratch::new("left");
        for (name, text) in [("old.ts", head("chat")), ("other.ts", head("game")), ("mine.ts", "mine".to_owned())] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let found = plan(folder.path(), &[]).differences().unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, folder.path().join("old.ts"));
        found[0].mend().unwrap();
        assert!(!folder.path().join("old.ts").exists());
    }

    #[test]
    fn other_peoples_files_are_not_overwritten() {
        let folder = Scratch::new("others");
        fs::write(folder.path().join("index.ts"), "export const mine = 1;\n").unwrap();
        let error = plan(folder.path(), &[("index.ts", "")]).differences().unwrap_err();
        assert!(error.to_string().contains("index.ts is in the way"), "{error}");
    }
}
