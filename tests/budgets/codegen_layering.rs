//! Which modules of `codegen` may import which: those with smaller numbers only, so that no two need each other.

use crate::{paths, sources};

const MODULES: &[(&str, u8)] = &[
    ("paths", 0),
    ("progress", 0),
    ("style", 0),
    ("emit", 1),
    ("error", 2),
    ("compat", 2),
    ("document", 3),
    ("explain", 3),
    ("store", 3),
    ("project", 4),
    ("new", 4),
    ("generate", 5),
    ("testing", 6),
];

fn number(module: &str) -> Option<u8> {
    MODULES.iter().find(|(name, _)| *name == module).map(|(_, number)| *number)
}

/// What a file imports that it may not.
fn mistakes(path: &str, text: &str) -> Vec<String> {
    let module: Vec<&str> = path.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect();
    // The command line uses the library as any other program does.
    if ["lib", "main", "cli"].contains(&module[0]) {
        return Vec::new();
    }
    let Some(own) = number(module[0]) else { return vec![format!("{path} is not in the table of modules")] };
    let named = paths::named_in(text, &module, "hubs_codegen");
    let wrong = named.iter().filter_map(|named| {
        let [first, second, ..] = named.segments.as_slice() else { return None };
        if first != "crate" || second == module[0] {
            return None;
        }
        match number(second) {
            Some(other) if other < own => None,
            Some(other) => Some(format!("{path}:{}: `{}` ({own}) imports `{second}` ({other})", named.line, module[0])),
            None => Some(format!("{path}:{}: import `{second}` from the module that has it", named.line)),
        }
    });
    wrong.collect()
}

#[test]
fn modules_import_smaller_numbers_only() {
    let files = sources::rust_files("codegen/src");
    let found: Vec<_> = files.iter().flat_map(|file| mistakes(&file.path, &file.text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn mistakes_are_found() {
    for (path, text, expected) in [
        ("emit/mod.rs", "use crate::error::Error;", "`emit` (1) imports `error` (2)"),
        ("project/cargo.rs", "use crate::Error;", "import `Error` from the module that has it"),
        ("attic.rs", "", "attic.rs is not in the table"),
    ] {
        let found = mistakes(path, text);
        assert!(found.len() == 1 && found[0].contains(expected), "{path}: {found:?}");
    }
    assert_eq!(mistakes("project/cargo.rs", "use crate::{error::Error, store};"), Vec::<String>::new());
}
