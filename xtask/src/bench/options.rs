//! The options of `cargo xtask bench`.

use std::path::PathBuf;

use super::{
    points::{self, Point},
    servers::Choice,
};

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) choice: Choice,
    pub(crate) points: Vec<&'static Point>,
    pub(crate) rounds: usize,
    pub(crate) svg: Option<PathBuf>,
    pub(crate) what: What,
}

/// What kind of run it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// All servers side by side.
    Compare,
    /// Instructions and system calls, compared with those of the baseline.
    Counts {
        /// Makes what is counted the baseline.
        bless: bool,
    },
    /// Instructions of what is off by default.
    Parts,
    /// The Rust client beside the JavaScript client.
    Client,
    /// What a hub costs the compiler.
    Compile,
    /// From node to node through Redis.
    Redis,
    /// More connections, groups and threads.
    Scale,
}

/// Where the command that starts ASP.NET Core's hub may come from.
const ASPNET: &str = "HUBS_BENCH_ASPNET";

impl Options {
    /// Reads them.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let mut options = Self {
            choice: Choice {
                aspnet: std::env::var(ASPNET).ok().filter(|command| !command.trim().is_empty()),
                ..Choice::default()
            },
            points: points::all().collect(),
            rounds: 5,
            svg: None,
            what: What::Compare,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match *word {
                "--plain" => options.choice.plain = true,
                "--rivals" => options.choice.rivals = true,
                "--aspnet" => options.choice.aspnet = Some((*value()?).to_owned()),
                "--rounds" => options.rounds = count(value()?)?,
                "--points" => options.points = chosen(value()?)?,
                "--svg" => options.svg = Some(PathBuf::from(value()?)),
                "--counts" => options.what = What::Counts { bless: false },
                "--bless" if matches!(options.what, What::Counts { .. }) => options.what = What::Counts { bless: true },
                "--parts" => options.what = What::Parts,
                "--client" => options.what = What::Client,
                "--compile" => options.what = What::Compile,
                "--redis" => options.what = What::Redis,
                "--scale" => options.what = What::Scale,
                _ => return Err(format!("`bench` has no option `{word}`")),
            }
        }
        Ok(options)
    }
}

fn count(word: &str) -> Result<usize, String> {
    word.parse().ok().filter(|count| *count > 0).ok_or_else(|| format!("`--rounds {word}`: how many rounds?"))
}

/// Those that were named, and those that they are set against.
fn chosen(list: &str) -> Result<Vec<&'static Point>, String> {
    let names: Vec<&str> = list.split(',').collect();
    if let Some(unknown) = names.iter().find(|name| points::all().all(|point| point.name != **name)) {
        let all: Vec<&str> = points::all().map(|point| point.name).collect();
        return Err(format!("there is no point `{unknown}`; there are {}", all.join(", ")));
    }
    let asked = |point: &&Point| names.contains(&point.name);
    let base = |point: &&Point| {
        points::all()
            .filter(asked)
            .flat_map(|other| other.goals)
            .any(|goal| goal.over.points().contains(&Some(point.name)))
    };
    Ok(points::all().filter(|point| asked(point) || base(point)).collect())
}

#[cfg(test)]
mod tests {
    use super::{Options, What};

    #[test]
    fn a_point_brings_what_it_is_set_against() {
        let options =
            Options::parse(&["--points", "broadcast-16,echo-16-mp", "--rounds", "2"]).expect("they are right");
        let names: Vec<&str> = options.points.iter().map(|point| point.name).collect();
        assert_eq!(names, ["echo-16", "echo-16-mp", "broadcast-16", "broadcast-16-batch"]);
        assert_eq!(options.rounds, 2);
    }

    #[test]
    fn mistakes_are_told() {
        assert!(
            Options::parse(&["--points", "echo"]).expect_err("unknown").contains("there are idle, connect, echo-1,")
        );
        assert!(Options::parse(&["--rounds", "0"]).is_err());
        assert!(Options::parse(&["--bless"]).is_err(), "it blesses counts alone");
        assert_eq!(Options::parse(&["--counts", "--bless"]).expect("right").what, What::Counts { bless: true });
    }
}
