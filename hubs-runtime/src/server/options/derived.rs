//! What follows from the options of a hub: whether any client can connect, and the limits that other rooms ask for.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::HubOptions;
use crate::{
    backplane::{Backplane, LogLimits, MemoryCluster},
    call::ResumableLimits,
    connection::{Intervals, OutboxLimits, ParkingLimits, ReplayLimits},
    lifetime::{Cluster, ConnectionLimits, Durability, GroupLimits, HistoryLimits, PresenceSettings},
    protocol::{ALL_PROTOCOLS, HubProtocol, dotnet_form, protocol_named},
    server::SigningKeys,
    transport::TransportKind,
};

/// Longer times are cut to this. It is longer than any process runs, and can be added to any clock.
pub(in crate::server) const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

impl HubOptions {
    /// The same, with every time short enough to be added to a clock.
    pub(crate) fn saturated(mut self) -> Self {
        let times = [
            &mut self.keep_alive_interval,
            &mut self.client_timeout_interval,
            &mut self.handshake_timeout,
            &mut self.transport_send_timeout,
            &mut self.slow_consumer_grace,
            &mut self.close_timeout,
            &mut self.disconnect_timeout,
            &mut self.long_polling_poll_timeout,
            &mut self.stateful_reconnect_timeout,
            &mut self.resumable_stream_timeout,
            &mut self.backplane_command_timeout,
            &mut self.durable_log_age,
            &mut self.durable_publish_timeout,
            &mut self.presence_leave_delay,
        ];
        for time in times.into_iter().chain(&mut self.client_result_timeout) {
            *time = LONGEST.min(*time);
        }
        self
    }

    /// What is kept of a feed.
    pub(crate) fn history_limits(&self) -> HistoryLimits {
        // All of it fits into the queue of a reader that comes back.
        HistoryLimits {
            events: self.feed_history_events,
            bytes: self.feed_history_size.min(self.send_queue_hard_limit / 2),
        }
    }

    /// What the clock of the hub needs.
    pub(crate) fn intervals(&self) -> Intervals {
        Intervals {
            keep_alive: self.keep_alive_interval,
            client_timeout: self.client_timeout_interval,
            send_timeout: self.transport_send_timeout,
            slow_consumer_grace: self.slow_consumer_grace,
        }
    }

    /// Why no client can ever connect to a hub with these options.
    pub(crate) fn problem(&self) -> Option<String> {
        let known = |name: &&String| protocol_named(name).is_none();
        if let Some(name) = self.supported_protocols.iter().find(known) {
            // One of two forms of a protocol has the same name.
            let all: BTreeSet<_> = ALL_PROTOCOLS.iter().map(|protocol| format!("`{}`", protocol.name())).collect();
            let all = Vec::from_iter(all).join(" and ");
            return Some(format!(
                "HubOptions::supported_protocols names `{name}`, which this build does not have; it has {all}"
            ));
        }
        let usable = |kind: &TransportKind| *kind != TransportKind::Memory;
        if !self.transports.iter().any(usable) {
            return Some("HubOptions::transports names no transport".to_owned());
        }
        if self.token_keys.as_ref().is_some_and(SigningKeys::is_weak) {
            return Some(
                "HubOptions::token_keys has a key of less than 32 bytes; make one of 32 random bytes".to_owned(),
            );
        }
        None
    }

    /// The limits of one connection's outgoing queue.
    pub(crate) fn outbox_limits(&self) -> OutboxLimits {
        let soft = self.maximum_send_queue_size;
        // Without a grace the soft limit is a hard one.
        let hard = if self.slow_consumer_grace.is_zero() { soft } else { self.send_queue_hard_limit.max(soft) };
        OutboxLimits { producer: self.transport_max_buffer_size, soft, hard }
    }

    /// The limits of what one connection with stateful reconnect keeps.
    pub(crate) fn replay_limits(&self) -> ReplayLimits {
        ReplayLimits { bytes: self.stateful_reconnect_buffer_size, messages: self.stateful_reconnect_buffer_messages }
    }

    /// The limits of the streams that are kept for clients that come back.
    pub(crate) fn resumable_limits(&self) -> ResumableLimits {
        ResumableLimits {
            items: self.resumable_stream_items.max(1),
            bytes: self.resumable_stream_buffer_size,
            streams: self.maximum_resumable_streams,
            timeout: self.resumable_stream_timeout,
        }
    }

    /// How many connections there may be.
    pub(crate) fn connection_limits(&self) -> ConnectionLimits {
        ConnectionLimits {
            total: self.maximum_connections.unwrap_or(usize::MAX),
            of_user: self.maximum_connections_per_user.unwrap_or(usize::MAX),
            from_address: self.maximum_connections_per_address.unwrap_or(usize::MAX),
            loopback: self.limit_loopback,
        }
    }

    /// What the groups of one connection may take.
    pub(crate) fn group_limits(&self) -> GroupLimits {
        GroupLimits { groups: self.maximum_groups_per_connection, name: self.maximum_group_name_length }
    }

    /// The form of a protocol that the hub speaks.
    pub(crate) fn form(&self, protocol: &'static dyn HubProtocol) -> &'static dyn HubProtocol {
        if self.dotnet_messagepack {
            return dotnet_form(protocol);
        }
        protocol_named(protocol.name()).unwrap_or(protocol)
    }

    /// Where messages of the hub of this name are kept: in the logs of its cluster, or of this process.
    pub(crate) fn durability(&self, backplane: Option<Arc<dyn Backplane>>, name: &str) -> Durability {
        let is_shared = backplane.is_some();
        let backplane = backplane.unwrap_or_else(|| Arc::new(MemoryCluster::new().node(name)));
        let Cluster { backplane, hub, protocols, .. } = self.cluster(backplane, name);
        let limits =
            LogLimits { entries: self.durable_log_entries, bytes: self.durable_log_size, age: self.durable_log_age };
        Durability { backplane, is_shared, hub, protocols, limits, publish_timeout: self.durable_publish_timeout }
    }

    /// How the hub shows who is in a group, on the nodes of its cluster.
    pub(crate) fn presence(&self, cluster: Option<Cluster>) -> PresenceSettings {
        PresenceSettings {
            cluster,
            leave_delay: self.presence_leave_delay,
            list_limit: self.presence_list_limit,
            member_size: self.presence_member_size,
        }
    }

    /// The cluster of the hub of this name.
    pub(crate) fn cluster(&self, backplane: Arc<dyn Backplane>, name: &str) -> Cluster {
        let names = &self.supported_protocols;
        let is_spoken = |name: &str| names.is_empty() || names.iter().any(|other| other.eq_ignore_ascii_case(name));
        let spoken = ALL_PROTOCOLS.into_iter().filter(|protocol| is_spoken(protocol.name()));
        let slots = spoken.filter(|protocol| self.form(*protocol).slot() == protocol.slot());
        let protocols = slots.fold(0, |all, protocol| all | (1 << protocol.slot()));
        Cluster {
            backplane,
            hub: self.backplane_name.clone().unwrap_or_else(|| name.to_owned()),
            protocols,
            command_timeout: self.backplane_command_timeout,
        }
    }

    /// The limits of what all connections together keep that wait for their clients.
    pub(crate) fn parking_limits(&self) -> ParkingLimits {
        ParkingLimits { connections: self.maximum_parked_connections, bytes: self.maximum_parked_bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_saturate() {
        let options = HubOptions::default()
            .keep_alive_interval(Duration::MAX)
            .client_timeout_interval(Duration::MAX)
            .client_result_timeout(Some(Duration::MAX))
            .disconnect_timeout(Duration::MAX)
            .close_timeout(Duration::ZERO)
            .saturated();
        let now = tokio::time::Instant::now();
        for time in [options.keep_alive_interval * 2, options.client_timeout_interval, options.disconnect_timeout] {
            assert!(now.checked_add(time).is_some());
        }
        assert_eq!(options.client_result_timeout, Some(LONGEST));
        assert_eq!(options.close_timeout, Duration::ZERO);
        assert_eq!(options.handshake_timeout, Duration::from_secs(15), "others stay");
    }

    #[test]
    fn options_that_let_no_client_in_are_found() {
        let problem = |options: HubOptions| options.problem().unwrap_or_default();
        let options = HubOptions::default;
        assert_eq!(problem(options()), "");
        assert_eq!(problem(options().supported_protocols(vec!["JSON".to_owned()])), "");
        let text = problem(options().supported_protocols(vec!["json".to_owned(), "xml".to_owned()]));
        assert!(text.contains("names `xml`") && text.contains("`json`"), "{text}");
        assert_eq!(problem(options().transports(vec![])), "HubOptions::transports names no transport");
        assert!(!problem(options().transports(vec![TransportKind::Memory])).is_empty());
        assert_eq!(problem(options().token_keys(SigningKeys::new([7; 32]))), "");
        let weak = problem(options().token_keys(SigningKeys::new([7; 32]).or_accept("secret")));
        assert!(weak.contains("HubOptions::token_keys") && !weak.contains("secret"), "{weak}");
    }

    #[test]
    fn the_hard_limit_is_never_below_the_soft_one() {
        let hard = |options: HubOptions| options.outbox_limits().hard;
        let options = HubOptions::default();
        assert_eq!(hard(options.clone()), 16 << 20);
        assert_eq!(hard(options.clone().send_queue_hard_limit(5)), 1 << 20);
        assert_eq!(hard(options.clone().maximum_send_queue_size(usize::MAX)), usize::MAX);
        assert_eq!(hard(options.slow_consumer_grace(Duration::ZERO)), 1 << 20, "closed as soon as it is exceeded");
    }
}
