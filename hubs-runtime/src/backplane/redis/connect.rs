//! How a connection to Redis is made: to which server, and over TLS or not. Must not know what is sent over it.

#[cfg(feature = "redis-tls")]
mod tls;

use futures_util::future::select_ok;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, RedisError,
    aio::MultiplexedConnection,
};
use tokio_util::task::AbortOnDropHandle;

#[cfg(feature = "redis-tls")]
pub(super) use self::tls::Tls;
use super::BackplaneError;

/// One server, and who logs in there.
#[derive(Clone)]
pub(super) struct Address {
    info: ConnectionInfo,
    is_tls: bool,
}

/// Which server is connected to.
#[derive(Clone)]
pub(super) enum Servers {
    One(Address),
    /// Sentinels, which know where the master is; `master` has the rest of its address, and its name as host.
    Sentinel {
        sentinels: Vec<Address>,
        master: Address,
    },
}

/// An open connection. It is closed when this is dropped.
pub(super) struct Connection {
    pub(super) commands: MultiplexedConnection,
    /// The task that drives it, where the crate does not own it.
    _driver: Option<AbortOnDropHandle<()>>,
}

/// What a connection needs beside the server.
#[derive(Clone, Default)]
pub(super) struct Settings {
    #[cfg(feature = "redis-tls")]
    pub(super) tls: std::sync::Arc<Tls>,
}

impl Address {
    /// Reads `redis://user:password@host:port/database`, or `rediss://` for TLS.
    pub(super) fn read(url: &str) -> Result<Self, BackplaneError> {
        let refused = |_| {
            let text = "the address must be `redis://user:password@host:port/database`, or `rediss://` for TLS";
            BackplaneError::Refused(text.to_owned())
        };
        let plain = url.strip_prefix("rediss://").map(|rest| format!("redis://{rest}"));
        let is_tls = plain.is_some();
        if is_tls && !cfg!(feature = "redis-tls") {
            let text = "this build has no TLS for Redis; switch the feature `redis-tls` of hubs-runtime on";
            return Err(BackplaneError::Refused(text.to_owned()));
        }
        let info = plain.as_deref().unwrap_or(url).into_connection_info().map_err(refused)?;
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        Ok(Self { info: info.set_redis_settings(settings), is_tls })
    }

    /// The same login on another server.
    pub(super) fn at(&self, host: &str, port: u16) -> Self {
        let info = self.info.clone().set_addr(ConnectionAddr::Tcp(host.to_owned(), port));
        Self { info, is_tls: self.is_tls }
    }

    /// Host and port.
    pub(super) fn place(&self) -> (String, u16) {
        let port = if let ConnectionAddr::Tcp(_, port) = self.info.addr() { *port } else { 0 };
        (self.host().to_owned(), port)
    }

    /// The name or address of the host; empty for a socket file.
    pub(super) fn host(&self) -> &str {
        if let ConnectionAddr::Tcp(host, _) = self.info.addr() { host } else { "" }
    }

    pub(super) async fn open(
        &self,
        config: AsyncConnectionConfig,
        settings: &Settings,
    ) -> Result<Connection, RedisError> {
        #[cfg(feature = "redis-tls")]
        if self.is_tls {
            return settings.tls.open(&self.info, config).await;
        }
        let _ = settings;
        let client = Client::open(self.info.clone())?;
        let commands = client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(Connection { commands, _driver: None })
    }
}

impl Servers {
    pub(super) async fn connect(
        &self,
        config: AsyncConnectionConfig,
        settings: &Settings,
    ) -> Result<Connection, RedisError> {
        match self {
            Self::One(server) => server.open(config, settings).await,
            Self::Sentinel { sentinels, master } => {
                let asked = sentinels.iter().map(|sentinel| Box::pin(ask(sentinel, master, settings)));
                let (found, _) = select_ok(asked).await?;
                let mut connection = found.open(config, settings).await?;
                is_master(&mut connection.commands).await?;
                Ok(connection)
            }
        }
    }
}

/// Asks a Sentinel where the master is now.
async fn ask(sentinel: &Address, master: &Address, settings: &Settings) -> Result<Address, RedisError> {
    let mut connection = sentinel.open(AsyncConnectionConfig::new(), settings).await?;
    let mut cmd = redis::cmd("SENTINEL");
    cmd.arg("GET-MASTER-ADDR-BY-NAME").arg(master.host());
    let found: Option<(String, u16)> = cmd.query_async(&mut connection.commands).await?;
    let (host, port) = found.ok_or_else(|| problem("no Sentinel knows a master of this name"))?;
    Ok(master.at(&host, port))
}

/// A server that has come back is a master until a Sentinel has told it that it is not any more.
async fn is_master(connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
    let role: Vec<redis::Value> = redis::cmd("ROLE").query_async(connection).await?;
    let is_master = matches!(role.first(), Some(redis::Value::BulkString(role)) if role == b"master");
    if is_master { Ok(()) } else { Err(problem("the server that Sentinel names is not a master")) }
}

/// What is wrong, in words that hold no address.
pub(super) fn problem(text: &str) -> RedisError {
    RedisError::from(std::io::Error::other(text))
}
