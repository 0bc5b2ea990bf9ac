//! The contract of the trading board: prices, orders and trades, the methods that a page may call, and those that the
//! server may call. It must not know how prices are made or where trades are kept.
//!
//! Money is in cents and time in seconds, as whole numbers.

use hubs::{HubResult, HubStream, UploadStream, client_interface, hub, hub_type};

/// The context of every method of [`TickerHub`].
pub type Cx = hubs::HubCallerContext<TickerClientContract>;

/// A company and its price.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The short name that orders and prices use, such as `ALDE`.
    pub symbol: String,
    /// The company.
    pub name: String,
    /// What it does: the board has a tab for each sector.
    pub sector: String,
    /// The price that the day began with, in cents.
    pub open: u32,
    /// The price now, in cents.
    pub price: u32,
}

/// A new price.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Whose price it is.
    pub symbol: String,
    /// The price, in cents.
    pub price: u32,
    /// Since when, in seconds since 1970.
    pub at: u32,
}

/// A price of the past.
#[hub_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When, in seconds since 1970.
    pub at: u32,
    /// The price, in cents.
    pub price: u32,
}

/// All companies together.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Market {
    /// The mean of all prices, where the day began with 10 000.
    pub index: u32,
    /// How many prices are above that of the morning.
    pub up: u32,
    /// How many are below it.
    pub down: u32,
    /// How many prices the server changes in a second.
    pub rate: u32,
}

/// Which way an order goes.
#[hub_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It buys.
    Buy,
    /// It sells.
    Sell,
}

/// What a trader wants, at the price of the moment.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Of which company.
    pub symbol: String,
    /// Whether to buy or to sell.
    pub side: Side,
    /// How many shares: 1 to 10 000.
    pub quantity: u32,
}

/// An order that was carried out.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// Grows with every trade.
    pub id: u32,
    /// Who ordered it.
    pub trader: String,
    /// Of which company.
    pub symbol: String,
    /// Whether it was bought or sold.
    pub side: Side,
    /// How many shares.
    pub quantity: u32,
    /// The price of one, in cents.
    pub price: u32,
    /// When, in seconds since 1970.
    pub at: u32,
}

/// What became of one order of a basket.
#[hub_type]
#[serde(tag = "kind")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It was carried out.
    Done {
        /// As what.
        trade: Trade,
    },
    /// It was not.
    Refused {
        /// The symbol that it named.
        symbol: String,
        /// Why, for the trader to read.
        reason: String,
    },
}

/// Something that traders should know.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What happened.
    pub text: String,
    /// The company, if it is about one.
    pub symbol: Option<String>,
    /// When, in seconds since 1970.
    pub at: u32,
}

/// The name of the group whose presence says who watches the board now.
pub const WATCHERS: &str = "watchers";

/// What a person who watches the board shows of themselves.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watcher {
    /// Their name; guests have none.
    pub name: Option<String>,
    /// The company whose chart they have open.
    pub symbol: String,
}

/// What the server may call on a page. Pages see who watches by the presence of the group `watchers`.
#[client_interface(presence = Watcher)]
pub trait TickerClient {
    /// A price has changed. A page that does not keep up gets the newest price of each symbol, and none of those between.
    #[method(coalesce = "tick.symbol")]
    async fn price_moved(&self, tick: Tick) -> HubResult<()>;

    /// The market as a whole has changed. It does so all the time, and twice a second is enough to look at.
    #[method(every = "500ms")]
    async fn market_moved(&self, market: Market) -> HubResult<()>;

    /// Shares that this page watches were traded. Each trade arrives.
    async fn traded(&self, trade: Trade) -> HubResult<()>;

    /// There is news.
    async fn headline(&self, news: News) -> HubResult<()>;
}

/// What a page may call on the server.
#[hub(client = TickerClient)]
pub trait TickerHub {
    /// All companies, by symbol.
    async fn quotes(&self, cx: &Cx) -> HubResult<Vec<Quote>>;

    /// Watches these symbols and no others. Returns their prices now; `price_moved` and `traded` tell what follows.
    async fn watch(&self, cx: &Cx, symbols: Vec<String>) -> HubResult<Vec<Tick>>;

    /// Shows the others that this person watches the board, and has this company open; the page sees the others then. It
    /// is called again for another company, and after each connect.
    ///
    /// `page` is an id of at most 64 bytes that the page has made up, and keeps when it is loaded again. Pages of one
    /// signed-in person are one watcher, and pages of a guest with one id are, too.
    async fn look_at(&self, cx: &Cx, symbol: String, page: String) -> HubResult<()>;

    /// The prices of the last quarter of an hour, oldest first, in chunks.
    async fn history(&self, cx: &Cx, symbol: String) -> HubResult<HubStream<Vec<Point>>>;

    /// The last trades of all symbols, oldest first.
    async fn trades(&self, cx: &Cx) -> HubResult<Vec<Trade>>;

    /// Carries out a basket of at most 100 orders, one after the other, while they come in. Traders may.
    #[authorize(role = "trader")]
    async fn place_orders(&self, cx: &Cx, orders: UploadStream<Order>) -> HubResult<Vec<Receipt>>;
}
