//! Figures beside those of the baseline, and what got worse.

use std::collections::BTreeMap;

use super::{ALL, baseline::Baseline};
use crate::bench::table::aligned;

/// How much more expensive something may get.
const ALLOWED: f64 = 1.05;
/// System calls for a unit that come and go with the timing of a run.
const JITTER: f64 = 0.03;
/// How many functions are named.
const NAMED: usize = 12;

/// All figures.
pub(crate) fn table(before: Option<&Baseline>, now: &Baseline) -> String {
    let words = ["work", "system calls of a unit", "instructions", "baseline", "change", "must", ""].map(str::to_owned);
    let mut rows = vec![words.to_vec()];
    for work in ALL {
        let Some(counted) = now.points.get(work.name) else { continue };
        let old = before.and_then(|before| before.points.get(work.name));
        let change = old.map(|old| (counted.instructions / old.instructions - 1.0) * 100.0);
        let met = work.must.map(|must| if counted.instructions <= must { "met" } else { "MISSED" });
        rows.push(vec![
            work.name.to_owned(),
            calls(&counted.system_calls),
            format!("{:.0}", counted.instructions),
            old.map_or("-".to_owned(), |old| format!("{:.0}", old.instructions)),
            change.map_or("-".to_owned(), |change| format!("{change:+.1} %")),
            work.must.map_or("-".to_owned(), |must| format!("{must:.0}")),
            met.unwrap_or("").to_owned(),
        ]);
    }
    format!("\n{}", aligned(&rows))
}

fn calls(by_name: &BTreeMap<String, f64>) -> String {
    let mut calls: Vec<(&String, &f64)> = by_name.iter().filter(|(_, calls)| **calls >= 0.01).collect();
    calls.sort_by(|a, b| b.1.total_cmp(a.1));
    calls.iter().take(4).map(|(name, calls)| format!("{name} {calls:.2}")).collect::<Vec<_>>().join(", ")
}

/// What got more expensive than allowed, each with the functions or calls that grew.
pub(crate) fn worse(before: &Baseline, now: &Baseline) -> Vec<String> {
    let mut found = Vec::new();
    for (name, new) in &now.points {
        let Some(old) = before.points.get(name) else {
            found.push(format!("\n{name} is not in the baseline"));
            continue;
        };
        if new.instructions > old.instructions * ALLOWED {
            found.push(format!("\n{name}: {:.0} instructions, before {:.0}", new.instructions, old.instructions));
            found.push(grown(&old.functions, &new.functions));
        }
        if new.all_calls() > old.all_calls() * ALLOWED + JITTER {
            found.push(format!("\n{name}: {:.2} system calls, before {:.2}", new.all_calls(), old.all_calls()));
            found.push(grown(&old.system_calls, &new.system_calls));
        }
    }
    found.extend(gone(before, now));
    found
}

/// What the baseline has and is no longer counted.
fn gone(before: &Baseline, now: &Baseline) -> Vec<String> {
    let gone = before.points.keys().filter(|name| !now.points.contains_key(*name));
    gone.map(|name| format!("\n{name} is in the baseline, and was not counted")).collect()
}

fn grown(old: &BTreeMap<String, f64>, new: &BTreeMap<String, f64>) -> String {
    let mut changes: Vec<(f64, &str)> = new
        .iter()
        .map(|(name, cost)| (cost - old.get(name).unwrap_or(&0.0), name.as_str()))
        .filter(|(more, _)| *more > 0.0)
        .collect();
    changes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let lines: Vec<String> = changes.iter().take(NAMED).map(|(more, name)| format!("  {more:+10.2}  {name}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{super::baseline::Counted, Baseline, worse};

    fn figures(instructions: f64, calls: f64) -> Baseline {
        let one = |name: &str, number| [(name.to_owned(), number)].into_iter().collect();
        let counted = Counted::new(instructions, one("sendto", calls), one("hubs::turn", instructions - 100.0));
        Baseline { compiler: String::new(), points: [("echo-1".to_owned(), counted)].into_iter().collect() }
    }

    #[test]
    fn five_percent_is_allowed_and_no_more() {
        assert!(worse(&figures(1000.0, 2.0), &figures(1049.0, 2.1)).is_empty());
        let found = worse(&figures(1000.0, 2.0), &figures(1051.0, 2.0)).join("\n");
        assert!(found.contains("1051 instructions, before 1000") && found.contains("+51.00  hubs::turn"), "{found}");
        let found = worse(&figures(1000.0, 2.0), &figures(1000.0, 2.2)).join("\n");
        assert!(found.contains("2.20 system calls, before 2.00") && found.contains("sendto"), "{found}");
    }

    #[test]
    fn work_that_is_not_counted_any_more_is_told() {
        let mut now = figures(1000.0, 2.0);
        now.points.clear();
        assert_eq!(worse(&figures(1000.0, 2.0), &now).len(), 1);
        assert_eq!(worse(&now, &figures(1000.0, 2.0)).len(), 1);
    }
}
