//! The options of `cargo xtask soak`.

use super::{ALL, Job};

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    only: Vec<String>,
    /// For each job, and in `fuzz` for each target, that can run for any time.
    pub(super) minutes: u32,
}

impl Options {
    /// Reads them.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self { only: Vec::new(), minutes: 5 };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match *word {
                "--only" => options.only.extend(names(value()?)?),
                "--minutes" => options.minutes = minutes(value()?)?,
                _ => return Err(format!("`soak` has no option `{word}`")),
            }
        }
        Ok(options)
    }

    pub(super) fn takes(&self, job: &Job) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == job.name)
    }
}

fn minutes(word: &str) -> Result<u32, String> {
    word.parse().ok().filter(|minutes| *minutes > 0).ok_or_else(|| format!("`--minutes {word}`: a whole number from 1"))
}

fn names(list: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = list.split(',').map(str::to_owned).collect();
    match names.iter().find(|name| ALL.iter().all(|job| job.name != name.as_str())) {
        Some(unknown) => Err(format!("there is no job `{unknown}`; `cargo xtask soak --list` names them")),
        None => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Options};

    #[test]
    fn jobs_are_selected_by_name() {
        let options = Options::parse(&["--only", "fuzz", "--minutes", "20"]).expect("the options are right");
        assert_eq!(ALL.iter().filter(|job| options.takes(job)).map(|job| job.name).collect::<Vec<_>>(), ["fuzz"]);
        assert_eq!(options.minutes, 20);
        let options = Options::parse(&[]).expect("no option is needed");
        assert!(ALL.iter().all(|job| options.takes(job)));
    }

    #[test]
    fn mistakes_are_errors() {
        assert!(Options::parse(&["--only", "fuzzy"]).expect_err("unknown").contains("no job `fuzzy`"));
        assert!(Options::parse(&["--minutes", "0"]).is_err());
    }
}
