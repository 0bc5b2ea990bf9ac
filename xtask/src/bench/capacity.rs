//! What one node can do, from its rows: figures of a second of one core, and of a GiB of memory. Must not know how it was measured.

use super::{
    points::{Figure, Point},
    results::Results,
    table::aligned,
};

/// The rows from which a node's capacity follows, and what one unit of each is.
const ROWS: &[(&str, &str)] = &[
    ("idle", "idle connections"),
    ("idle-tls", "idle connections, TLS"),
    ("connect", "connects, with negotiation and handshake"),
    ("connect-tls", "connects, TLS"),
    ("storm", "reconnects of a storm, each with a call"),
    ("echo-1", "calls, one at a time"),
    ("echo-16", "calls, 16 in flight"),
    ("echo-1-tls", "calls, one at a time, TLS"),
    ("echo-1-authorised", "calls that need a role"),
    ("echo-1-filters", "calls through three filters"),
    ("echo-1-sse", "calls, Server-Sent Events"),
    ("echo-1-lp", "calls, long polling"),
    ("broadcast-1", "deliveries, one text at a time"),
    ("broadcast-16", "deliveries, 16 texts on their way"),
    ("broadcast-1-tls", "deliveries, one text at a time, TLS"),
    ("broadcast-1-sse", "deliveries, one text at a time, Server-Sent Events"),
    ("broadcast-1-lp", "deliveries, one text at a time, long polling"),
    ("groups-1000", "deliveries, 1 000 groups of ten"),
    ("groups-10", "deliveries, ten groups of 1 000"),
    ("stream", "items of streams from the server"),
    ("upload", "items of streams to the server"),
];

/// A line for each row that was measured; empty if none was.
pub(crate) fn render(results: &Results, server: &str, points: &[&Point]) -> String {
    let mut rows = vec![["what", "command", "", ""].map(str::to_owned).to_vec()];
    for (name, unit) in ROWS {
        let Some(point) = points.iter().find(|point| point.name == *name) else { continue };
        let Some(summary) = results.summary(server, point) else { continue };
        let Some((amount, of)) = amount(point.figure, summary.least) else { continue };
        rows.push(vec![
            (*unit).to_owned(),
            format!("cargo xtask bench --points {name}"),
            thousands(amount),
            of.to_owned(),
        ]);
    }
    if rows.len() == 1 { String::new() } else { format!("\nWhat one node of `{server}` can do:\n\n{}", aligned(&rows)) }
}

/// How many units fit, and in what.
fn amount(figure: Figure, least: f64) -> Option<(f64, &'static str)> {
    match figure {
        Figure::Cpu => Some((1e6 / least, "a second and core")),
        Figure::Memory => Some((1024.0 * 1024.0 / least, "a GiB")),
        _ => None,
    }
}

/// Two digits, and spaces between thousands: nothing here is known more exactly.
fn thousands(amount: f64) -> String {
    let unit = 10_f64.powf(amount.log10().floor() - 1.0).max(1.0);
    let digits = format!("{:.0}", (amount / unit).floor() * unit);
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ROWS, render, thousands};
    use crate::bench::{
        points,
        results::{Record, Results},
    };

    #[test]
    fn every_row_is_a_point() {
        for (name, _) in ROWS {
            assert!(points::all().any(|point| point.name == *name), "{name}");
        }
    }

    #[test]
    fn capacity_follows_from_cost() {
        let mut results = Results::default();
        for (point, run) in [("echo-1", json!({ "cpu_s_per_1m": 5.39 })), ("idle", json!({ "bytes_called": 4812.0 }))] {
            results.add(Record { round: 0, server: "hubs", point, run: Ok(run) });
        }
        let points: Vec<_> = points::all().collect();
        let text = render(&results, "hubs", &points);
        assert!(text.contains("180 000  a second and core"), "{text}");
        assert!(text.contains("220 000              a GiB"), "{text}");
        assert_eq!(render(&results, "ws", &points), "");
    }

    #[test]
    fn two_digits_are_given() {
        assert_eq!([7.9, 43.5, 999.0, 23_456.0, 1_999_999.0].map(thousands), ["7", "43", "990", "23 000", "1 900 000"]);
    }
}
