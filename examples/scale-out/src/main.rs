//! Starts a cluster on this machine: the chat and the trading board on three nodes each, with Redis and Postgres behind
//! them and HAProxy before them; stops all of it on Ctrl-C.
//!
//! This file has the order. It knows no program and none of their arguments.

mod nodes;
mod program;
mod stores;
mod tools;

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _, path::Path, process::ExitCode};

use anyhow::Context as _;
use futures_util::future::join_all;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    nodes::{BOARD, CHAT, NODES},
    program::Program,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    tools::check()?;
    CHAT.check()?;
    BOARD.check()?;
    // Postgres may run as another user, who has to find its folder in this one.
    let permissions = Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().prefix("hubs-scale-out-").permissions(permissions).tempdir()?;
    let mut stop = Box::pin(stop_signal()?);
    let mut programs = tokio::select! {
        programs = start(folder.path()) => programs?,
        () = &mut stop => return Ok(()),
    };
    tokio::select! {
        () = show(&mut programs) => {}
        () = stop => println!("\nstopping"),
    }
    for program in programs {
        program.stop().await;
    }
    Ok(())
}

/// Starts everything, says where it is, and returns it in the order in which it is to be stopped.
async fn start(folder: &Path) -> anyhow::Result<Vec<Program>> {
    let (redis, meeting) = stores::redis(folder).await?;
    let (postgres, messages) = stores::postgres(folder).await?;
    // The board keeps its prices in SQLite: its nodes share the file, because they are on one machine.
    let prices = format!("sqlite:{}?mode=rwc", folder.join("ticker.db").display());
    let key = random_key()?;
    let mut nodes = Vec::new();
    for number in 1..=NODES {
        nodes.push((
            CHAT.start(number, &messages, &meeting, &key).await?,
            BOARD.start(number, &prices, &meeting, &key).await?,
        ));
    }
    let chats = nodes.iter().map(|((_, chat), _)| chat.as_str());
    let boards = nodes.iter().map(|(_, (_, board))| board.as_str());
    let haproxy = nodes::haproxy(folder, chats, boards).await?;
    for (app, what) in [(CHAT, "the chat "), (BOARD, "the board")] {
        println!("{what} is at http://{}", app.address());
    }
    println!("\nEnd a node, and its pages go on at another one:");
    let mut programs = vec![haproxy];
    for (number, ((chat, _), (board, _))) in (1..).zip(nodes) {
        println!("  node {number}   kill -9 {} {}", chat.id(), board.id());
        programs.extend([chat, board]);
    }
    println!("\nCtrl-C stops everything.");
    programs.extend([postgres, redis]);
    Ok(programs)
}

/// Shows what the programs say, until all have ended.
async fn show(programs: &mut [Program]) {
    join_all(programs.iter_mut().map(Program::show)).await;
}

/// Resolves with Ctrl-C or SIGTERM.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    Ok(async move {
        let [interrupt, terminate] = &mut signals;
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
    })
}

/// What signs tokens on every node: 32 random bytes, in digits.
fn random_key() -> anyhow::Result<String> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).context("the system gives no random bytes")?;
    Ok(key.iter().map(|byte| format!("{byte:02x}")).collect())
}
