//! The steps that run in a second process, beside those that compile: most of them wait for servers and pages, so two
//! cores do both at once. Owns that process and what it reports; must not know what a step does.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Step;
use crate::{
    report::{Outcome, Spent},
    workspace::Workspace,
};

/// Where the second process writes how its steps ended. It is set in that process alone.
const REPORT: &str = "HUBS_STEPS_REPORT";

/// The second process.
pub(super) struct Beside {
    child: Child,
    names: Vec<&'static str>,
    output: PathBuf,
    report: PathBuf,
}

/// Whether this is the second process.
pub(super) fn is_second() -> bool {
    std::env::var_os(REPORT).is_some()
}

impl Beside {
    /// Starts `steps` in a second process; its output goes to a file.
    pub(super) fn start(workspace: &Workspace, steps: &[&Step], keep_going: bool) -> Result<Self> {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        let (output, report) = (workspace.target.join("beside.txt"), workspace.target.join("beside.json"));
        let _ = fs::remove_file(&report);
        let file = File::create(&output).with_context(|| format!("cannot write {}", output.display()))?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["test", "--only", &names.join(",")]).args(keep_going.then_some("--keep-going"));
        command.current_dir(&workspace.root).env(REPORT, &report);
        command.stdin(Stdio::null()).stderr(file.try_clone()?).stdout(file);
        println!("\n== beside the next steps: {}; their output comes when they have ended", names.join(", "));
        let child = command.spawn().context("cannot start the second process")?;
        Ok(Self { child, names, output, report })
    }

    /// Waits for the end of its steps, prints their output, and returns how each ended.
    pub(super) fn finish(mut self) -> Vec<(&'static str, Outcome)> {
        println!("\n== waiting for: {}", self.names.join(", "));
        let ended = self.child.wait();
        println!("{}", fs::read_to_string(&self.output).unwrap_or_default());
        let report = fs::read_to_string(&self.report).ok().and_then(|text| serde_json::from_str(&text).ok());
        let report: Value = report.unwrap_or_default();
        let lost = || format!("the second process said nothing of it ({ended:?}); see {}", self.output.display());
        let outcome = |name| read(&report[name]).unwrap_or_else(|| Outcome::Failed(Spent::default(), lost()));
        self.names.iter().map(|&name| (name, outcome(name))).collect()
    }
}

/// Writes what [`Beside::finish`] reads, if this is the second process.
pub(super) fn report(rows: &[(&'static str, Outcome)]) -> Result<()> {
    let Some(path) = std::env::var_os(REPORT) else { return Ok(()) };
    let rows: serde_json::Map<_, _> = rows.iter().map(|(name, outcome)| ((*name).to_owned(), write(outcome))).collect();
    match fs::write(&path, Value::Object(rows).to_string()) {
        Ok(()) => Ok(()),
        Err(error) => bail!("cannot write {}: {error}", path.display()),
    }
}

fn write(outcome: &Outcome) -> Value {
    let seconds = |spent: &Spent| json!([spent.wall.as_secs_f64(), spent.cpu.map(|cpu| cpu.as_secs_f64())]);
    match outcome {
        Outcome::Passed(spent) => json!({ "spent": seconds(spent) }),
        Outcome::Failed(spent, why) => json!({ "spent": seconds(spent), "failed": why }),
        Outcome::NotRun => json!({}),
    }
}

fn read(row: &Value) -> Option<Outcome> {
    let row = row.as_object()?;
    let Some(spent) = row.get("spent") else { return Some(Outcome::NotRun) };
    let seconds = |at: usize| spent[at].as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let spent = Spent { wall: seconds(0)?, cpu: seconds(1) };
    Some(match row.get("failed") {
        Some(why) => Outcome::Failed(spent, why.as_str()?.to_owned()),
        None => Outcome::Passed(spent),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_pass_from_one_process_to_the_other() {
        let spent = Spent { wall: Duration::from_millis(1_500), cpu: None };
        for outcome in [Outcome::Passed(spent), Outcome::Failed(spent, "why".to_owned()), Outcome::NotRun] {
            assert_eq!(read(&write(&outcome)), Some(outcome));
        }
        assert_eq!(read(&Value::Null), None);
    }
}
