//! What callgrind writes: for each function the instructions and the system calls that it made itself.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

/// What a run did, by function, and for how many units of work.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Profile {
    pub(crate) units: f64,
    pub(crate) instructions: BTreeMap<String, f64>,
    /// By the function of the C library that makes them, such as `send`.
    pub(crate) system_calls: BTreeMap<String, f64>,
}

impl Profile {
    /// Reads a file that was written without compression of names and positions.
    pub(crate) fn parse(text: &str, units: f64) -> Result<Self> {
        let mut profile = Self { units, ..Self::default() };
        let mut current = String::new();
        let mut of_callee = false;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                current = plain(name);
            } else if line.starts_with("calls=") {
                // The next line is the cost of the callee, which is counted there.
                of_callee = true;
            } else if line.starts_with(|first: char| first.is_ascii_digit()) && !std::mem::take(&mut of_callee) {
                profile.add(&current, line).with_context(|| format!("callgrind wrote {line:?}"))?;
            }
        }
        Ok(profile)
    }

    /// Adds a line of costs: position, instructions, system calls and their time, without zeros at its end.
    fn add(&mut self, function: &str, line: &str) -> Option<()> {
        let mut costs = line.split(' ').skip(1).map(str::parse::<f64>);
        *self.instructions.entry(function.to_owned()).or_default() += costs.next()?.ok()?;
        if let Some(calls) = costs.next() {
            *self.system_calls.entry(function.to_owned()).or_default() += calls.ok()?;
        }
        Some(())
    }

    /// What a longer run did more, for each of the units that it did more.
    pub(crate) fn minus(mut self, short: &Self) -> Self {
        let units = self.units - short.units;
        subtract(&mut self.instructions, &short.instructions, units);
        subtract(&mut self.system_calls, &short.system_calls, units);
        Self { units, ..self }
    }
}

fn subtract(long: &mut BTreeMap<String, f64>, short: &BTreeMap<String, f64>, units: f64) {
    for (name, cost) in short {
        *long.entry(name.clone()).or_default() -= cost;
    }
    long.values_mut().for_each(|cost| *cost /= units);
}

/// A name without what changes from build to build: the hash at its end, and those of crates within it.
fn plain(name: &str) -> String {
    let name = match name.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => name,
    };
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        out += before;
        match after.split_once(']') {
            Some((hash, after)) if hash.len() >= 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                rest = after
            }
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::{Profile, plain};

    const TEXT: &str = "\
events: Ir sysCount sysTime
fn=hubs::turn::h0123456789abcdef
0 100
cfn=send
calls=3 0
0 60 3 1
0 5

fn=send
0 60 3 1
totals: 165 3 1
";

    #[test]
    fn what_a_callee_costs_is_counted_once() {
        let profile = Profile::parse(TEXT, 2.0).expect("well written");
        assert_eq!(profile.instructions["hubs::turn"], 105.0);
        assert_eq!(profile.instructions["send"], 60.0);
        assert_eq!(profile.system_calls.iter().collect::<Vec<_>>(), [(&"send".to_owned(), &3.0)]);
    }

    #[test]
    fn the_difference_of_two_runs_is_for_each_unit() {
        let short = Profile::parse(TEXT, 2.0).expect("well written");
        let long = Profile::parse(&TEXT.replace("0 60 3 1", "0 160 13 1"), 12.0).expect("well written");
        let difference = long.minus(&short);
        assert_eq!((difference.units, difference.instructions["send"]), (10.0, 10.0));
        assert_eq!(difference.system_calls["send"], 1.0);
    }

    #[test]
    fn names_have_no_hashes() {
        assert_eq!(plain("<[u8] as core[0123456789abcdef]::fmt::Debug>::fmt"), "<[u8] as core::fmt::Debug>::fmt");
        assert_eq!(plain("malloc"), "malloc");
    }
}
