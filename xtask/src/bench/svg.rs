//! The picture for the README: a panel of bars for each point that everybody can do. Readable on light and dark pages.

use std::fmt::Write as _;

use super::{points::Point, results::Results, table::number};

/// The points that are shown.
const SHOWN: &[&str] = &["echo-1", "echo-16", "broadcast-1", "broadcast-16", "connect", "idle"];
/// Servers that are not shown, since they are there for one figure alone.
const LEFT_OUT: &[&str] = &["floor-batch"];

const PANEL_WIDTH: f64 = 440.0;
const ROW: f64 = 18.0;
const NAME_WIDTH: f64 = 96.0;
const BAR_WIDTH: f64 = 270.0;
const TITLE: f64 = 34.0;
const COLUMNS: usize = 2;

const STYLE: &str = "<style>
text { font: 12px system-ui, sans-serif; fill: #3b424a; }
.title { font-weight: 600; font-size: 13px; }
.bar { fill: #9aa7b4; } .ours { fill: #d9622b; } .floor { fill: #cdd4db; }
@media (prefers-color-scheme: dark) {
text { fill: #cdd5dd; } .bar { fill: #66727f; } .ours { fill: #ee7f4a; } .floor { fill: #46505a; }
}
</style>
";

/// The picture.
pub(crate) fn render(results: &Results, servers: &[&str], points: &[&Point]) -> String {
    let find = |name: &&str| points.iter().copied().find(|point| point.name == *name);
    let shown: Vec<&Point> = SHOWN.iter().filter_map(find).collect();
    let servers: Vec<&str> = servers.iter().copied().filter(|server| !LEFT_OUT.contains(server)).collect();
    let height = TITLE + servers.len() as f64 * ROW + 14.0;
    let rows = shown.len().div_ceil(COLUMNS) as f64;
    let (width, total) = (PANEL_WIDTH * COLUMNS as f64, rows * height);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {total}\" width=\"{width}\" height=\"{total}\" role=\"img\" aria-label=\"What each server costs\">\n{STYLE}"
    );
    for (index, point) in shown.iter().enumerate() {
        let x = (index % COLUMNS) as f64 * PANEL_WIDTH;
        let y = (index / COLUMNS) as f64 * height;
        let _ = writeln!(text, "<g transform=\"translate({x} {y})\">\n{}</g>", panel(results, &servers, point));
    }
    text + "</svg>\n"
}

/// One point: a bar for each server.
fn panel(results: &Results, servers: &[&str], point: &Point) -> String {
    let (_, _, unit) = point.figure.place();
    let measured = if unit == "µs" { "µs of CPU" } else { unit };
    let least = |server: &&str| results.summary(server, point).map(|summary| summary.least);
    let most = servers.iter().filter_map(least).fold(f64::MIN_POSITIVE, f64::max);
    let mut text =
        format!("<text class=\"title\" x=\"4\" y=\"18\">{} ({measured})</text>\n", point.title.replace('`', ""));
    for (row, server) in servers.iter().enumerate() {
        let y = TITLE + row as f64 * ROW;
        let base = y + 11.0;
        let _ = writeln!(text, "<text x=\"{NAME_WIDTH}\" y=\"{base}\" text-anchor=\"end\">{server}</text>");
        let x = NAME_WIDTH + 8.0;
        let Some(figure) = least(server) else {
            let _ = writeln!(text, "<text x=\"{x}\" y=\"{base}\">-</text>");
            continue;
        };
        let bar = (figure / most * BAR_WIDTH).max(1.0);
        let class = match *server {
            name if name.starts_with("hubs") => "ours",
            "floor" => "floor",
            _ => "bar",
        };
        let _ =
            writeln!(text, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{bar:.1}\" height=\"13\" rx=\"2\"/>");
        let after = x + bar + 6.0;
        let _ = writeln!(text, "<text x=\"{after:.1}\" y=\"{base}\">{}</text>", number(figure));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::render;
    use crate::bench::{
        points,
        results::{Record, Results},
    };

    #[test]
    fn bars_are_as_long_as_figures_are_large() {
        let mut results = Results::default();
        for (server, figure) in [("hubs", 5.0), ("ws", 20.0)] {
            let run = Ok(json!({ "cpu_s_per_1m": figure }));
            results.add(Record { round: 0, server, point: "echo-1", run });
        }
        let points: Vec<_> = points::all().filter(|point| point.name == "echo-1").collect();
        let picture = render(&results, &["hubs", "ws", "floor-batch"], &points);
        assert!(picture.contains("class=\"ours\" x=\"104\" y=\"34\" width=\"67.5\""), "{picture}");
        assert!(picture.contains("class=\"bar\" x=\"104\" y=\"52\" width=\"270.0\""), "{picture}");
        assert!(!picture.contains("floor-batch"));
    }
}
