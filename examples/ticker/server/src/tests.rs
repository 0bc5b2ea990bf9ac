//! The board as pages see it: typed clients in this process, no ports, and a database in memory. The test moves the prices.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{body::Body, http::Request};
use futures_util::{StreamExt as _, stream};
use hubs::{
    HubOptions, HubResult, InvokeError, LostMessages, Principal, UploadStream,
    backplane::{MemoryCluster, Subscription},
    testing::{RecordingClient, TestServer, with_default_timeout},
};
use parking_lot::Mutex;
use ticker_contract::{
    Market as Summary, News, Order, Receipt, Side, Tick, TickerClient, TickerHubContract, Trade, WATCHERS, Watcher,
};
use tokio::{sync::Notify, task::JoinSet};
use tower::ServiceExt as _;

use crate::{board, cluster::Cluster, feed, history::History, http, market::Market};

/// How long people are shown who have gone.
const SOON: Duration = Duration::from_millis(300);

/// The whole server but for its sockets.
struct Server {
    hubs: TestServer,
    market: Arc<Market>,
    history: Arc<History>,
    cluster: Cluster,
    _followed: Option<Subscription>,
    _background: JoinSet<()>,
}

impl Server {
    async fn start() -> Self {
        Self::start_in(Cluster::default(), 7).await
    }

    /// A node of a cluster.
    async fn start_in(cluster: Cluster, seed: u64) -> Self {
        let market = Arc::new(Market::new(2000, seed));
        let history = Arc::new(History::open("sqlite::memory:").await.unwrap());
        let mut background = JoinSet::new();
        let hubs = board(&market, &history, &mut background);
        let hubs = hubs.options(HubOptions::default().presence_leave_delay(SOON));
        let hubs = TestServer::new(cluster.connect(hubs));
        let followed = cluster.follow(&market);
        Self { hubs, market, history, cluster, _followed: followed, _background: background }
    }

    async fn visit(&self, user: Principal) -> RecordingClient<TickerHubContract> {
        with_default_timeout(self.hubs.client().user(user).record(TickerHubContract)).await.unwrap()
    }

    async fn trader(&self, name: &str) -> RecordingClient<TickerHubContract> {
        self.visit(Principal::new(name.to_owned()).with_role("trader")).await
    }

    /// Waits until these people watch, each as `NAME SYMBOL`, in the order of their keys.
    async fn has_watchers(&self, expected: &[&str]) {
        let presence = self.hubs.hubs().context::<TickerHubContract>().presence();
        let told = async {
            loop {
                let mut watchers = presence.list(WATCHERS).await;
                watchers.sort_by(|one, two| one.key.cmp(&two.key));
                let shown = |Watcher { name, symbol }| format!("{} {symbol}", name.as_deref().unwrap_or("guest"));
                if watchers.into_iter().map(|watcher| shown(watcher.meta)).eq(expected.iter().copied()) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        with_default_timeout(told).await;
    }

    /// Moves prices, and tells those who watch.
    async fn step(&self, count: usize) {
        let hub = self.hubs.hubs().context();
        feed::step(&hub, &self.market, &self.cluster, count).await;
        feed::summarise(&hub, &self.market).await;
    }

    /// Sends news as a program does, and returns the status.
    async fn post_news(&self, kind: &str, body: &'static str) -> u16 {
        let routes = http::routes(http::Press { hub: self.hubs.hubs().context(), market: Arc::clone(&self.market) });
        let request = Request::post("/news").header("content-type", kind).body(Body::from(body)).unwrap();
        with_default_timeout(routes.oneshot(request)).await.unwrap().status().as_u16()
    }
}

fn symbols(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn basket(orders: &[(&str, u32)]) -> UploadStream<Order> {
    let order = |&(symbol, quantity): &(&str, u32)| Order { symbol: symbol.to_owned(), side: Side::Buy, quantity };
    UploadStream::new(stream::iter(orders.iter().map(order).collect::<Vec<_>>()))
}

#[tokio::test]
async fn a_page_gets_the_prices_that_it_watches_and_no_others() {
    let server = Server::start().await;
    let ada = server.visit(Principal::anonymous()).await;
    let quotes = with_default_timeout(ada.hub().quotes()).await.unwrap();
    assert_eq!((quotes.len(), quotes[0].name.as_str()), (200, "Alder Energy"));

    let now = with_default_timeout(ada.hub().watch(symbols(&["BIRE", "CEDE"]))).await.unwrap();
    assert_eq!(now.iter().map(|tick| tick.symbol.as_str()).collect::<Vec<_>>(), ["BIRE", "CEDE"]);
    server.step(200).await;
    assert_eq!(ada.next_price_moved().await, server.market.price("BIRE").unwrap());
    assert_eq!(ada.next_price_moved().await, server.market.price("CEDE").unwrap());
    assert_eq!(ada.next_market_moved().await.rate, 2000);

    with_default_timeout(ada.hub().watch(symbols(&["CEDE", "ALDE"]))).await.unwrap();
    server.step(200).await;
    assert_eq!(ada.next_price_moved().await.symbol, "ALDE");
    assert_eq!(ada.next_price_moved().await.symbol, "CEDE");
    assert!(ada.hub().watch(symbols(&["NONE"])).await.is_err());
}

#[tokio::test]
async fn all_nodes_have_the_prices_of_the_one_that_moves_them() {
    let cluster = MemoryCluster::new();
    let one = Server::start_in(Cluster::of(cluster.node("one")), 7).await;
    let two = Server::start_in(Cluster::of(cluster.node("two")), 8).await;
    let moving = async || [one.cluster.moves_prices().await, two.cluster.moves_prices().await];
    assert_eq!([moving().await, moving().await], [[true, false]; 2]);

    let ada = two.visit(Principal::anonymous()).await;
    with_default_timeout(ada.hub().watch(symbols(&["BIRE"]))).await.unwrap();
    one.step(200).await;
    assert_eq!(ada.next_price_moved().await, one.market.price("BIRE").unwrap());
    assert_eq!(one.market.quotes(), two.market.quotes());
    let quotes = with_default_timeout(ada.hub().quotes()).await.unwrap();
    assert_eq!(quotes, one.market.quotes());
}

/// Opens a company in a page.
async fn look_at(visitor: &RecordingClient<TickerHubContract>, symbol: &str, page: &str) -> Result<(), InvokeError> {
    with_default_timeout(visitor.hub().look_at(symbol.to_owned(), page.to_owned())).await
}

#[tokio::test]
async fn all_nodes_know_who_watches_and_what() {
    let cluster = MemoryCluster::new();
    let one = Server::start_in(Cluster::of(cluster.node("one")), 7).await;
    let two = Server::start_in(Cluster::of(cluster.node("two")), 8).await;
    let (ada, bob) = (one.trader("Ada").await, two.visit(Principal::new("Bob")).await);
    look_at(&ada, "ALDE", "1").await.unwrap();
    look_at(&bob, "ALDE", "2").await.unwrap();
    for node in [&one, &two] {
        node.has_watchers(&["Ada ALDE", "Bob ALDE"]).await;
    }

    look_at(&bob, "BIRE", "2").await.unwrap();
    for node in [&one, &two] {
        node.has_watchers(&["Ada ALDE", "Bob BIRE"]).await;
    }
    with_default_timeout(bob.connection().disconnect_abruptly()).await;
    for node in [&one, &two] {
        node.has_watchers(&["Ada ALDE"]).await;
    }
}

#[tokio::test]
async fn pages_of_one_person_are_one_watcher_and_a_guest_is_known_by_the_page() {
    let server = Server::start().await;
    let (ada, window) = (server.trader("Ada").await, server.trader("Ada").await);
    look_at(&ada, "ALDE", "1").await.unwrap();
    look_at(&window, "BIRE", "2").await.unwrap();
    server.has_watchers(&["Ada BIRE"]).await;

    let guests = [server.visit(Principal::anonymous()).await, server.visit(Principal::anonymous()).await];
    look_at(&guests[0], "CEDE", "Ada").await.unwrap();
    look_at(&guests[1], "CEDP", "3").await.unwrap();
    server.has_watchers(&["guest CEDP", "guest CEDE", "Ada BIRE"]).await;
    // Another connection of the same page, as after a reconnect.
    let again = server.visit(Principal::anonymous()).await;
    look_at(&again, "ALDE", "3").await.unwrap();
    server.has_watchers(&["guest ALDE", "guest CEDE", "Ada BIRE"]).await;

    for (symbol, page) in [("NONE", "3"), ("ALDE", &*"x".repeat(65))] {
        assert!(look_at(&again, symbol, page).await.is_err(), "{symbol} {page}");
    }
}

#[tokio::test]
async fn the_history_comes_in_chunks_and_charts_have_a_past() {
    let server = Server::start().await;
    feed::open(&server.market, &server.history).await.unwrap();
    let ada = server.visit(Principal::anonymous()).await;
    let chunks = with_default_timeout(ada.hub().history("ALDE".to_owned())).await.unwrap();
    let chunks: Vec<_> = with_default_timeout(chunks.collect::<Vec<_>>()).await;
    let sizes: Vec<_> = chunks.iter().map(|chunk| chunk.as_ref().unwrap().len()).collect();
    assert_eq!(sizes, [60, 60, 60]);
    let mut unknown = with_default_timeout(ada.hub().history("NONE".to_owned())).await.unwrap();
    let error = with_default_timeout(unknown.next()).await.expect("an end with an error").unwrap_err();
    assert!(error.to_string().contains("There is no symbol"), "{error}");

    // Another process goes on with the same prices.
    let restarted = Market::new(2000, 8);
    feed::open(&restarted, &server.history).await.unwrap();
    assert_eq!(restarted.quotes(), server.market.quotes());
}

#[tokio::test]
async fn traders_place_baskets_and_those_who_watch_are_told() {
    let server = Server::start().await;
    let (ada, bob) = (server.trader("Ada").await, server.visit(Principal::anonymous()).await);
    with_default_timeout(bob.hub().watch(symbols(&["ALDE"]))).await.unwrap();
    let orders = basket(&[("BIRE", 5), ("NONE", 1), ("ALDE", 0), ("ALDE", 10)]);
    let receipts = with_default_timeout(ada.hub().place_orders(orders)).await.unwrap();
    let [
        Receipt::Done { .. },
        Receipt::Refused { reason: unknown, .. },
        Receipt::Refused { reason: none, .. },
        Receipt::Done { trade },
    ] = receipts.as_slice()
    else {
        panic!("{receipts:?}");
    };
    assert_eq!(
        (unknown.as_str(), none.as_str()),
        ("There is no symbol \"NONE\".", "An order is for 1 to 10000 shares.")
    );
    assert_eq!((trade.trader.as_str(), trade.quantity), ("Ada", 10));
    assert_eq!(&bob.next_traded().await, trade, "and not the trade of BIRE");
    let kept = with_default_timeout(bob.hub().trades()).await.unwrap();
    assert_eq!((kept.len(), &kept[1]), (2, trade));

    let too_many = with_default_timeout(ada.hub().place_orders(basket(&[("ALDE", 1); 101]))).await.unwrap_err();
    assert!(too_many.to_string().ends_with("The first 100 orders were taken, the others were not."), "{too_many}");
    let noted = with_default_timeout(async {
        loop {
            match server.history.noted().await {
                noted if noted.len() < 2 => tokio::task::yield_now().await,
                noted => return noted,
            }
        }
    });
    let noted: Vec<_> = noted.await.into_iter().map(|(user, method, how)| format!("{user} {method} {how}")).collect();
    let refused = "Ada PlaceOrders refused: The first 100 orders were taken, the others were not.";
    assert_eq!(noted, ["Ada PlaceOrders success", refused]);
}

#[tokio::test]
async fn only_traders_trade() {
    let server = Server::start().await;
    for user in [Principal::anonymous(), Principal::new("Bob")] {
        let visitor = server.visit(user).await;
        let refused = with_default_timeout(visitor.hub().place_orders(basket(&[("ALDE", 1)]))).await;
        assert!(matches!(refused, Err(InvokeError::Unauthorized(_))), "{refused:?}");
    }
    assert!(server.history.trades().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_program_posts_news() {
    let server = Server::start().await;
    let ada = server.visit(Principal::anonymous()).await;
    assert_eq!(server.post_news("application/json", r#"{"text":" A new field ","symbol":"ALDE"}"#).await, 204);
    let news = ada.next_headline().await;
    assert_eq!((news.text.as_str(), news.symbol.as_deref()), ("A new field", Some("ALDE")));
    assert_eq!(server.post_news("text/plain", r#"{"text":"no"}"#).await, 415);
    for wrong in [r#"{"text":" "}"#, r#"{"text":"a","symbol":"NONE"}"#, "{"] {
        assert_eq!(server.post_news("application/json", wrong).await, 400, "{wrong}");
    }
}

/// A page that stands still in `headline` until it may go on.
#[derive(Clone, Default)]
struct SlowPage {
    prices: Arc<Mutex<BTreeMap<String, u32>>>,
    received: Arc<Mutex<usize>>,
    stands: Arc<Notify>,
    goes_on: Arc<Notify>,
}

impl TickerClient for SlowPage {
    async fn price_moved(&self, tick: Tick) -> HubResult<()> {
        *self.received.lock() += 1;
        self.prices.lock().insert(tick.symbol, tick.price);
        Ok(())
    }

    async fn market_moved(&self, _: Summary) -> HubResult<()> {
        Ok(())
    }

    async fn traded(&self, _: Trade) -> HubResult<()> {
        self.stands.notify_one();
        Ok(())
    }

    async fn headline(&self, _: News) -> HubResult<()> {
        self.stands.notify_one();
        self.goes_on.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn a_slow_page_gets_the_newest_prices_and_every_trade() {
    let server = Server::start().await;
    let slow = SlowPage::default();
    let page = with_default_timeout(server.hubs.client().connect(TickerHubContract, slow.clone())).await.unwrap();
    let all = server.market.quotes().into_iter().map(|quote| quote.symbol).collect();
    with_default_timeout(page.hub().watch(all)).await.unwrap();
    server.post_news("application/json", r#"{"text":"stand still"}"#).await;
    with_default_timeout(slow.stands.notified()).await;

    const STEPS: usize = 50;
    for _ in 0..STEPS {
        server.step(200).await;
    }
    let ada = server.trader("Ada").await;
    with_default_timeout(ada.hub().place_orders(basket(&[("ALDE", 1)]))).await.unwrap();
    slow.goes_on.notify_one();
    with_default_timeout(slow.stands.notified()).await;

    let newest: BTreeMap<_, _> = server.market.prices().into_iter().map(|tick| (tick.symbol, tick.price)).collect();
    assert_eq!(*slow.prices.lock(), newest);
    let (received, sent) = (*slow.received.lock(), STEPS * 200);
    let lost = server.hubs.hubs().metrics::<TickerHubContract>().lost_messages(LostMessages::Coalesced);
    assert!(received >= 200 && lost > 0 && received as u64 + lost == sent as u64, "{received} of {sent}, {lost} lost");
}
