//! All notifications, in SQLite: a page that comes back after the server was started again finds what it missed. Must not
//! know who is connected.

use std::time::SystemTime;

use anyhow::Context as _;
use hubs::HubResult;
use notifications_contract::{Audience, Notification};
use sqlx::{AnyPool, any::AnyPoolOptions};

/// Most notifications that are read at once.
pub(crate) const PAGE: u32 = 50;

/// Where they are if `DATABASE_URL` does not say it: a file in the current folder, made if it is not there.
const FILE: &str = "sqlite:notifications.db?mode=rwc";

/// A row as it is read.
type Row = (i64, String, String, String, String, i64, String);

/// What is kept.
#[derive(Debug)]
pub(crate) struct Store(AnyPool);

/// A notification that is to be kept.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) audience: Audience,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) urgent: bool,
}

impl Store {
    /// Opens the database that `DATABASE_URL` names, and makes the table if there is none.
    pub(crate) async fn from_env() -> anyhow::Result<Self> {
        let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| FILE.to_owned());
        sqlx::any::install_default_drivers();
        // SQLite has one writer at a time; with one connection it never finds its file locked.
        let pool = AnyPoolOptions::new().max_connections(1).connect(&url).await;
        let pool = pool.context("cannot open the database that DATABASE_URL names")?;
        let table = "CREATE TABLE IF NOT EXISTS notifications (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, \
                     name TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, urgent INTEGER NOT NULL, sent_at TEXT NOT NULL)";
        sqlx::query(table).execute(&pool).await?;
        Ok(Self(pool))
    }

    /// Keeps a notification and gives it its number.
    pub(crate) async fn keep(&self, draft: Draft) -> HubResult<Notification> {
        let Draft { audience, title, text, urgent } = draft;
        let sent_at = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        let (kind, name) = columns(&audience);
        let insert = "INSERT INTO notifications (kind, name, title, text, urgent, sent_at) \
                      VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let query = sqlx::query_scalar(insert).bind(kind).bind(name).bind(&title).bind(&text);
        let id: i64 = query.bind(i64::from(urgent)).bind(&sent_at).fetch_one(&self.0).await?;
        Ok(Notification { id: u32::try_from(id)?, audience, title, text, urgent, sent_at })
    }

    /// What this person should know with larger numbers than `after`: the newest, newest first.
    pub(crate) async fn of(&self, user: &str, team: &str, after: u32) -> HubResult<Vec<Notification>> {
        let select = "SELECT id, kind, name, title, text, urgent, sent_at FROM notifications WHERE id > $1 AND \
                      (kind = 'everyone' OR (kind = 'person' AND name = $2) OR (kind = 'team' AND name = $3)) \
                      ORDER BY id DESC LIMIT $4";
        let query = sqlx::query_as(select).bind(i64::from(after)).bind(user).bind(team).bind(i64::from(PAGE));
        let rows: Vec<Row> = query.fetch_all(&self.0).await?;
        rows.into_iter().map(notification).collect()
    }
}

fn columns(audience: &Audience) -> (&'static str, &str) {
    match audience {
        Audience::Everyone => ("everyone", ""),
        Audience::Team(name) => ("team", name),
        Audience::Person(name) => ("person", name),
    }
}

fn notification((id, kind, name, title, text, urgent, sent_at): Row) -> HubResult<Notification> {
    let audience = match kind.as_str() {
        "team" => Audience::Team(name),
        "person" => Audience::Person(name),
        _ => Audience::Everyone,
    };
    Ok(Notification { id: u32::try_from(id)?, audience, title, text, urgent: urgent != 0, sent_at })
}
