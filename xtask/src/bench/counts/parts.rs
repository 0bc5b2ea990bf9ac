//! `cargo xtask bench --parts`: the instructions that each part costs which is off by default.

use anyhow::Result;

use super::{install, profile};
use crate::{
    bench::{
        build::PROFILE,
        machine, running,
        servers::{self, Server},
        table::aligned,
    },
    process,
    workspace::Workspace,
};

const ECHO: (&str, &str, &str) = ("echo --connections 16 --window 1", "1600", "9600");
const BROADCAST: (&str, &str, &str) = ("broadcast --connections 200 --window 1", "20", "220");
const CONNECT: (&str, &str, &str) = ("memory", "100", "500");

/// A part, the name by which the bench hub knows it, and the work that it takes part in.
const PARTS: &[(&str, &str, (&str, &str, &str))] = &[
    ("a call", "", ECHO),
    ("call_rate_limit", "rate", ECHO),
    ("#[authorize(role)]", "role", ECHO),
    ("#[authorize(policy)] that reads an argument", "policy", ECHO),
    ("a filter that does nothing", "filter", ECHO),
    ("metrics, with a recorder", "metrics", ECHO),
    ("a delivery", "", BROADCAST),
    ("#[method(latest)]", "latest", BROADCAST),
    ("#[method(coalesce)]", "coalesce", BROADCAST),
    ("#[method(drop_oldest)]", "drop-oldest", BROADCAST),
    ("metrics, with a recorder", "metrics", BROADCAST),
    ("a connection's life", "", CONNECT),
    ("metrics, with a recorder", "metrics", CONNECT),
    ("a filter that does nothing", "filter", CONNECT),
];

/// Counts and prints.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    running::check()?;
    install()?;
    process::run(&workspace.root, "cargo", &["build", "--profile", PROFILE, "-p", "bench-load"])?;
    let build = ["build", "--profile", PROFILE, "-p", "bench-hub", "--features", "parts"];
    process::run(&workspace.root, "cargo", &build)?;
    let folder = running::results(&workspace.target)?;
    let mut rows = vec![["part", "", "instructions", "more"].map(str::to_owned).to_vec()];
    let mut without = 0.0;
    for (what, part, (load, short, long)) in PARTS {
        println!("counting {what}");
        let server: Server = servers::hubs(workspace).with("PART", part);
        let option = if *load == CONNECT.0 { "--connections" } else { "--calls" };
        let counted = profile(workspace, &server, &folder, load, (option, short, long))?;
        let instructions: f64 = counted.instructions.values().sum();
        if part.is_empty() {
            without = instructions;
        }
        let more = if part.is_empty() { "-".to_owned() } else { format!("{:+.0}", instructions - without) };
        let what = if part.is_empty() { (*what).to_owned() } else { format!("  {what}") };
        rows.push(vec![what, String::new(), format!("{instructions:.0}"), more]);
    }
    println!("\n{}\n\n{}", machine::describe(), aligned(&rows));
    Ok(())
}
