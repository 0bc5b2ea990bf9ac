//! Connections over TLS. Must not know how a server is found.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use redis::{AsyncConnectionConfig, ConnectionAddr, ConnectionInfo, RedisError, aio::MultiplexedConnection};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

use tokio_util::task::AbortOnDropHandle;

use super::Connection;
use crate::tls::client_config;

/// What is trusted. The system's certificates are read when the first connection needs them.
#[derive(Default)]
pub(in super::super) struct Tls {
    config: OnceLock<Arc<ClientConfig>>,
}

/// This configuration and no other.
impl From<Arc<ClientConfig>> for Tls {
    fn from(config: Arc<ClientConfig>) -> Self {
        Self { config: OnceLock::from(config) }
    }
}

impl Tls {
    pub(super) async fn open(
        &self,
        info: &ConnectionInfo,
        config: AsyncConnectionConfig,
    ) -> Result<Connection, RedisError> {
        let ConnectionAddr::Tcp(host, port) = info.addr() else {
            return Err(io::Error::from(io::ErrorKind::Unsupported).into());
        };
        let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
        let socket = TcpStream::connect((host.as_str(), *port)).await?;
        socket.set_nodelay(true)?;
        let socket = TlsConnector::from(self.config()?).connect(name, socket).await?;
        let (commands, driver) = MultiplexedConnection::new_with_config(info.redis_settings(), socket, config).await?;
        Ok(Connection { commands, _driver: Some(AbortOnDropHandle::new(tokio::spawn(driver))) })
    }

    fn config(&self) -> io::Result<Arc<ClientConfig>> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(client_config(&[])?);
        Ok(Arc::clone(self.config.get_or_init(|| config)))
    }
}
