//! Generated files on disk: compared, written whole or not at all, never rewritten when they are equal.

use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;

use crate::{emit::MARKS, error::Error, paths::relative};

/// A draft that is older belongs to a run that was killed.
const DRAFT_AGE: Duration = Duration::from_secs(60);

/// What the disk should hold for one package.
#[derive(Debug)]
pub struct Plan {
    /// The package.
    pub package: String,
    /// The files, each with its whole text.
    pub files: Vec<(PathBuf, String)>,
    /// The folders that hold generated files only of this package, besides other people's.
    pub folders: Vec<PathBuf>,
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
    /// A file cannot be read, or was not written by this tool.
    pub fn differences(&self) -> Result<Vec<Difference>, Error> {
        let mut found = Vec::new();
        for (path, new) in &self.files {
            let old = read(path)?;
            if old.as_deref() == Some(new.as_str()) {
                continue;
            }
            if old.as_ref().is_some_and(|old| !ours(path, old)) {
                return Err(Error::NotOurs(relative(path)));
            }
            found.push(Difference { path: path.clone(), old, new: Some(new.clone()) });
        }
        for folder in self.folders.iter().filter(|folder| folder.is_dir()) {
            found.extend(self.left_over(folder)?);
        }
        Ok(found)
    }

    /// Files that an earlier contract of this package needed.
    fn left_over(&self, folder: &Path) -> Result<Vec<Difference>, Error> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
            let path = entry.map_err(Error::io("read", folder))?.path();
            let extension = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
            let is_module = MARKS.iter().any(|(ours, _)| *ours == extension) && path.is_file();
            if !is_module || self.files.iter().any(|(planned, _)| *planned == path) {
                continue;
            }
            let old = read(&path)?.unwrap_or_default();
            let of_this = |mark: &str| format!("{mark} from the contract of {}.", self.package);
            let first = old.lines().next().unwrap_or_default();
            if MARKS.iter().any(|(_, mark)| first.starts_with(&of_this(mark))) {
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
}

/// Makes all files as they should be: every new text is on the disk before the first file changes, and a reader sees
/// the old text of a file or the new one.
///
/// # Errors
/// A file cannot be written or removed. If a text does not fit the disk, no file was changed.
pub(crate) fn apply(differences: &[Difference]) -> Result<(), Error> {
    let folders: BTreeSet<_> = differences.iter().filter_map(|difference| difference.path.parent()).collect();
    folders.into_iter().for_each(clean);
    let mut drafts = Vec::new();
    for Difference { path, new, .. } in differences {
        drafts.push(new.as_ref().map(|text| Draft::write(path, text)).transpose()?);
    }
    for (difference, draft) in differences.iter().zip(drafts) {
        match draft {
            Some(draft) => draft.keep()?,
            None => fs::remove_file(&difference.path).map_err(Error::io("remove", &difference.path))?,
        }
    }
    Ok(())
}

/// Whether an earlier run wrote this. What is no JSON any more, as after a merge, may be made anew.
fn ours(path: &Path, text: &str) -> bool {
    if path.extension().is_none_or(|extension| extension != "json") {
        return MARKS.iter().any(|(_, mark)| text.starts_with(mark));
    }
    let Ok(document) = serde_json::from_str::<Value>(text) else { return true };
    let has = |key: &str| document.get(key).is_some();
    (has("format") && has("hubs")) || has("asyncapi") || (has("$schema") && has("$defs"))
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.replace("\r\n", "\n"))),
        // A file where a folder should be is said when the folder is to be made.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

/// Writes a file whole: a reader sees the old text or the new one.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    Draft::write(path, text)?.keep()
}

/// A text on the disk, beside the file that it is for. It is gone if it is not kept.
struct Draft<'a> {
    path: &'a Path,
    draft: PathBuf,
}

/// How the name of a draft ends.
const DRAFT: &str = ".hubs";

impl<'a> Draft<'a> {
    fn write(path: &'a Path, text: &str) -> Result<Self, Error> {
        let folder = path.parent().unwrap_or(path);
        fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let draft = Self { path, draft: folder.join(format!(".{name}.{}{DRAFT}", std::process::id())) };
        fs::write(&draft.draft, text).map_err(Error::io("write", path))?;
        Ok(draft)
    }

    fn keep(self) -> Result<(), Error> {
        fs::rename(&self.draft, self.path).map_err(Error::io("write", self.path))
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // It was kept, or there is an error already that says what is wrong.
        let _ = fs::remove_file(&self.draft);
    }
}

/// Removes the drafts of a run that was killed. Those of a run that is still going on are younger.
fn clean(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let written = entry.metadata().and_then(|metadata| metadata.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok()).unwrap_or_default();
        if name.starts_with('.') && name.ends_with(DRAFT) && age > DRAFT_AGE {
            // An empty folder does no harm, and what keeps it from being removed will also stop a file from being written.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes a file unless it holds that text already: cargo builds again what is newer.
pub(crate) fn write_if_changed(path: &Path, text: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) { Ok(()) } else { write(path, text) }
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
        Plan { package: "chat".to_owned(), files, folders: vec![folder.to_owned()] }
    }

    fn head(package: &str) -> String {
        format!("{} from the contract of {package}. Do not edit it.\n", MARKS[0].1)
    }

    #[test]
    fn what_is_written_is_equal_and_is_not_written_again() {
        let folder = Scratch::new("equal");
        let plan = plan(&folder.path().join("deep/er"), &[("a.ts", "a\n")]);
        let found = plan.differences().unwrap();
        assert_eq!(found.len(), 1);
        apply(&found).unwrap();
        assert!(plan.differences().unwrap().is_empty());
        let names: Vec<_> =
            fs::read_dir(folder.path().join("deep/er")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["a.ts"], "nothing temporary stays");
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
        apply(&found).unwrap();
        assert!(!folder.path().join("old.ts").exists());
    }

    #[test]
    fn other_peoples_files_are_not_overwritten() {
        let folder = Scratch::new("others");
        fs::write(folder.path().join("index.ts"), "export const mine = 1;\n").unwrap();
        let error = plan(folder.path(), &[("index.ts", "")]).differences().unwrap_err();
        assert!(error.to_string().contains("index.ts is in the way"), "{error}");
    }

    #[test]
    fn a_document_in_the_way_is_known_by_its_keys() {
        for (text, expected) in [
            ("{ \"name\": \"a-web-page\" }", false),
            ("[]", false),
            ("<<<<<<< HEAD\n{", true),
            ("{ \"format\": 1, \"hubs\": [] }", true),
            ("{ \"asyncapi\": \"3.0.0\" }", true),
        ] {
            assert_eq!(ours(Path::new("package.json"), text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_that_cannot_be_written_changes_no_file() {
        let folder = Scratch::new("whole");
        let plan = plan(folder.path(), &[("a.ts", "new\n"), ("b/c.ts", "new\n")]);
        fs::write(folder.path().join("a.ts"), head("chat")).unwrap();
        let found = plan.differences().unwrap();
        // Where a folder should be, there is a file.
        fs::write(folder.path().join("b"), "").unwrap();
        let error = apply(&found).unwrap_err().to_string();
        assert!(error.starts_with("cannot make the folder"), "{error}");
        assert_eq!(fs::read_to_string(folder.path().join("a.ts")).unwrap(), head("chat"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "a draft stays");
    }

    #[test]
    fn drafts_of_a_run_that_was_killed_go() {
        let folder = Scratch::new("killed");
        let (old, young) = (folder.path().join(".a.ts.1.hubs"), folder.path().join(".a.ts.2.hubs"));
        for path in [&old, &young] {
            fs::write(path, "half").unwrap();
        }
        let long_ago = std::time::SystemTime::now() - 2 * DRAFT_AGE;
        fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        apply(&plan(folder.path(), &[("a.ts", "")]).differences().unwrap()).unwrap();
        assert!(!old.exists() && young.exists());
    }
}
