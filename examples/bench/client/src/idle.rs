//! Memory of connections that are open and silent, after one call each.

use anyhow::{Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};

use crate::{OPENING, Options, process};

pub(crate) async fn measure(options: &Options) -> Result<Value> {
    process::allow_files(options.connections)?;
    let before = process::resident()?;
    let clients = options.open().await?;
    let calls = clients.iter().enumerate().map(|(at, client)| async move {
        let text = format!("{at:0width$}", width = options.bytes);
        let answer = client.echo(text.clone()).await?;
        ensure!(answer == text, "connection {at} got {answer} and not {text}");
        Ok(())
    });
    stream::iter(calls).buffer_unordered(OPENING).try_collect::<()>().await?;
    let bytes = process::resident()?.saturating_sub(before);
    let each = bytes as f64 / clients.len() as f64;
    Ok(json!({ "ok": true, "connections": clients.len(), "bytes": bytes, "bytes_called": each }))
}
