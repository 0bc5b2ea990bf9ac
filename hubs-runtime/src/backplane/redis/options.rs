//! To which servers a node connects, and its options. Must not know what is sent.

use std::{sync::OnceLock, time::Duration};

use super::{
    BackplaneError, Redis,
    connect::{Address, Servers, Settings},
    links::Target,
};

impl Redis {
    /// One server: `redis://user:password@host:port/database`, where all but the host may be left out, or `rediss://` for
    /// TLS (feature `redis-tls`).
    ///
    /// # Errors
    ///
    /// [`BackplaneError::Refused`] if it is not an address of a Redis. The error does not hold the address.
    pub fn connect(url: &str) -> Result<Self, BackplaneError> {
        Self::new(Target::Server(Servers::One(Address::read(url)?)))
    }

    /// The master that Sentinel names. `sentinels` are their addresses, with the port, which is usually 26379: all are
    /// asked each time that a connection is made, and the first answer is taken. `master` is the name of the master, or
    /// its address with the name as host where it needs a login, another database, or TLS:
    /// `rediss://user:password@mymaster/0`.
    ///
    /// ```
    /// use hubs::backplane::Redis;
    ///
    /// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
    /// let redis = Redis::sentinel(sentinels, "redis://:secret@mymaster")?;
    /// # Ok::<(), hubs::backplane::BackplaneError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BackplaneError::Refused`] if there are no addresses, or one is not an address of a Redis.
    pub fn sentinel<'a>(sentinels: impl IntoIterator<Item = &'a str>, master: &str) -> Result<Self, BackplaneError> {
        let sentinels: Vec<_> = sentinels.into_iter().map(Address::read).collect::<Result<_, _>>()?;
        if sentinels.is_empty() {
            return Err(BackplaneError::Refused("at least one Sentinel is needed".to_owned()));
        }
        let master = if master.contains("://") { master.to_owned() } else { format!("redis://{master}") };
        Self::new(Target::Server(Servers::Sentinel { sentinels, master: Address::read(&master)? }))
    }

    /// A Redis Cluster of version 7 or later, of which these servers are asked for the others. What the addresses have beside
    /// host and port must be the same, and holds for all servers of the cluster; there is no database but 0.
    ///
    /// There is a connection to each master. What is sent to all, groups, users and connections is published with `PUBLISH`,
    /// which each server passes to all others: see [`Redis::sharded_channels`].
    ///
    /// # Errors
    ///
    /// [`BackplaneError::Refused`] if there are no addresses, or one is not an address of a Redis.
    pub fn cluster<'a>(servers: impl IntoIterator<Item = &'a str>) -> Result<Self, BackplaneError> {
        let servers: Vec<_> = servers.into_iter().map(Address::read).collect::<Result<_, _>>()?;
        if servers.is_empty() {
            return Err(BackplaneError::Refused("at least one server of the cluster is needed".to_owned()));
        }
        Self::new(Target::Cluster(servers))
    }

    /// Publishes with `SPUBLISH`, which stays on the server that has the channel's slot: a cluster with more servers passes on
    /// more messages. All nodes must do the same, and nodes of ASP.NET Core do not. Without a cluster it changes nothing.
    /// Default: off.
    #[must_use]
    pub fn sharded_channels(mut self, is_sharded: bool) -> Self {
        self.is_sharded = is_sharded;
        self
    }

    fn new(target: Target) -> Result<Self, BackplaneError> {
        let (command_timeout, lost_after) = (Duration::from_secs(2), Duration::from_secs(5));
        Ok(Self {
            target,
            is_sharded: false,
            settings: Settings::default(),
            prefix: String::new(),
            node: unique("node")?,
            command_timeout,
            lost_after,
            running: OnceLock::new(),
        })
    }

    /// What is trusted over TLS, and with which certificate this node shows who it is. Default: rustls with ring, and the
    /// system's root certificates.
    #[cfg(feature = "redis-tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "redis-tls")))]
    #[must_use]
    pub fn tls_config(mut self, config: std::sync::Arc<tokio_rustls::rustls::ClientConfig>) -> Self {
        self.settings.tls = std::sync::Arc::new(super::connect::Tls::from(config));
        self
    }

    /// Is put before the names of all channels and keys, as `ChannelPrefix` of StackExchange.Redis. Default: nothing.
    #[must_use]
    pub fn channel_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// What the name of this node begins with; a random text follows. Default: `node`.
    ///
    /// # Errors
    ///
    /// The system has no random numbers.
    pub fn node_name(mut self, name: &str) -> Result<Self, BackplaneError> {
        self.node = unique(name)?;
        Ok(self)
    }

    /// How long a command may take, with the time for which it waits to be sent. Default: 2 seconds.
    #[must_use]
    pub fn command_timeout(mut self, limit: Duration) -> Self {
        self.command_timeout = limit;
        self
    }

    /// After which time without a connection the node is [`Health::Lost`](super::Health::Lost). Default: 5 seconds.
    #[must_use]
    pub fn lost_after(mut self, time: Duration) -> Self {
        self.lost_after = time;
        self
    }
}

/// A name that no other process has.
fn unique(name: &str) -> Result<String, BackplaneError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| BackplaneError::Refused("no random numbers".to_owned()))?;
    Ok(format!("{name}_{:032x}", u128::from_be_bytes(random)))
}
