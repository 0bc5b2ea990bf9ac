//! What came out: all rounds, their least and median, and which goals are met. Must not know how it is shown.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::points::{Figure, Goal, Over, Point};

/// One figure of one round.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) round: usize,
    pub(crate) server: &'static str,
    pub(crate) point: &'static str,
    /// What the load generator printed, or why it did not.
    pub(crate) run: Result<Value, String>,
}

/// All figures.
#[derive(Debug, Default)]
pub(crate) struct Results {
    records: Vec<Record>,
}

/// A server's figure at a point, over all rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    pub(crate) least: f64,
    pub(crate) median: f64,
    /// Whether something else used more than 15 % of the server's core in every round.
    pub(crate) disturbed: bool,
    /// Whether the load was the limit: it used more than 90 % of its core in every round.
    pub(crate) limited: bool,
}

/// How a goal fared.
#[derive(Debug)]
pub(crate) struct Verdict<'a> {
    pub(crate) point: &'a Point,
    pub(crate) goal: &'a Goal,
    /// What is limited: a ratio, or the figure itself.
    pub(crate) value: f64,
}

impl Verdict<'_> {
    pub(crate) fn met(&self) -> bool {
        self.value <= self.goal.must
    }
}

/// How much of the server's core others may use before a figure is marked.
const DISTURBED: f64 = 0.15;
/// How busy the load may be before a figure is marked.
const FULL: f64 = 0.9;

impl Results {
    pub(crate) fn add(&mut self, record: Record) {
        self.records.push(record);
    }

    /// The figures of a server at a point; `None` if it cannot do it, or failed in any round.
    pub(crate) fn summary(&self, server: &str, point: &Point) -> Option<Summary> {
        let records: Vec<&Record> = self.of(server, point).collect();
        let mut figures = records.iter().map(|record| figure(record, point.figure)).collect::<Option<Vec<f64>>>()?;
        figures.sort_by(f64::total_cmp);
        let least = *figures.first()?;
        let middle = figures.len() / 2;
        let median =
            if figures.len() % 2 == 1 { figures[middle] } else { f64::midpoint(figures[middle - 1], figures[middle]) };
        let above = |share: &str, most: f64| {
            let share = |record: &&Record| record.run.as_ref().ok().and_then(|run| run[share].as_f64());
            records.iter().all(|record| share(record).is_some_and(|share| share > most))
        };
        let (disturbed, limited) = (above("others_busy", DISTURBED), above("load_busy", FULL));
        Some(Summary { least, median, disturbed, limited })
    }

    /// Whether a server failed at a point in some round.
    pub(crate) fn failed(&self, server: &str, point: &Point) -> bool {
        self.of(server, point).any(|record| record.run.is_err())
    }

    fn of(&self, server: &str, point: &Point) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.server == server && record.point == point.name)
    }

    /// A detail of one run, such as why a reader was closed.
    pub(crate) fn detail(&self, server: &str, point: &Point, name: &str) -> Option<&Value> {
        self.of(server, point).find_map(|record| record.run.as_ref().ok()?.get(name)).filter(|value| !value.is_null())
    }

    /// The goals of `ours` that can be judged with what was measured.
    pub(crate) fn verdicts<'a>(&self, ours: &str, points: &[&'a Point]) -> Vec<Verdict<'a>> {
        let by_name: BTreeMap<&str, &Point> = points.iter().map(|point| (point.name, *point)).collect();
        let judge = |point: &'a Point, goal: &'a Goal| {
            let least = |server, point: &str| {
                let server = if server == "hubs" { ours } else { server };
                Some(self.summary(server, by_name.get(point)?)?.least)
            };
            let figure = least(ours, point.name)?;
            let value = match goal.over {
                Over::Nothing => figure,
                Over::Server(server, base) => figure / least(server, base)?,
                Over::More(server, other, base) => {
                    (figure - least(ours, base)?) / (least(server, other)? - least(server, base)?)
                }
            };
            Some(Verdict { point, goal, value })
        };
        let goals = points.iter().flat_map(|point| point.goals.iter().map(move |goal| (*point, goal)));
        goals.filter_map(|(point, goal)| judge(point, goal)).collect()
    }

    /// Every round, none left out.
    pub(crate) fn to_json(&self) -> Value {
        let record = |record: &Record| {
            let mut line = json!({ "round": record.round + 1, "server": record.server, "point": record.point });
            match &record.run {
                Ok(run) => line["run"] = run.clone(),
                Err(error) => line["error"] = json!(error),
            }
            line
        };
        self.records.iter().map(record).collect()
    }
}

fn figure(record: &Record, figure: Figure) -> Option<f64> {
    let (place, factor, _) = figure.place();
    Some(record.run.as_ref().ok()?.pointer(place)?.as_f64()? * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Record, Results};
    use crate::bench::points;

    fn results(figures: &[(&'static str, &'static str, f64)]) -> Results {
        let mut results = Results::default();
        for (round, (server, point, figure)) in figures.iter().enumerate() {
            let run = Ok(json!({ "cpu_s_per_1m": figure, "others_busy": 0.0, "load_busy": 0.91 }));
            results.add(Record { round, server, point, run });
        }
        results
    }

    #[test]
    fn a_goal_compares_the_least_of_all_rounds() {
        let echo = points::all().find(|point| point.name == "echo-1").expect("it is there");
        let measured = [("hubs", 6.0), ("hubs", 9.0), ("hubs", 6.6), ("floor", 7.0), ("floor", 6.0)];
        let results = results(&measured.map(|(server, figure)| (server, "echo-1", figure)));
        let summary = results.summary("hubs", echo).expect("it was measured");
        assert_eq!((summary.least, summary.median), (6.0, 6.6));
        assert!(summary.limited && !summary.disturbed, "the load's core was full in every round");
        let verdicts = results.verdicts("hubs", &[echo]);
        assert_eq!(verdicts.len(), 1, "what was not measured is not judged");
        assert!((verdicts[0].value - 1.0).abs() < 1e-9 && verdicts[0].met());
    }

    #[test]
    fn what_tls_adds_is_set_against_what_it_adds_to_the_floor() {
        let points: Vec<_> = points::all().filter(|point| ["echo-1", "echo-1-tls"].contains(&point.name)).collect();
        let measured = [("hubs", 6.0, 9.0), ("floor", 5.0, 7.0)];
        let rows = measured.map(|(server, plain, tls)| [(server, "echo-1", plain), (server, "echo-1-tls", tls)]);
        let results = results(&rows.concat());
        let verdicts = results.verdicts("hubs", &points);
        let added = verdicts.iter().find(|verdict| verdict.point.name == "echo-1-tls").expect("it is judged");
        assert!((added.value - 1.5).abs() < 1e-9 && !added.met());
    }

    #[test]
    fn a_failed_round_leaves_no_figure() {
        let echo = points::all().find(|point| point.name == "echo-1").expect("it is there");
        let mut results = results(&[("hubs", "echo-1", 6.0)]);
        results.add(Record { round: 1, server: "hubs", point: "echo-1", run: Err("a lie".to_owned()) });
        assert_eq!(results.summary("hubs", echo), None);
        assert!(results.failed("hubs", echo));
        assert!(results.verdicts("hubs", &[echo]).is_empty());
    }
}
