//! `cargo xtask bench`: our hub beside a floor and beside what others use instead, on the same work in the same run.
//! Owns the options; must not know how anything is measured.

mod build;
mod capacity;
mod client;
mod compile;
pub(crate) mod counts;
mod machine;
mod options;
mod points;
mod redis;
mod results;
mod rounds;
mod running;
mod scale;
mod servers;
mod svg;
mod table;

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::json;

pub(crate) use options::Options;
use options::What;

use crate::workspace::Workspace;
use points::Point;
use servers::Server;

/// Does what was asked for.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    match options.what {
        What::Compare => compare(workspace, options),
        What::Counts { bless } => counts::run(workspace, bless),
        What::Parts => counts::parts::run(workspace),
        What::Compile => compile::run(workspace),
        What::Client => client::run(workspace, options.rounds),
        What::Redis => redis::run(workspace, options.rounds),
        What::Scale => scale::run(workspace),
    }
}

/// All servers side by side: measures, prints and keeps.
fn compare(workspace: &Workspace, options: &Options) -> Result<()> {
    running::check()?;
    build::chosen(workspace, &options.choice)?;
    let servers: Vec<Server> = servers::chosen(workspace, &options.choice);
    let points: Vec<&Point> = options.points.clone();
    let results = rounds::run(&servers::program(workspace, "bench-load"), &servers, &points, options.rounds)?;
    let names: Vec<&str> = servers.iter().map(|server| server.name).collect();
    let ours: Vec<&str> = names.iter().copied().filter(|name| name.starts_with("hubs")).collect();
    let mut text = format!("{}\n{}", machine::describe(), table::render(&results, &names, &ours, &points));
    text += &capacity::render(&results, "hubs", &points);
    println!("{text}");
    let folder = running::results(&workspace.target)?;
    let all = json!({ "machine": machine::describe(), "rounds": options.rounds, "records": results.to_json(), "table": text });
    write(&folder.join("result.json"), &format!("{all:#}\n"))?;
    if let Some(path) = &options.svg {
        write(&workspace.root.join(path), &svg::render(&results, &names, &points))?;
    }
    Ok(())
}

fn write(path: &std::path::Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("written: {}", path.display());
    Ok(())
}
