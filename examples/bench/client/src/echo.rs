//! CPU time of echoes: on each connection so many calls are in flight, and each is followed by the next.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{Bench, Options, process};

/// What all callers share.
#[derive(Debug, Default)]
struct Progress {
    answers: AtomicU64,
    stop: AtomicBool,
}

pub(crate) async fn measure(options: &Options) -> Result<Value> {
    let clients = options.open().await?;
    let progress = Arc::new(Progress::default());
    let mut callers = JoinSet::new();
    for (at, client) in clients.iter().enumerate() {
        for place in 0..options.window {
            let number = (at * options.window + place) as u64;
            callers.spawn(calls(client.clone(), Arc::clone(&progress), number, options.bytes));
        }
    }
    tokio::time::sleep(Duration::from_secs_f64(options.warmup)).await;
    let (answers, cpu) = (progress.answers.load(Ordering::Relaxed), process::cpu_us()?);
    tokio::time::sleep(Duration::from_secs_f64(options.seconds)).await;
    let (answers, cpu) = (progress.answers.load(Ordering::Relaxed) - answers, process::cpu_us()? - cpu);
    progress.stop.store(true, Ordering::Relaxed);
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    ensure!(answers > 0, "no call was answered");
    Ok(json!({ "ok": true, "units": answers, "cpu_s_per_1m": cpu as f64 / answers as f64 }))
}

/// Calls until it is told to stop; the first wrong answer is an error.
async fn calls(client: Bench, progress: Arc<Progress>, caller: u64, bytes: usize) -> Result<()> {
    let mut number = caller << 32;
    while !progress.stop.load(Ordering::Relaxed) {
        let text = text(number, bytes);
        let answer = client.echo(text.clone()).await?;
        ensure!(answer == text, "call {number} got {answer}");
        progress.answers.fetch_add(1, Ordering::Relaxed);
        number += 1;
    }
    Ok(())
}

/// The number with zeros before it. Formatted by hand, since it counts as the client's time.
fn text(number: u64, bytes: usize) -> String {
    let digits = number.to_string();
    let mut text = "0".repeat(bytes);
    let start = bytes.saturating_sub(digits.len());
    text.replace_range(start.., &digits);
    text
}
