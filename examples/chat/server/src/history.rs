//! What was said, in a database: SQLite in a file, or Postgres. It is there again after a restart.
//!
//! The same SQL runs on both; only the column that counts is declared in two ways. Must not know about connections.

use anyhow::Context as _;
use chat_contract::ChatMessage;
use hubs::{HubError, HubResult};
use sqlx::{AnyPool, any::AnyPoolOptions};

use crate::clock;

/// Most messages that are read at once.
pub(crate) const PAGE: u32 = 50;

/// Where the database is if `DATABASE_URL` does not say it: a file in the current folder, made if it is not there.
const FILE: &str = "sqlite:chat.db?mode=rwc";

/// A row as it is read.
type Row = (i64, String, String, String, String, String);

/// All messages of all rooms.
#[derive(Debug)]
pub(crate) struct History {
    pool: AnyPool,
}

/// A message that is to be kept.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) room: String,
    pub(crate) user: String,
    pub(crate) text: String,
    /// See [`ChatHub::send_message`](chat_contract::ChatHub::send_message).
    pub(crate) key: String,
}

impl History {
    /// Opens the database that `DATABASE_URL` names, and makes the table if there is none.
    pub(crate) async fn from_env() -> anyhow::Result<Self> {
        let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| FILE.to_owned());
        // The address may hold a password, so it is not shown.
        Self::open(&url).await.context("cannot open the database that DATABASE_URL names")
    }

    /// Opens the database at `url`.
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        // SQLite has one writer at a time; with one connection it never finds its file locked.
        let (connections, id) = match url.starts_with("sqlite:") {
            true => (1, "INTEGER PRIMARY KEY AUTOINCREMENT"),
            false => (8, "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        };
        let pool = AnyPoolOptions::new().max_connections(connections).connect(url).await?;
        let columns = "key TEXT NOT NULL UNIQUE, room TEXT NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL, \
                       sent_at TEXT NOT NULL";
        let table = format!("CREATE TABLE IF NOT EXISTS messages (id {id}, {columns})");
        sqlx::query(sqlx::AssertSqlSafe(table)).execute(&pool).await?;
        sqlx::query("CREATE INDEX IF NOT EXISTS messages_of_room ON messages (room, id)").execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Keeps a message and gives it its number; a message whose key is known is the one that is there.
    pub(crate) async fn keep(&self, draft: Draft) -> HubResult<ChatMessage> {
        let Draft { room, user, text, key } = draft;
        let insert = "INSERT INTO messages (key, room, author, text, sent_at) VALUES ($1, $2, $3, $4, $5) \
                      ON CONFLICT (key) DO NOTHING";
        let query = sqlx::query(insert).bind(&key).bind(&room).bind(&user).bind(&text);
        query.bind(clock::now()).execute(&self.pool).await?;
        let select = "SELECT id, key, room, author, text, sent_at FROM messages WHERE key = $1";
        let kept = message(sqlx::query_as(select).bind(&key).fetch_one(&self.pool).await?)?;
        if kept.room != room {
            return Err(HubError::client("This key belongs to a message in another room."));
        }
        Ok(kept)
    }

    /// The last messages of a room, oldest first.
    pub(crate) async fn latest(&self, room: &str) -> HubResult<Vec<ChatMessage>> {
        self.before(room, i64::MAX).await
    }

    /// The last messages of a room with smaller numbers than this, oldest first.
    pub(crate) async fn before(&self, room: &str, id: i64) -> HubResult<Vec<ChatMessage>> {
        let select = "SELECT id, key, room, author, text, sent_at FROM messages WHERE room = $1 AND id < $2 \
                      ORDER BY id DESC LIMIT $3";
        let query = sqlx::query_as(select).bind(room).bind(id).bind(i64::from(PAGE));
        let rows: Vec<Row> = query.fetch_all(&self.pool).await?;
        rows.into_iter().rev().map(message).collect()
    }

    /// How many messages a room has.
    pub(crate) async fn count(&self, room: &str) -> HubResult<i64> {
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM messages WHERE room = $1").bind(room);
        Ok(count.fetch_one(&self.pool).await?)
    }

    /// Forgets one message of a room. Returns whether it was there.
    pub(crate) async fn remove(&self, room: &str, id: i64) -> HubResult<bool> {
        let delete = sqlx::query("DELETE FROM messages WHERE room = $1 AND id = $2").bind(room).bind(id);
        Ok(delete.execute(&self.pool).await?.rows_affected() > 0)
    }

    /// Forgets all messages of a room.
    pub(crate) async fn clear(&self, room: &str) -> HubResult<()> {
        sqlx::query("DELETE FROM messages WHERE room = $1").bind(room).execute(&self.pool).await?;
        Ok(())
    }
}

fn message((id, key, room, user, text, sent_at): Row) -> HubResult<ChatMessage> {
    Ok(ChatMessage { id: u32::try_from(id)?, key, room, user, text, sent_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(room: &str, key: &str) -> Draft {
        Draft { room: room.to_owned(), user: "Ada".to_owned(), text: format!("text of {key}"), key: key.to_owned() }
    }

    #[tokio::test]
    async fn a_key_is_kept_once() {
        let history = History::open("sqlite::memory:").await.unwrap();
        let first = history.keep(draft("lobby", "a")).await.unwrap();
        assert_eq!(history.keep(draft("lobby", "a")).await.unwrap(), first);
        assert_eq!(history.latest("lobby").await.unwrap(), [first]);
        let elsewhere = history.keep(draft("rust", "a")).await.unwrap_err();
        assert_eq!(elsewhere.client_text(), Some("This key belongs to a message in another room."));
    }

    #[tokio::test]
    async fn messages_are_read_a_page_at_a_time() {
        let history = History::open("sqlite::memory:").await.unwrap();
        for n in 0..PAGE + 10 {
            history.keep(draft("lobby", &n.to_string())).await.unwrap();
        }
        let latest = history.latest("lobby").await.unwrap();
        assert_eq!((latest.len(), latest[0].key.as_str()), (50, "10"));
        let older = history.before("lobby", latest[0].id.into()).await.unwrap();
        assert_eq!((older.len(), older[0].key.as_str(), older[9].key.as_str()), (10, "0", "9"));
        history.clear("lobby").await.unwrap();
        assert_eq!(history.count("lobby").await.unwrap(), 0);
        let next = history.keep(draft("lobby", "next")).await.unwrap();
        assert!(next.id > latest[49].id, "numbers are not used again");
    }
}
