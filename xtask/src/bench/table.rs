//! The results as text: figures of all servers, then goals with what became of them.

use std::fmt::Write as _;

use super::{
    points::{Goal, Over, Point},
    results::{Results, Verdict},
};

/// One table of figures, and one of goals, for each of `ours`.
pub(crate) fn render(results: &Results, servers: &[&str], ours: &[&str], points: &[&Point]) -> String {
    let mut text = figures(results, servers, points);
    for name in ours {
        let verdicts = results.verdicts(name, points);
        if !verdicts.is_empty() {
            text += &goals(name, &verdicts);
        }
    }
    text
}

fn figures(results: &Results, servers: &[&str], points: &[&Point]) -> String {
    let mut rows = vec![header(servers)];
    for point in points {
        let (_, _, unit) = point.figure.place();
        let mut row = vec![point.name.to_owned(), point.title.to_owned(), unit.to_owned()];
        row.extend(servers.iter().map(|server| cell(results, server, point)));
        rows.push(row);
    }
    let mut text =
        "\nLeast of all rounds, and their median; less is better. `*`: others used the server's core. `!`: the load's core \
         was full.\n\n"
            .to_owned();
    text += &aligned(&rows);
    for point in points.iter().filter(|point| point.name == "stopped") {
        for server in servers {
            if let Some(closed) = results.detail(server, point, "stopped_closed_after_ms") {
                let reason = results.detail(server, point, "stopped_reason").and_then(|reason| reason.as_str());
                let _ = writeln!(
                    text,
                    "{server}: the stopped reader was closed after {closed} ms: {}",
                    reason.unwrap_or("-")
                );
            } else if results.summary(server, point).is_some() {
                let _ = writeln!(text, "{server}: the stopped reader was never closed");
            }
        }
    }
    text
}

fn header(servers: &[&str]) -> Vec<String> {
    ["point", "what", ""].iter().chain(servers).map(|word| (*word).to_owned()).collect()
}

fn cell(results: &Results, server: &str, point: &Point) -> String {
    match results.summary(server, point) {
        Some(summary) => {
            let mark = if summary.disturbed { "*" } else { "" };
            let full = if summary.limited { "!" } else { "" };
            format!("{} ({}){mark}{full}", number(summary.least), number(summary.median))
        }
        None if results.failed(server, point) => "failed".to_owned(),
        None => "-".to_owned(),
    }
}

fn goals(ours: &str, verdicts: &[Verdict<'_>]) -> String {
    let words = ["point", "over", "is", "must", ""].map(str::to_owned);
    let mut rows = vec![words.to_vec()];
    for verdict in verdicts {
        let met = if verdict.met() { "met" } else { "MISSED" };
        rows.push(vec![
            verdict.point.name.to_owned(),
            over(verdict.goal),
            number(verdict.value),
            number(verdict.goal.must),
            met.to_owned(),
        ]);
    }
    let missed = verdicts.iter().filter(|verdict| !verdict.met()).count();
    format!("\nGoals of `{ours}`, least over least:\n\n{}{missed} of {} missed\n", aligned(&rows), verdicts.len())
}

fn over(goal: &Goal) -> String {
    match goal.over {
        Over::Nothing => "(itself)".to_owned(),
        Over::Server(server, point) => format!("{server}, {point}"),
        Over::More(server, point, base) => format!("{server}, {point} less {base}"),
    }
}

/// A number with as many digits as it deserves.
pub(crate) fn number(number: f64) -> String {
    match number.abs() {
        large if large >= 1000.0 => format!("{number:.0}"),
        medium if medium >= 100.0 => format!("{number:.1}"),
        small if small >= 0.095 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

/// Cells of a row.
pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Says whether a figure is small enough.
pub(crate) fn judged(what: &str, value: f64, must: f64) {
    let met = if value <= must { "met" } else { "MISSED" };
    println!("{what}: {}, must be at most {}: {met}\n", number(value), number(must));
}

/// Columns of one width; those after the second to the right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (word, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if column < 2 { write!(line, "{word:<width$}  ") } else { write!(line, "{word:>width$}  ") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
