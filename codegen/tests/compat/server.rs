//! One server with the new hub of every pair, and what its methods were called with.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Mutex, PoisonError},
};

use futures_util::{TryStreamExt as _, stream};
use hubs::{HubCallerContext, HubResult, HubStream, HubType, Hubs, NoClient, UploadStream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::pair::Pair;

/// Implements every hub of the corpus: their methods have bodies.
pub(crate) struct Server;

/// What methods were called with, in order, by the pair and the protocol.
static SEEN: Mutex<BTreeMap<(String, String), Vec<Value>>> = Mutex::new(BTreeMap::new());

/// Writes a call down; `module` is the method's.
pub(crate) fn saw(cx: &HubCallerContext<NoClient>, module: &str, arguments: Value) {
    let pair = module.rsplit("::").nth(1).unwrap_or(module);
    // The runner adds the protocol's name to the address.
    let query = cx.request().uri.query().unwrap_or_default();
    let protocol = if query.contains("messagepack") { "messagepack" } else { "json" };
    lock().entry((pair.to_owned(), protocol.to_owned())).or_default().push(arguments);
}

/// What was called in a pair.
pub(crate) fn seen(pair: &str, protocol: &str) -> Vec<Value> {
    lock().get(&(pair.to_owned(), protocol.to_owned())).cloned().unwrap_or_default()
}

fn lock() -> std::sync::MutexGuard<'static, BTreeMap<(String, String), Vec<Value>>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves until the runtime is dropped.
pub(crate) fn start(pairs: &[Pair]) -> (Runtime, SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let hubs = pairs.iter().fold(Hubs::new(), |hubs, pair| (pair.serve)(hubs));
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move { axum::serve(listener, hubs.router()).await });
    (runtime, address)
}

/// An argument, written down.
pub(crate) trait Seen {
    async fn seen(self) -> HubResult<Value>;
}

impl Seen for u8 {
    async fn seen(self) -> HubResult<Value> {
        Ok(json!(self))
    }
}

impl Seen for Option<u8> {
    async fn seen(self) -> HubResult<Value> {
        Ok(json!(self))
    }
}

impl<T: HubType> Seen for UploadStream<T> {
    async fn seen(self) -> HubResult<Value> {
        let items: Vec<T> = self.try_collect().await?;
        Ok(serde_json::to_value(items)?)
    }
}

/// A value that tells by itself which name it was made for.
pub(crate) trait Sample {
    fn sample(name: &str) -> Self;
}

impl Sample for () {
    fn sample(_name: &str) -> Self {}
}

impl Sample for bool {
    fn sample(_name: &str) -> Self {
        true
    }
}

impl Sample for u8 {
    fn sample(name: &str) -> Self {
        name.bytes().next().unwrap_or_default()
    }
}

impl Sample for String {
    fn sample(name: &str) -> Self {
        name.to_owned()
    }
}

impl<T: Sample + HubType> Sample for HubStream<T> {
    fn sample(name: &str) -> Self {
        HubStream::new(stream::iter([T::sample(name)]))
    }
}
