//! `cargo hubs doctor`: checks what stands between a client and a hub, one request after the other, as the clients make
//! them. It says which hop is likely wrong, and the lines of its configuration that help. Must not know contracts.

mod bodies;
mod events;
mod findings;
mod negotiate;
mod origins;
mod polls;
mod remedies;
mod sticky;
mod websockets;
mod wire;

use std::{process::ExitCode, time::Duration};

use clap::Args as ClapArgs;
use hubs_codegen::Error;
use serde_json::json;

use self::{
    findings::{Finding, Findings},
    negotiate::Negotiated,
    wire::Wire,
};
use super::{access::Access, block_on};
use crate::cli::shell::Shell;

/// A hub whose proxies are checked.
#[derive(Debug, ClapArgs)]
pub(crate) struct Doctor {
    /// The hub's address, as pages use it: `https://`, a host, and the path of the hub
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    access: Access,
    /// The origin of a page on another host, such as `https://app.example`, that is to connect
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Hold connections and polls open for so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    idle: u64,
    /// The largest body that clients send, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 32 * 1024, value_parser = clap::value_parser!(u32).range(1..=64 * 1024 * 1024))]
    body: u32,
    /// Wait for an answer for so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// Say everything in JSON, on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// What the checks after the first need.
struct Checks {
    wire: Wire,
    transports: Vec<String>,
    /// Whether all requests of a connection reach the same server.
    sticky: bool,
    idle: Duration,
    body: usize,
    origin: Option<String>,
}

/// Checks the way to a hub. Exit code 1 if anything on it is wrong.
pub(crate) fn doctor(shell: Shell, doctor: &Doctor) -> Result<ExitCode, Error> {
    let wire = Wire::new(&doctor.url, &doctor.access, Duration::from_secs(doctor.timeout))?;
    if shell.is_for_people() {
        shell.status("Checking", format!("{}, for about {} s", wire.shown(), doctor.idle));
    }
    block_on(async {
        let findings = check(wire, doctor).await;
        if shell.is_for_people() {
            shell.result(&findings.text(shell.colours));
        } else {
            shell.json(&json!({ "ok": !findings.has_failed(), "findings": findings }));
        }
        Ok(if findings.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    })
}

async fn check(wire: Wire, doctor: &Doctor) -> Findings {
    let mut findings = Findings::default();
    let first = negotiate::check(&wire, &mut findings).await;
    let Some(Negotiated { transports, .. }) = first else { return findings };
    let (sticky, finding) = sticky::check(&wire, &transports).await;
    findings.add(finding);
    let checks = Checks {
        wire,
        transports,
        sticky,
        idle: Duration::from_secs(doctor.idle),
        body: doctor.body as usize,
        origin: doctor.origin.clone(),
    };
    let (sockets, events, polls, body, origins) = tokio::join!(
        websockets::check(&checks),
        events::check(&checks),
        polls::check(&checks),
        bodies::check(&checks),
        origins::check(&checks),
    );
    let all = sockets.into_iter().chain([events]).chain(polls).chain([body]).chain(origins);
    all.for_each(|finding| findings.add(finding));
    findings
}

impl Checks {
    /// Whether the hub offers a transport.
    fn offers(&self, transport: &str) -> bool {
        self.transports.iter().any(|offered| offered == transport)
    }

    /// What is said of a check that needs a transport, if it cannot be made.
    fn skipped(&self, name: &'static str, transport: &str) -> Option<Finding> {
        if !self.offers(transport) {
            return Some(Finding::skip(name, format!("the hub does not offer {transport}")));
        }
        let split = || Finding::skip(name, "requests reach different servers: see `affinity`");
        (!self.sticky).then(split)
    }
}
