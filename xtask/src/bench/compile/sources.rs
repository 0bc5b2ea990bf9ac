//! The generated programs: the same methods, once as a hub's trait, once by hand. Owns their text alone.

use std::{fmt::Write as _, path::Path};

/// The manifest of all of them together.
pub(super) fn workspace(members: &str) -> String {
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{members}]\n\n[profile.release]\nstrip = true\n\n[profile.dev]\ndebug = \"line-tables-only\"\n"
    )
}

/// The manifest of one; those without our runtime are by hand.
pub(super) fn package(name: &str, runtime: Option<&Path>) -> String {
    let dependencies = match runtime {
        Some(runtime) => format!("hubs-runtime = {{ path = {:?} }}\n", runtime.display().to_string()),
        None => "axum = { version = \"0.8.9\", default-features = false, features = [\"http1\", \"tokio\", \"ws\"] }\n\
                 futures-util = { version = \"0.3\", default-features = false, features = [\"sink\", \"std\"] }\n\
                 serde = { version = \"1\", features = [\"derive\"] }\n\
                 serde_json = { version = \"1\", features = [\"raw_value\"] }\n\
                 tokio = { version = \"1.54\", features = [\"macros\", \"net\", \"rt-multi-thread\", \"sync\"] }\n"
            .to_owned(),
    };
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n{dependencies}"
    )
}

/// The parameters, the result and the body of method `number`; three kinds in turns.
struct Method {
    name: String,
    wire: String,
    parameters: &'static str,
    names: &'static str,
    types: &'static str,
    result: &'static str,
    body: String,
}

fn method(number: usize) -> Method {
    let (parameters, names, types, result, body) = match number % 3 {
        0 => (
            "text: String, count: i64",
            "text, count",
            "(String, i64)",
            "String",
            "format!(\"{text} {count}\")".to_owned(),
        ),
        1 => (
            "list: Vec<String>, first: Option<i32>",
            "list, first",
            "(Vec<String>, Option<i32>)",
            "i64",
            "list.len() as i64 + i64::from(first.unwrap_or(0))".to_owned(),
        ),
        _ => (
            "loud: bool, words: String",
            "loud, words",
            "(bool, String)",
            "()",
            format!("TELL.told_{}(words, loud)", number / 3),
        ),
    };
    Method { name: format!("method_{number}"), wire: format!("Method{number}"), parameters, names, types, result, body }
}

/// How many methods the client has.
fn told(methods: usize) -> usize {
    methods.div_ceil(3)
}

/// A hub of so many methods.
pub(super) fn hub(methods: usize) -> String {
    let mut client = String::new();
    for number in 0..told(methods) {
        let _ = writeln!(client, "    async fn told_{number}(&self, words: String, loud: bool) -> HubResult<()>;");
    }
    let (mut hub, mut implementation) = (String::new(), String::new());
    for method in (0..methods).map(method) {
        let signature =
            format!("async fn {}(&self, cx: &Cx, {}) -> HubResult<{}>", method.name, method.parameters, method.result);
        let body = method.body.replace("TELL", "cx.clients().all()");
        let body =
            if method.result == "()" { format!("{body}.await?; Ok(())") } else { format!("let _ = cx; Ok({body})") };
        let _ = writeln!(hub, "    {signature};");
        let _ = writeln!(implementation, "    {signature} {{ {body} }}");
    }
    format!(
        "use hubs::{{HubCallerContext, HubResult, Hubs, client_interface, hub}};\n\n\
         #[client_interface]\npub trait Page {{\n{client}}}\n\ntype Cx = HubCallerContext<PageContract>;\n\n\
         #[hub(client = Page)]\npub trait Large {{\n{hub}}}\n\nstruct Server;\n\n\
         impl Large for Server {{\n{implementation}}}\n\n\
         fn main() -> std::io::Result<()> {{\n    Hubs::new().map(\"/hub\", LargeContract, Server).run(\"127.0.0.1:3000\")\n}}\n"
    )
}

/// The same by hand.
pub(super) fn by_hand(methods: usize) -> String {
    let mut told_methods = String::new();
    for number in 0..told(methods) {
        let _ = writeln!(
            told_methods,
            "    fn told_{number}(&self, words: String, loud: bool) {{ self.tell(\"Told{number}\", &(words, loud)); }}"
        );
    }
    let (mut functions, mut arms) = (String::new(), String::new());
    for method in (0..methods).map(method) {
        let body = method.body.replace("TELL", "peers");
        let Method { name, wire, parameters, names, types, result, .. } = method;
        let _ =
            writeln!(functions, "async fn {name}(peers: &Peers, {parameters}) -> {result} {{ let _ = peers; {body} }}");
        let _ = writeln!(
            arms,
            "        \"{wire}\" => {{ let ({names}): {types} = serde_json::from_str(arguments)?; serde_json::to_string(&{name}(peers, {names}).await)? }}"
        );
    }
    BY_HAND.replace("@TOLD", &told_methods).replace("@FUNCTIONS", &functions).replace("@ARMS", &arms)
}

const BY_HAND: &str = r##"use std::{collections::HashMap, sync::{Arc, Mutex}};

use axum::{Router, extract::{State, ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade}}, response::Response, routing::get};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[derive(Clone, Default)]
struct Peers(Arc<Mutex<HashMap<usize, UnboundedSender<Utf8Bytes>>>>);

impl Peers {
    fn tell(&self, target: &str, arguments: &impl Serialize) {
        let arguments = serde_json::to_string(arguments).unwrap_or_default();
        let text: Utf8Bytes = format!("{{\"type\":1,\"target\":\"{target}\",\"arguments\":{arguments}}}\u{1e}").into();
        if let Ok(peers) = self.0.lock() {
            for peer in peers.values() { let _ = peer.send(text.clone()); }
        }
    }
@TOLD}

@FUNCTIONS
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call<'a> {
    invocation_id: String,
    target: String,
    #[serde(borrow)]
    arguments: &'a RawValue,
}

async fn dispatch(peers: &Peers, target: &str, arguments: &str) -> Result<String, serde_json::Error> {
    Ok(match target {
@ARMS        _ => "null".to_owned(),
    })
}

async fn serve(socket: WebSocket, peers: Peers) {
    let (mut sink, mut stream) = socket.split();
    let (sender, mut queue) = unbounded_channel();
    let id = Arc::as_ptr(&peers.0) as usize;
    if let Ok(mut all) = peers.0.lock() { all.insert(id, sender.clone()); }
    tokio::spawn(async move {
        while let Some(text) = queue.recv().await {
            if sink.send(Message::Text(text)).await.is_err() { break; }
        }
    });
    while let Some(Ok(Message::Text(text))) = stream.next().await {
        for record in text.split('\u{1e}').filter(|record| !record.is_empty()) {
            let Ok(call) = serde_json::from_str::<Call<'_>>(record) else { continue };
            if let Ok(result) = dispatch(&peers, &call.target, call.arguments.get()).await {
                let answer = format!("{{\"type\":3,\"invocationId\":\"{}\",\"result\":{result}}}\u{1e}", call.invocation_id);
                let _ = sender.send(answer.into());
            }
        }
    }
}

async fn connect(State(peers): State<Peers>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| serve(socket, peers))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new().route("/hub", get(connect)).with_state(Peers::default());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
}
"##;
