//! Load for a hub server: one thread, one epoll loop. Checks every answer and delivery for its content, order and
//! number; the first that is wrong ends the run with exit code 1. Prints one line of JSON. Owns the command line.

mod clock;
mod histogram;
mod limits;
mod net;
mod options;
mod process;
mod scenario;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;
use serde_json::{Value, json};

use options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = limits::allow_files(options.sockets()).and_then(|()| scenario::run(&options));
    let (line, code) = match outcome {
        Ok(result) => (describe(&options, result), ExitCode::SUCCESS),
        Err(error) => {
            eprintln!("bench-load: {error:#}");
            (describe(&options, json!({ "ok": false, "error": format!("{error:#}") })), ExitCode::FAILURE)
        }
    };
    println!("{line}");
    code
}

/// The result with what was asked for before it.
fn describe(options: &Options, result: Value) -> Value {
    let mut line = json!({
        "scenario": options.scenario.to_string(),
        "protocol": options.protocol.to_string(),
        "connections": options.connections,
        "window": options.window,
        "bytes": options.bytes,
        "ok": true,
    });
    if let (Some(line), Value::Object(result)) = (line.as_object_mut(), result) {
        line.extend(result);
    }
    line
}
