//! The figures that are kept with the code.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

/// How many functions are kept for each kind of work; they are most of its cost.
const KEPT: usize = 40;
/// System calls for a unit that are worth a line.
const SMALLEST: f64 = 0.005;

/// All figures of a build.
#[derive(Debug, PartialEq)]
pub(crate) struct Baseline {
    pub(crate) compiler: String,
    pub(crate) points: BTreeMap<String, Counted>,
}

/// The figures of one kind of work, for each unit.
#[derive(Debug, PartialEq)]
pub(crate) struct Counted {
    pub(crate) instructions: f64,
    pub(crate) system_calls: BTreeMap<String, f64>,
    /// The most expensive functions, by what they execute themselves.
    pub(crate) functions: BTreeMap<String, f64>,
}

impl Counted {
    pub(crate) fn new(
        instructions: f64,
        system_calls: BTreeMap<String, f64>,
        functions: BTreeMap<String, f64>,
    ) -> Self {
        let mut costliest: Vec<(String, f64)> = functions.into_iter().collect();
        costliest.sort_by(|a, b| b.1.total_cmp(&a.1));
        costliest.truncate(KEPT);
        let system_calls = system_calls
            .into_iter()
            .filter(|(_, calls)| *calls >= SMALLEST)
            .map(|(name, calls)| (name, (calls * 1e3).round() / 1e3))
            .collect();
        let rounded = |number: f64| (number * 10.0).round() / 10.0;
        let functions =
            costliest.into_iter().map(|(name, cost)| (name, rounded(cost))).filter(|(_, cost)| *cost > 0.0).collect();
        Self { instructions: rounded(instructions), system_calls, functions }
    }

    /// System calls of every name.
    pub(crate) fn all_calls(&self) -> f64 {
        self.system_calls.values().sum()
    }
}

impl Baseline {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| {
            format!("there is no baseline at {}; `cargo xtask bench --counts --bless` makes one", path.display())
        })?;
        let value: Value = serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))?;
        let Some(points) = value["points"].as_object() else { bail!("{} has no `points`", path.display()) };
        let point = |(name, value): (&String, &Value)| {
            let counted = Counted {
                instructions: value["instructions"]
                    .as_f64()
                    .with_context(|| format!("`{name}` has no `instructions`"))?,
                system_calls: numbers(&value["system_calls"]),
                functions: numbers(&value["functions"]),
            };
            Ok((name.clone(), counted))
        };
        let points = points.iter().map(point).collect::<Result<_>>()?;
        Ok(Self { compiler: value["compiler"].as_str().unwrap_or_default().to_owned(), points })
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        fs::write(path, format!("{:#}\n", self.to_json())).with_context(|| format!("cannot write {}", path.display()))
    }

    fn to_json(&self) -> Value {
        let point = |(name, counted): (&String, &Counted)| {
            let value = json!({
                "instructions": counted.instructions,
                "system_calls": counted.system_calls,
                "functions": counted.functions,
            });
            (name.clone(), value)
        };
        json!({ "compiler": self.compiler, "points": self.points.iter().map(point).collect::<Map<_, _>>() })
    }
}

fn numbers(value: &Value) -> BTreeMap<String, f64> {
    let members = value.as_object().into_iter().flatten();
    members.filter_map(|(name, number)| Some((name.clone(), number.as_f64()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Counted};

    #[test]
    fn what_is_written_is_read() {
        let numbers = |name: &str| [(name.to_owned(), 1.5)].into_iter().collect();
        let counted = Counted::new(6012.04, numbers("sendto"), numbers("hubs::turn"));
        let baseline =
            Baseline { compiler: "rustc 1".to_owned(), points: [("echo-1".to_owned(), counted)].into_iter().collect() };
        let path = std::env::temp_dir().join(format!("hubs-counts-{}.json", std::process::id()));
        baseline.write(&path).expect("it can be written");
        let read = Baseline::read(&path);
        std::fs::remove_file(&path).expect("it can be removed");
        assert_eq!(read.expect("it can be read"), baseline);
    }
}
