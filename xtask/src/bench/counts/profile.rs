//! What callgrind writes: for each function the instructions it executed itself.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

/// Instructions by function, and for how many units of work.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Profile {
    pub(crate) units: f64,
    pub(crate) functions: BTreeMap<String, f64>,
}

impl Profile {
    /// Reads a file that was written without compression of names and positions.
    pub(crate) fn parse(text: &str, units: f64) -> Result<Self> {
        let mut functions: BTreeMap<String, f64> = BTreeMap::new();
        let mut current = String::new();
        let mut of_callee = false;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                current = plain(name);
            } else if line.starts_with("calls=") {
                // The next line is what the callee cost, which the callee has, too.
                of_callee = true;
            } else if line.starts_with(|first: char| first.is_ascii_digit()) && !std::mem::take(&mut of_callee) {
                let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<f64>().ok());
                *functions.entry(current.clone()).or_default() +=
                    cost.with_context(|| format!("callgrind wrote {line:?}"))?;
            }
        }
        Ok(Self { units, functions })
    }

    /// What a longer run did more: units, and instructions by function.
    pub(crate) fn minus(mut self, short: &Self) -> (f64, BTreeMap<String, f64>) {
        for (name, cost) in &short.functions {
            *self.functions.entry(name.clone()).or_default() -= cost;
        }
        (self.units - short.units, self.functions)
    }
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
events: Ir
fn=hubs::turn::h0123456789abcdef
0 100
cfn=memcpy
calls=3 0
0 60
0 5

fn=memcpy
0 60
totals: 165
";

    #[test]
    fn what_a_callee_costs_is_counted_once() {
        let profile = Profile::parse(TEXT, 2.0).expect("well written");
        assert_eq!(profile.functions["hubs::turn"], 105.0);
        assert_eq!(profile.functions["memcpy"], 60.0);
        let (units, functions) = Profile::parse(TEXT, 12.0).expect("well written").minus(&profile);
        assert_eq!((units, functions["memcpy"]), (10.0, 0.0));
    }

    #[test]
    fn names_are_without_hashes() {
        assert_eq!(plain("<[u8] as core[0123456789abcdef]::fmt::Debug>::fmt"), "<[u8] as core::fmt::Debug>::fmt");
        assert_eq!(plain("malloc"), "malloc");
    }
}
