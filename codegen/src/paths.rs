//! Paths as they are shown to people.

use std::{
    fs,
    path::{Path, PathBuf},
};

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

/// How a file in the folder `from` names the folder `to` in an `import`. Both are absolute.
pub(crate) fn module(from: &Path, to: &Path) -> String {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - common;
    let down = to.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<_> = std::iter::repeat_n("..".to_owned(), up).chain(down).collect();
    if up == 0 { format!("./{}", parts.join("/")) } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_folder_is_imported_from_another() {
        let module = |from, to| super::module(Path::new(from), Path::new(to));
        assert_eq!(module("/app/web/admin/hubs", "/app/web/chat/hubs"), "../../chat/hubs");
        assert_eq!(module("/app/web", "/app/web/chat"), "./chat");
    }

    use super::*;

    #[test]
    fn paths_are_shown_from_here() {
        let shown = |path: &str| from(Path::new("/home/me/app/contract"), Path::new(path));
        assert_eq!(shown("/home/me/app/contract/hubs.json"), Path::new("hubs.json"));
        assert_eq!(shown("/home/me/app/web/chat-hub.ts"), Path::new("../web/chat-hub.ts"));
        assert_eq!(shown("/tmp/chat-hub.ts"), Path::new("/tmp/chat-hub.ts"));
    }
}
