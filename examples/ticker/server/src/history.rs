//! What is kept in SQLite: a point of each price every few seconds, trades, and who called what. It is there again after
//! a restart.
//!
//! Must not know about connections, nor about how prices move.

use anyhow::Context as _;
use hubs::HubResult;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqlitePool, sqlite::SqlitePoolOptions, sqlite::SqliteRow};
use ticker_contract::{Order, Point, Side, Tick, Trade};

/// Seconds between two points of a price.
pub(crate) const SPACING: u32 = 5;
/// Seconds after which a point is forgotten.
pub(crate) const KEPT: u32 = 15 * 60;
/// Most points that are read at once.
const CHUNK: u32 = 60;
/// Most trades that are read at once.
const TRADES: u32 = 30;

/// Where the database is if `DATABASE_URL` does not say it: a file in the current folder, made if it is not there.
const FILE: &str = "sqlite:ticker.db?mode=rwc";

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS points (symbol TEXT, at INTEGER, price INTEGER, PRIMARY KEY (symbol, at)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS points_by_age ON points (at);
    CREATE TABLE IF NOT EXISTS trades (
        id INTEGER PRIMARY KEY, trader TEXT, symbol TEXT, buys INTEGER, quantity INTEGER, price INTEGER, at INTEGER);
    CREATE TABLE IF NOT EXISTS audit (at INTEGER, user TEXT, method TEXT, outcome TEXT);
";

/// The database.
#[derive(Debug)]
pub(crate) struct History {
    pool: SqlitePool,
}

impl History {
    /// Opens the database that `DATABASE_URL` names.
    pub(crate) async fn from_env() -> anyhow::Result<Self> {
        let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| FILE.to_owned());
        Self::open(&url).await.context("cannot open the SQLite database that DATABASE_URL names")
    }

    /// Opens the database at `url`, and makes the tables if there are none.
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        // SQLite has one writer at a time; with one connection it never finds its file locked.
        let pool = SqlitePoolOptions::new().max_connections(1).connect(url).await?;
        // With a log beside the file, a write does not wait for the disk.
        for statement in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", TABLES] {
            sqlx::raw_sql(statement).execute(&pool).await?;
        }
        Ok(Self { pool })
    }

    /// Keeps a point of each price, in one statement.
    pub(crate) async fn keep(&self, prices: &[Tick]) -> HubResult<()> {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT OR REPLACE INTO points (symbol, at, price) ");
        insert.push_values(prices, |mut row, Tick { symbol, price, at }| {
            row.push_bind(symbol).push_bind(at).push_bind(price);
        });
        insert.build().execute(&self.pool).await?;
        Ok(())
    }

    /// The last price of each symbol.
    pub(crate) async fn last_prices(&self) -> HubResult<Vec<Tick>> {
        // SQLite takes `price` from the row that has the largest `at`.
        let select = "SELECT symbol, price, MAX(at) FROM points GROUP BY symbol";
        let rows: Vec<(String, u32, u32)> = sqlx::query_as(select).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|(symbol, price, at)| Tick { symbol, price, at }).collect())
    }

    /// Forgets the points before this time.
    pub(crate) async fn forget_before(&self, at: u32) -> HubResult<()> {
        sqlx::query("DELETE FROM points WHERE at < $1").bind(at).execute(&self.pool).await?;
        Ok(())
    }

    /// The next points of a symbol after this time, oldest first.
    pub(crate) async fn points(&self, symbol: &str, after: u32) -> HubResult<Vec<Point>> {
        let select = "SELECT at, price FROM points WHERE symbol = $1 AND at > $2 ORDER BY at LIMIT $3";
        let rows: Vec<(u32, u32)> =
            sqlx::query_as(select).bind(symbol).bind(after).bind(CHUNK).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(|(at, price)| Point { at, price }).collect())
    }

    /// Keeps a trade at this price, and gives it its number.
    pub(crate) async fn traded(&self, trader: &str, order: &Order, price: &Tick) -> HubResult<Trade> {
        let insert = "INSERT INTO trades (trader, symbol, buys, quantity, price, at) VALUES ($1, $2, $3, $4, $5, $6)";
        let query = sqlx::query(insert).bind(trader).bind(&order.symbol).bind(order.side == Side::Buy);
        let query = query.bind(order.quantity).bind(price.price).bind(price.at);
        let id = u32::try_from(query.execute(&self.pool).await?.last_insert_rowid())?;
        let Order { symbol, side, quantity } = order.clone();
        Ok(Trade { id, trader: trader.to_owned(), symbol, side, quantity, price: price.price, at: price.at })
    }

    /// The last trades, oldest first.
    pub(crate) async fn trades(&self) -> HubResult<Vec<Trade>> {
        let select = "SELECT * FROM trades ORDER BY id DESC LIMIT $1";
        let rows = sqlx::query(select).bind(TRADES).fetch_all(&self.pool).await?;
        rows.iter().rev().map(trade).collect()
    }

    /// Notes who called what, and how it ended.
    pub(crate) async fn note(&self, at: u32, user: &str, method: &str, outcome: &str) -> HubResult<()> {
        let insert = sqlx::query("INSERT INTO audit (at, user, method, outcome) VALUES ($1, $2, $3, $4)");
        insert.bind(at).bind(user).bind(method).bind(outcome).execute(&self.pool).await?;
        Ok(())
    }

    /// What was noted: user, method and outcome.
    #[cfg(test)]
    pub(crate) async fn noted(&self) -> Vec<(String, String, String)> {
        sqlx::query_as("SELECT user, method, outcome FROM audit").fetch_all(&self.pool).await.unwrap()
    }
}

fn trade(row: &SqliteRow) -> HubResult<Trade> {
    Ok(Trade {
        id: row.try_get("id")?,
        trader: row.try_get("trader")?,
        symbol: row.try_get("symbol")?,
        side: if row.try_get("buys")? { Side::Buy } else { Side::Sell },
        quantity: row.try_get("quantity")?,
        price: row.try_get("price")?,
        at: row.try_get("at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(symbol: &str, at: u32) -> Tick {
        Tick { symbol: symbol.to_owned(), price: at * 2, at }
    }

    #[tokio::test]
    async fn points_are_read_in_chunks_and_forgotten() {
        let history = History::open("sqlite::memory:").await.unwrap();
        for at in 1..=100 {
            history.keep(&[tick("ALDE", at), tick("BIRE", at)]).await.unwrap();
        }
        let chunk = history.points("ALDE", 0).await.unwrap();
        assert_eq!((chunk.len(), chunk[0], chunk[59].at), (60, Point { at: 1, price: 2 }, 60));
        assert_eq!(history.points("ALDE", 60).await.unwrap().len(), 40);
        assert_eq!(history.last_prices().await.unwrap(), [tick("ALDE", 100), tick("BIRE", 100)]);
        history.forget_before(91).await.unwrap();
        assert_eq!(history.points("ALDE", 0).await.unwrap().len(), 10);
    }

    #[tokio::test]
    async fn the_last_trades_are_read() {
        let history = History::open("sqlite::memory:").await.unwrap();
        let order = Order { symbol: "ALDE".to_owned(), side: Side::Sell, quantity: 3 };
        for at in 1..=40 {
            history.traded("Ada", &order, &tick("ALDE", at)).await.unwrap();
        }
        let trades = history.trades().await.unwrap();
        assert_eq!((trades.len(), trades[0].id, trades[29].id), (30, 11, 40));
        assert_eq!((trades[29].side, trades[29].price, trades[29].trader.as_str()), (Side::Sell, 80, "Ada"));
    }
}
