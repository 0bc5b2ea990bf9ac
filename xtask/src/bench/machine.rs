//! What it was measured on.

use std::{fs, path::Path};

use crate::process;

/// One line: processor, cores, kernel, compiler.
pub(crate) fn describe() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.trim()));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = ask("uname", &["-sr"]);
    format!("{}, {cores} cores, {kernel}, {}", model.unwrap_or("an unknown processor"), compiler())
}

/// The version of the compiler.
pub(crate) fn compiler() -> String {
    ask("rustc", &["--version"])
}

fn ask(program: &str, arguments: &[&str]) -> String {
    process::output(Path::new("."), program, arguments).map(|text| text.trim().to_owned()).unwrap_or_default()
}
