//! The check as a test, for teams whose pipeline is `cargo test`.

use std::path::Path;

use crate::{
    error::Error,
    generate,
    project::{CargoOptions, Workspace},
};

/// Fails the test if the generated files of this package are not what its code says, as `cargo hubs check` does.
///
/// ```no_run
/// #[test]
/// fn generated_files_are_up_to_date() {
///     hubs_codegen::assert_up_to_date!();
/// }
/// ```
///
/// The package is compiled once more, in a folder of its own below the target folder.
#[macro_export]
macro_rules! assert_up_to_date {
    () => {
        $crate::testing::assert_up_to_date(
            ::std::path::Path::new(::std::env!("CARGO_MANIFEST_DIR")),
            ::std::env!("CARGO_PKG_NAME"),
        )
    };
}

/// See [`assert_up_to_date!`](crate::assert_up_to_date).
///
/// # Panics
/// The files are stale, or cannot be checked.
#[track_caller]
pub fn assert_up_to_date(folder: &Path, package: &str) {
    match stale(folder, package) {
        Ok(None) => {}
        Ok(Some(report)) => panic!("{report}"),
        Err(error) => panic!("{}", error.whole()),
    }
}

fn stale(folder: &Path, package: &str) -> Result<Option<String>, Error> {
    let options = CargoOptions { manifest_path: Some(folder.join("Cargo.toml")), ..CargoOptions::default() };
    let workspace = Workspace::read(options)?;
    for subject in workspace.subjects(&[package.to_owned()])? {
        let command = format!("cargo hubs generate -p {package}");
        let checked = generate::check(&workspace, &subject, &command, false)?;
        if checked.stale.is_some() {
            return Ok(checked.stale);
        }
    }
    Ok(None)
}
