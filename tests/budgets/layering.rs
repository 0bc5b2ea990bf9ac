//! Who may import whom in `hubs-runtime`. A room may import rooms with smaller numbers only, so no two rooms ever
//! need each other, and siblings never meet.

use std::collections::BTreeMap;

use crate::{
    paths::{self, Named},
    sources,
};

/// A folder of `hubs-runtime/src`, or a file that is a room of its own.
struct Room {
    name: &'static str,
    /// It may import smaller numbers.
    number: u8,
    /// What it must not know, although the number would allow it. Names of rooms and of other crates.
    never: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room { name: "ids", number: 0, never: &["tokio", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "counters", number: 0, never: &["ids", "tokio", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "tls", number: 0, never: &["tokio", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "backplane", number: 1, never: &["counters", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "contract", number: 1, never: &["tokio", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "protocol", number: 1, never: &["tokio", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "transport", number: 1, never: &[] },
    Room { name: "connection", number: 2, never: &["contract", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "invocation", number: 3, never: &["contract", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "call", number: 4, never: &["transport", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "lifetime", number: 4, never: &["contract", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "engine", number: 5, never: &["lifetime", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "clients", number: 5, never: &["axum", "hyper", "tokio_tungstenite"] },
    Room { name: "hub", number: 6, never: &["axum", "hyper", "tokio_tungstenite"] },
    // It writes the contract into a document for `cargo hubs`; no room needs it.
    Room { name: "export", number: 6, never: &["tokio", "axum", "hyper", "tokio_tungstenite"] },
    Room { name: "server", number: 7, never: &[] },
    Room { name: "client", number: 7, never: &["hub", "lifetime", "clients", "axum"] },
];

/// May import anything; no room imports them.
const ABOVE_ALL: &[&str] = &["testing", "private"];

/// Why `named`, in a file of `room`, breaks the rule; `None` if it does not. `exports` says from which room
/// something at the crate's top comes.
fn judge(room: &Room, named: &Named, exports: &BTreeMap<String, String>) -> Option<String> {
    let first = named.segments.first()?.as_str();
    if first != "crate" {
        return room.never.contains(&first).then(|| format!("`{}` must not know `{first}`", room.name));
    }
    let second = named.segments.get(1)?.trim_start_matches('_');
    let target = exports.get(second).map_or(second, String::as_str);
    if target == room.name {
        return None;
    }
    if ABOVE_ALL.contains(&target) {
        return Some(format!("no room imports `{target}`"));
    }
    let Some(other) = ROOMS.iter().find(|other| other.name == target) else {
        return Some(format!("`{second}` is no room; import it from the room that owns it"));
    };
    if other.number >= room.number {
        return Some(format!("`{}` ({}) may not import `{target}` ({})", room.name, room.number, other.number));
    }
    room.never.contains(&target).then(|| format!("`{}` must not know `{target}`", room.name))
}

/// What `lib.rs` re-exports, and from which room.
fn exports(lib: &str) -> BTreeMap<String, String> {
    let named = paths::named_in(lib, &[], "hubs");
    let from_room = |named: &Named| {
        let [first, .., last] = named.segments.as_slice() else { return None };
        let room = if first == "crate" { named.segments.get(1)? } else { first };
        ROOMS.iter().any(|other| other.name == room && other.name != last).then(|| (last.clone(), room.clone()))
    };
    named.iter().filter_map(from_room).collect()
}

/// `hub/mod.rs` → `["hub"]`, `hub/invoker.rs` → `["hub", "invoker"]`, `lib.rs` → `[]`.
fn module_of(path: &str) -> Vec<&str> {
    let stem = path.trim_end_matches(".rs");
    stem.split('/').filter(|part| !["mod", "lib"].contains(part)).collect()
}

fn mistakes(path: &str, text: &str, exports: &BTreeMap<String, String>) -> Vec<String> {
    let module = module_of(path);
    let Some(first) = module.first() else { return Vec::new() };
    if ABOVE_ALL.contains(first) || module.contains(&"tests") {
        return Vec::new();
    }
    let Some(room) = ROOMS.iter().find(|room| room.name == *first) else {
        return vec![format!("{path}: `{first}` is not in the table of rooms; give it a number")];
    };
    let named = paths::named_in(text, &module, "hubs");
    let verdict = |named: &Named| Some(format!("{path}:{}: {}", named.line, judge(room, named, exports)?));
    named.iter().filter_map(verdict).collect()
}

#[test]
fn rooms_import_smaller_numbers_only() {
    let files = sources::rust_files("hubs-runtime/src");
    let lib = files.iter().find(|file| file.path == "lib.rs").expect("the crate has a lib.rs");
    let exports = exports(&lib.text);
    let found: Vec<String> = files.iter().flat_map(|file| mistakes(&file.path, &file.text, &exports)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_kind_of_mistake_is_found() {
    let exports = exports("pub use call::{Many, Single}; pub use server::HubOptions; mod call; mod server;");
    let cases = [
        ("protocol/json.rs", "use crate::connection::Outbox;", "may not import `connection` (2)"),
        ("protocol/json.rs", "use crate::transport::Transport;", "may not import `transport` (1)"),
        ("contract/mod.rs", "use tokio::sync::Mutex;", "must not know `tokio`"),
        ("hub/mod.rs", "fn f() { axum::serve() }", "must not know `axum`"),
        ("lifetime/local.rs", "use super::super::clients::Clients;", "may not import `clients` (5)"),
        ("client/dial.rs", "use crate::server::Hubs;", "may not import `server` (7)"),
        ("server/session.rs", "use crate::client::HubConnection;", "may not import `client` (7)"),
        ("hub/mod.rs", "use crate::testing::TestServer;", "no room imports `testing`"),
        ("hub/mod.rs", "fn f() { println!(\"{}\", crate::__private::x()) }", "no room imports `private`"),
        ("call/mod.rs", "use crate::HubOptions;", "may not import `server` (7)"),
        ("ids/mod.rs", "use crate::Surprise;", "`Surprise` is no room"),
        ("attic/mod.rs", "", "`attic` is not in the table of rooms"),
    ];
    for (path, text, expected) in cases {
        let found = mistakes(path, text, &exports);
        assert!(found.len() == 1 && found[0].contains(expected), "{path}: {text}: {found:?}");
    }
}

#[test]
fn what_is_allowed_is_not_a_mistake() {
    let exports = exports("pub use call::{Many, Single}; mod call;");
    let cases = [
        ("hub/invoker.rs", "use super::context; use crate::{call::Reply, clients::Clients, ids::HubError, Single};"),
        ("server/mod.rs", "use axum::Router; use crate::{transport::Transport, hub::HubCallerContext};"),
        ("call/mod.rs", "#[cfg(test)] mod tests { use crate::server::Hubs; }"),
        ("testing/mod.rs", "use crate::{client::HubConnection, server::Hubs};"),
    ];
    for (path, text) in cases {
        assert_eq!(mistakes(path, text, &exports), Vec::<String>::new(), "{path}");
    }
}
