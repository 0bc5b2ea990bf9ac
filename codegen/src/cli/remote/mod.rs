//! `cargo hubs call`, `stream`, `upload` and `listen`: calls to a hub that runs somewhere; and `doctor`, which checks the way
//! to it. Values are pretty on a terminal
//! and one JSON document a line in a pipe. Tokens come from a file or the environment: arguments can be read by every user of
//! a machine.

mod access;
mod args;
mod calls;
mod doctor;
mod fits;

use std::{
    ffi::OsString,
    io::{BufRead as _, IsTerminal as _},
    process::ExitCode,
    time::Duration,
};

use clap::Parser as _;
use futures_util::{StreamExt as _, stream};
use hubs::{
    HubError, HubResult, InvokeError,
    client::{HubConnection, HubConnectionBuilder, RetryPolicy, Upload},
    contract::Contract,
};
use hubs_codegen::Error;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use self::{
    args::Remote,
    calls::{Kind, Prepared, prepare, value},
};
pub(crate) use self::{
    args::{Call, Listen, Stream},
    doctor::{Doctor, doctor},
};
use super::{
    args::{Args, Command},
    shell::Shell,
};

/// How many lines of standard input wait to be sent.
const LINES: usize = 64;

/// The methods that may follow these words of a command line, the last of which is not written yet. None where no name of a method
/// is due, or no contract is given.
pub(crate) fn methods(words: &[OsString]) -> Vec<String> {
    let Some((_, before)) = words.split_last() else { return Vec::new() };
    // The command line itself says whether a name is due here: it is parsed with one.
    let line = before.iter().cloned().chain([OsString::from(DUE)]);
    let Ok(args) = Args::try_parse_from(line) else { return Vec::new() };
    let (remote, method, kind) = match &args.command {
        Command::Call(call) => (&call.remote, Some(&call.method), Kind::Value),
        Command::Upload(call) => (&call.remote, Some(&call.method), Kind::Upload),
        Command::Stream(Stream { call, .. }) => (&call.remote, Some(&call.method), Kind::Stream),
        Command::Listen(listen) => (&listen.remote, listen.method.as_ref(), Kind::Value),
        _ => return Vec::new(),
    };
    let due = method.is_some_and(|method| method == DUE);
    let contract = remote.document().ok().flatten().filter(|_| due);
    contract.map(|contract| calls::names(&contract, kind)).unwrap_or_default()
}

/// Stands for the name of a method that is not written yet.
const DUE: &str = "<METHOD>";

/// Calls a method and prints its answer.
pub(crate) fn call(shell: Shell, call: &Call) -> Result<ExitCode, Error> {
    let prepared = prepare(call.remote.document()?.as_ref(), &call.method, &call.arguments, Kind::Value)?;
    block_on(async {
        let hub = call.remote.connect(call.remote.builder()?).await?;
        let answer = call.remote.in_time(hub.invoke::<Value>(&prepared.method, prepared.arguments)).await?;
        print(shell, &answer.map_err(|error| failed(&error))?);
        hub.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Calls a method and prints the items of its stream.
pub(crate) fn stream(shell: Shell, Stream { call, take }: &Stream) -> Result<ExitCode, Error> {
    let prepared = prepare(call.remote.document()?.as_ref(), &call.method, &call.arguments, Kind::Stream)?;
    block_on(async {
        let hub = call.remote.connect(call.remote.builder()?).await?;
        let items = hub.stream::<Value>(&prepared.method, prepared.arguments).await.map_err(|error| failed(&error))?;
        let mut items = items.take(take.unwrap_or(usize::MAX));
        while let Some(item) = call.remote.in_time(items.next()).await? {
            print(shell, &item.map_err(|error| broken(&error))?);
        }
        drop(items);
        hub.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Calls a method with the lines of standard input as its stream, and prints its answer.
pub(crate) fn upload(shell: Shell, call: &Call) -> Result<ExitCode, Error> {
    let prepared = prepare(call.remote.document()?.as_ref(), &call.method, &call.arguments, Kind::Upload)?;
    block_on(async {
        let hub = call.remote.connect(call.remote.builder()?).await?;
        let Prepared { method, arguments } = prepared;
        // People may take their time to write lines, so there is no limit here.
        let answer = hub.upload::<Value>(&method, arguments, [Upload::new(lines())]).await;
        print(shell, &answer.map_err(|error| failed(&error))?);
        hub.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Prints what the server calls, until it closes the connection.
pub(crate) fn listen(shell: Shell, listen: &Listen) -> Result<ExitCode, Error> {
    let document = listen.remote.document()?;
    let first = listen.method.as_ref().map(|method| prepare(document.as_ref(), method, &listen.arguments, Kind::Value));
    let first = first.transpose()?;
    block_on(async {
        let (sender, mut calls) = mpsc::channel(LINES);
        let builder = listen.remote.builder()?.on_any(move |method, arguments| {
            let sender = sender.clone();
            async move {
                sender.send((method, arguments)).await?;
                HubResult::<()>::Err(HubError::client("Client didn't provide a result."))
            }
        });
        let hub = listen.remote.connect(builder).await?;
        if let Some(Prepared { method, arguments }) = first {
            listen.remote.in_time(hub.invoke::<Value>(&method, arguments)).await?.map_err(|error| failed(&error))?;
        }
        let mut left = listen.take.unwrap_or(usize::MAX);
        while left > 0 {
            tokio::select! {
                biased;
                Some((method, arguments)) = calls.recv() => {
                    print(shell, &json!({ "method": method, "arguments": arguments }));
                    left -= 1;
                }
                reason = hub.closed() => return Err(broken(&reason)),
            }
        }
        hub.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

impl Remote {
    fn document(&self) -> Result<Option<Contract>, Error> {
        self.contract.as_deref().map(hubs_codegen::read).transpose()
    }

    fn builder(&self) -> Result<HubConnectionBuilder, Error> {
        let mut builder = HubConnection::builder(&self.url).reconnect(RetryPolicy::never());
        for (name, value) in self.access.headers()? {
            builder = builder.header(name, value);
        }
        if let Some(transport) = self.transport {
            builder = builder.transports([transport.into()]);
        }
        if self.messagepack {
            builder = builder.messagepack();
        }
        if let Some(token) = self.access.token()? {
            builder = builder.access_token_provider(move || std::future::ready(Ok::<_, std::io::Error>(token.clone())));
        }
        Ok(builder)
    }

    async fn connect(&self, builder: HubConnectionBuilder) -> Result<HubConnection, Error> {
        self.in_time(builder.start()).await?.map_err(|error| broken(&error))
    }

    async fn in_time<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Error> {
        let late = || Error::Call {
            problem: format!("nothing came from {} within {} s", self.host(), self.timeout),
            help: "wait for longer with `--timeout SECONDS`".to_owned(),
        };
        tokio::time::timeout(Duration::from_secs(self.timeout), waiting).await.map_err(|_| late())
    }

    /// The address without its query, which may hold a secret.
    fn host(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }
}

fn block_on(work: impl Future<Output = Result<ExitCode, Error>>) -> Result<ExitCode, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| broken(&error))?.block_on(work)
}

/// The lines of standard input, as they come.
fn lines() -> impl futures_util::Stream<Item = Value> + Send + 'static {
    let (sender, mut lines) = mpsc::channel(LINES);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(value(&line)).is_err() {
                return;
            }
        }
    });
    stream::poll_fn(move |cx| lines.poll_recv(cx))
}

fn print(shell: Shell, value: &Value) {
    let pretty = shell.is_for_people() && std::io::stdout().is_terminal();
    shell.result(&if pretty { format!("{value:#}\n") } else { format!("{value}\n") });
}

/// A method failed: its text, and its error as data if it names one.
fn failed(error: &InvokeError) -> Error {
    let data = error.decode::<Value>().map(|data| format!(" {data}")).unwrap_or_default();
    let text = error.client_text().map_or_else(|| error.to_string(), str::to_owned);
    let help = if matches!(error, InvokeError::Remote(_) | InvokeError::Typed { .. }) {
        "that is what the server answers; a masked error is in the server's log".to_owned()
    } else {
        CONNECTION_HELP.to_owned()
    };
    Error::Call { problem: format!("{text}{data}"), help }
}

fn broken(error: &impl std::fmt::Display) -> Error {
    Error::Call { problem: error.to_string(), help: CONNECTION_HELP.to_owned() }
}

const CONNECTION_HELP: &str =
    "is the address that of a hub, and is there a token if it needs one? `HUBS_TOKEN` or `--token-file`";
