//! Compiles one case with the crates that the workspace was built with, so that nothing is built a second time.

mod crates;
mod text;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crates::Crates;

/// What the cases may name.
const CRATES: [&str; 4] = ["hubs", "serde", "serde_json", "ts_rs"];

/// The compiler with the crates that a case may name.
pub(crate) struct Compiler {
    crates: Crates,
    /// Where the programs go.
    folder: PathBuf,
}

impl Compiler {
    /// Builds the crates, if they are not.
    pub(crate) fn find() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
        fs::create_dir_all(&folder).unwrap();
        Self { crates: Crates::built(&CRATES), folder }
    }

    /// The case compiles without an error, and its program ends well.
    pub(crate) fn accepts(&self, case: &Path) -> Result<(), String> {
        let program = self.folder.join(case.file_stem().unwrap());
        let compiled = self.run(case, &["--emit=link", "-Cdebuginfo=0"], &program);
        if !compiled.status.success() {
            return Err(format!("it must compile:\n{}", String::from_utf8_lossy(&compiled.stderr)));
        }
        let ran = Command::new(&program).output().unwrap();
        fs::remove_file(&program).unwrap();
        match ran.status.success() {
            true => Ok(()),
            false => Err(format!("it must run:\n{}", String::from_utf8_lossy(&ran.stderr))),
        }
    }

    /// The case does not compile, and the compiler says what stands beside it.
    pub(crate) fn refuses(&self, case: &Path) -> Result<(), String> {
        let metadata = self.folder.join(format!("{}.rmeta", case.file_stem().unwrap().to_string_lossy()));
        let compiled = self.run(case, &["--emit=metadata"], &metadata);
        if compiled.status.success() {
            return Err("it must not compile".to_owned());
        }
        let said = text::portable(&String::from_utf8_lossy(&compiled.stderr));
        let path = case.with_extension("stderr");
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if text::equal(&expected, &said) {
            return Ok(());
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, said).unwrap();
            return Ok(());
        }
        Err(format!("UPDATE_EXPECT=1 accepts what the compiler says now\nexpected:\n{expected}\nfound:\n{said}"))
    }

    fn run(&self, case: &Path, arguments: &[&str], output: &Path) -> Output {
        // Where cargo compiled the libraries, so that the compiler finds the sources that it shows.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command.current_dir(root).arg(case.strip_prefix(root).unwrap());
        command.args(["--crate-type", "bin", "--edition", "2024", "-Adead_code", "--verbose"]).args(arguments);
        command.args(self.crates.named_in(&fs::read_to_string(case).unwrap())).arg("-o").arg(output);
        // Expansions name the package that they are in.
        command.env("CARGO_PKG_NAME", "ui").env("CARGO_PKG_VERSION", "0.0.0").env("CARGO_CRATE_NAME", "ui");
        command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"))
    }
}
