//! How many connections a hub may have: in all, of one user, and from one address. Must not know where an address comes
//! from.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use parking_lot::Mutex;

use crate::ids::{ShrinkSpare, UserId};

/// The limits of one hub.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConnectionLimits {
    pub(crate) total: usize,
    pub(crate) of_user: usize,
    pub(crate) from_address: usize,
    /// Whether connections from the machine itself are counted by their address, too.
    pub(crate) loopback: bool,
}

/// Why there is no room for one more connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooMany {
    /// The hub has as many as it may.
    Connections,
    /// Its user has.
    OfUser,
    /// Its address has.
    FromAddress,
}

/// Counts the connections of one hub.
#[derive(Debug)]
pub(crate) struct ConnectionCounts {
    limits: ConnectionLimits,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    users: HashMap<UserId, usize>,
    addresses: HashMap<IpAddr, usize>,
}

/// A connection that is counted, until this is dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    counts: Arc<ConnectionCounts>,
    user: Option<UserId>,
    address: Option<IpAddr>,
}

impl ConnectionCounts {
    pub(crate) fn new(limits: ConnectionLimits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    /// Whether there is room for a connection of this user from this address. Takes no room.
    pub(crate) fn check(&self, user: Option<&UserId>, address: Option<IpAddr>) -> Result<(), TooMany> {
        let address = self.counted_address(address);
        self.limits.check(&self.open.lock(), user, address.as_ref())
    }

    /// Counts one more connection, if there is room for it.
    pub(crate) fn count(self: &Arc<Self>, user: Option<&UserId>, address: Option<IpAddr>) -> Result<Counted, TooMany> {
        let address = self.counted_address(address);
        let user = user.filter(|_| self.limits.of_user < usize::MAX).cloned();
        let mut open = self.open.lock();
        self.limits.check(&open, user.as_ref(), address.as_ref())?;
        open.total += 1;
        if let Some(user) = &user {
            *open.users.entry(user.clone()).or_default() += 1;
        }
        if let Some(address) = address {
            *open.addresses.entry(address).or_default() += 1;
        }
        drop(open);
        Ok(Counted { counts: Arc::clone(self), user, address })
    }

    /// What is counted for an address: `None` for one without a limit. A household or a server has a whole network of
    /// IPv6 addresses, of 64 bits, so they count together.
    fn counted_address(&self, address: Option<IpAddr>) -> Option<IpAddr> {
        let address = address?.to_canonical();
        if self.limits.from_address == usize::MAX || (address.is_loopback() && !self.limits.loopback) {
            return None;
        }
        Some(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        })
    }
}

impl ConnectionLimits {
    fn check(&self, open: &Open, user: Option<&UserId>, address: Option<&IpAddr>) -> Result<(), TooMany> {
        let of = |count: Option<&usize>| count.copied().unwrap_or_default();
        if address.is_some_and(|address| of(open.addresses.get(address)) >= self.from_address) {
            return Err(TooMany::FromAddress);
        }
        if user.is_some_and(|user| of(open.users.get(user)) >= self.of_user) {
            return Err(TooMany::OfUser);
        }
        if open.total >= self.total { Err(TooMany::Connections) } else { Ok(()) }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.counts.open.lock();
        open.total -= 1;
        if let Some(user) = &self.user {
            uncount(&mut open.users, user);
        }
        if let Some(address) = &self.address {
            uncount(&mut open.addresses, address);
        }
    }
}

fn uncount<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    let Some(count) = counts.get_mut(key) else { return };
    *count -= 1;
    if *count == 0 {
        counts.remove(key);
        counts.shrink_spare();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ConnectionLimits = ConnectionLimits { total: 4, of_user: 2, from_address: 3, loopback: false };

    fn counts(limits: ConnectionLimits) -> Arc<ConnectionCounts> {
        Arc::new(ConnectionCounts::new(limits))
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn each_limit_holds_and_what_ends_is_not_counted_any_more() {
        let counts = counts(LIMITS);
        let (ann, bob) = (UserId::from("ann"), UserId::from("bob"));
        let first = counts.count(Some(&ann), address("1.2.3.4")).unwrap();
        let second = counts.count(Some(&ann), address("1.2.3.4")).unwrap();
        assert_eq!(counts.count(Some(&ann), address("1.2.3.5")).unwrap_err(), TooMany::OfUser);
        assert_eq!(counts.check(Some(&ann), address("1.2.3.5")), Err(TooMany::OfUser));
        let third = counts.count(None, address("1.2.3.4")).unwrap();
        assert_eq!(counts.count(Some(&bob), address("1.2.3.4")).unwrap_err(), TooMany::FromAddress);
        let fourth = counts.count(Some(&bob), None).unwrap();
        assert_eq!(counts.count(None, None).unwrap_err(), TooMany::Connections);
        drop((first, second));
        assert_eq!(counts.check(Some(&ann), address("1.2.3.4")), Ok(()));
        drop((third, fourth));
        let open = counts.open.lock();
        assert_eq!((open.total, open.users.len(), open.addresses.len()), (0, 0, 0));
    }

    #[test]
    fn the_machine_itself_is_counted_only_where_that_is_asked_for() {
        for (loopback, expected) in [(false, None), (true, Some(TooMany::FromAddress))] {
            let counts = counts(ConnectionLimits { from_address: 0, loopback, ..LIMITS });
            for own in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
                assert_eq!(counts.check(None, address(own)).err(), expected, "{own}");
            }
        }
    }

    #[test]
    fn a_network_of_64_bits_is_one_address() {
        let counts = counts(ConnectionLimits { from_address: 1, ..LIMITS });
        let _first = counts.count(None, address("2001:db8::1")).unwrap();
        assert_eq!(counts.check(None, address("2001:db8::ffff:1")), Err(TooMany::FromAddress));
        assert_eq!(counts.check(None, address("2001:db8:0:1::1")), Ok(()));
        let _second = counts.count(None, address("1.2.3.4")).unwrap();
        assert_eq!(counts.check(None, address("::ffff:1.2.3.4")), Err(TooMany::FromAddress), "the same, as IPv6");
    }
}
