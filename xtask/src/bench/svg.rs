//! The results as a picture: a panel of bars for each point that two servers or more can do. Readable on light and dark pages.

use std::fmt::Write as _;

use super::{
    points::{Figure, Point},
    results::Results,
    table::number,
};

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
    let servers: Vec<&str> = servers.iter().copied().filter(|server| !LEFT_OUT.contains(server)).collect();
    let able = |point: &Point| servers.iter().filter(|server| results.summary(server, point).is_some()).count();
    let shown: Vec<&Point> = points.iter().copied().filter(|point| able(point) > 1).collect();
    let (mut panels, mut y) = (String::new(), 0.0);
    for row in shown.chunks(COLUMNS) {
        for (column, point) in row.iter().enumerate() {
            let x = column as f64 * PANEL_WIDTH;
            let _ = writeln!(panels, "<g transform=\"translate({x} {y})\">\n{}</g>", panel(results, &servers, point));
        }
        let most = row.iter().map(|point| able(point)).max().unwrap_or_default();
        y += TITLE + most as f64 * ROW + 14.0;
    }
    let width = PANEL_WIDTH * COLUMNS as f64;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {y}\" width=\"{width}\" height=\"{y}\" role=\"img\" aria-label=\"What each server costs\">\n{STYLE}{panels}</svg>\n"
    )
}

/// One point: a bar for each server that can do it.
fn panel(results: &Results, servers: &[&str], point: &Point) -> String {
    let (_, _, unit) = point.figure.place();
    let measured = if point.figure == Figure::Cpu { "µs of CPU" } else { unit };
    let least = |server| Some((server, results.summary(server, point)?.least));
    let figures: Vec<(&str, f64)> = servers.iter().copied().filter_map(least).collect();
    let most = figures.iter().map(|(_, figure)| *figure).fold(f64::MIN_POSITIVE, f64::max);
    let mut text =
        format!("<text class=\"title\" x=\"4\" y=\"18\">{} ({measured})</text>\n", point.title.replace('`', ""));
    for (row, (server, figure)) in figures.into_iter().enumerate() {
        let y = TITLE + row as f64 * ROW;
        let base = y + 11.0;
        let _ = writeln!(text, "<text x=\"{NAME_WIDTH}\" y=\"{base}\" text-anchor=\"end\">{server}</text>");
        let x = NAME_WIDTH + 8.0;
        let bar = (figure / most * BAR_WIDTH).max(1.0);
        let class = match server {
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
