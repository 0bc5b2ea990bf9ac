//! Which steps of `cargo xtask test` run.

use super::{ALL, Step};

/// What the options select.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    only: Vec<String>,
    skip: Vec<String>,
    pub(super) keep_going: bool,
}

impl Selection {
    /// Reads the options of `cargo xtask test`.
    pub(crate) fn parse(options: &[&str]) -> Result<Self, String> {
        let mut selection = Self::default();
        let mut options = options.iter();
        while let Some(option) = options.next() {
            match *option {
                "--keep-going" => selection.keep_going = true,
                "--only" => selection.only.extend(names(option, options.next())?),
                "--skip" => selection.skip.extend(names(option, options.next())?),
                _ => return Err(format!("`test` has no option `{option}`")),
            }
        }
        Ok(selection)
    }

    pub(super) fn takes(&self, step: &Step) -> bool {
        let listed = |names: &[String]| names.iter().any(|name| name == step.name);
        (self.only.is_empty() || listed(&self.only)) && !listed(&self.skip)
    }
}

fn names(option: &str, list: Option<&&str>) -> Result<Vec<String>, String> {
    let list = list.ok_or_else(|| format!("`{option}` needs the names of steps"))?;
    let names: Vec<String> = list.split(',').map(str::to_owned).collect();
    match names.iter().find(|name| ALL.iter().all(|step| step.name != name.as_str())) {
        Some(unknown) => Err(format!("there is no step `{unknown}`; `cargo xtask test --list` names them")),
        None => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Selection};

    fn selected(options: &[&str]) -> Vec<&'static str> {
        let selection = Selection::parse(options).expect("the options are right");
        ALL.iter().filter(|step| selection.takes(step)).map(|step| step.name).collect()
    }

    #[test]
    fn steps_are_selected_by_name() {
        assert_eq!(selected(&["--only", "node,fmt"]), ["fmt", "node"]);
        assert_eq!(selected(&[]).len(), ALL.len());
        assert!(!selected(&["--skip", "browser", "--keep-going"]).contains(&"browser"));
    }

    #[test]
    fn an_unknown_step_is_an_error() {
        let mistake = Selection::parse(&["--only", "nodes"]).expect_err("there is no such step");
        assert_eq!(mistake, "there is no step `nodes`; `cargo xtask test --list` names them");
    }
}
