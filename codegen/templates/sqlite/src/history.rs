//! What was said, in a SQLite file: it is there again after a restart.

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use crate::contract::Message;

/// How many messages a page gets when it connects.
const SHOWN: u32 = 100;

/// All messages.
#[derive(Debug)]
pub struct History {
    pool: SqlitePool,
}

impl History {
    /// Opens the database at `url`, such as `sqlite:chat.db`, and makes it if it is not there.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        let options: SqliteConnectOptions = url.parse()?;
        // SQLite has one writer at a time; with one connection, it never finds the file locked.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.create_if_missing(true))
            .await?;
        let table = "CREATE TABLE IF NOT EXISTS messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, text TEXT NOT NULL)";
        sqlx::query(table).execute(&pool).await?;
        Ok(Self { pool })
    }

    /// Keeps a message, and gives it its number.
    pub async fn add(&self, user: &str, text: &str) -> Result<Message, sqlx::Error> {
        let insert =
            sqlx::query_scalar("INSERT INTO messages (user, text) VALUES (?, ?) RETURNING id");
        let id = insert.bind(user).bind(text).fetch_one(&self.pool).await?;
        Ok(Message { id, user: user.to_owned(), text: text.to_owned() })
    }

    /// The last messages, oldest first.
    pub async fn latest(&self) -> Result<Vec<Message>, sqlx::Error> {
        let select = sqlx::query_as("SELECT id, user, text FROM messages ORDER BY id DESC LIMIT ?");
        let rows: Vec<(u32, String, String)> = select.bind(SHOWN).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().rev().map(|(id, user, text)| Message { id, user, text }).collect())
    }
}
