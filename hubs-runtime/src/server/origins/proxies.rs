//! Proxies whose word is taken for the host that a browser asked for, and for the address of the client.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderName, HeaderValue, header::FORWARDED, request::Parts};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// An address, or all that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// `10.0.0.0/8`, `::1`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |bits| bits.trim().parse().ok()).filter(|bits| *bits <= all)?;
        Some(Self { address, bits })
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

/// The host that the nearest proxy was asked for, if it is one of `trusted`. The last value counts, which that proxy
/// wrote itself.
pub(super) fn forwarded_host<'a>(trusted: &[Network], request: &'a Parts) -> Option<&'a str> {
    let ConnectInfo(peer) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    if !trusted.iter().any(|network| network.contains(peer.ip())) {
        return None;
    }
    let own = last(&request.headers, &X_FORWARDED_HOST);
    own.or_else(|| last(&request.headers, &FORWARDED).and_then(host_of)).filter(|host| !host.is_empty())
}

/// The address of the client: that of the peer, or, where the peer is one of `trusted`, the last that the proxies have
/// passed on and that is none of theirs. What stands before it a client may have written itself. `None`: nothing tells the
/// address of the peer.
pub(super) fn client_address(trusted: &[Network], request: &Parts) -> Option<IpAddr> {
    let ConnectInfo(peer) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.ip().to_canonical();
    if !is_trusted(client) {
        return Some(client);
    }
    for address in passed_on(&request.headers) {
        let Some(address) = address else { break };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    Some(client)
}

/// The addresses that proxies have added, the last first; `None` for what is no address.
fn passed_on(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let elements = |name| headers.get_all(name).iter().rev().flat_map(elements_of);
    if headers.contains_key(X_FORWARDED_FOR) {
        return elements(X_FORWARDED_FOR).map(node).collect();
    }
    elements(FORWARDED).map(|element| pair(element, "for").and_then(node)).collect()
}

/// What a header lists, the last first.
fn elements_of(value: &HeaderValue) -> impl Iterator<Item = &str> {
    value.to_str().unwrap_or_default().rsplit(',').map(str::trim)
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
fn node(text: &str) -> Option<IpAddr> {
    let plain = text.trim_start_matches('[').trim_end_matches(']');
    plain.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

fn last<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

/// `for=192.0.2.1;host="app.example.com"` (RFC 7239).
fn host_of(element: &str) -> Option<&str> {
    pair(element, "host")
}

fn pair<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks() {
        for (network, address, expected) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false),
            ("::1/128", "::1", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "fe80::1", true),
        ] {
            let network = Network::parse(network).unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), expected, "{network:?} {address}");
        }
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129"] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }

    /// Case 13: what a client writes into the header itself is in front of what the proxy adds.
    #[test]
    fn the_clients_address_is_the_last_that_is_no_proxys() {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| Network::parse(network).unwrap());
        for (peer, header, value, expected) in [
            ("11.0.0.1", "x-forwarded-for", "1.2.3.4", "11.0.0.1"),
            ("10.0.0.1", "x-forwarded-for", "1.2.3.4", "1.2.3.4"),
            ("10.0.0.1", "x-forwarded-for", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
            ("10.0.0.1", "x-forwarded-for", "9.9.9.9, 1.2.3.4:4711", "1.2.3.4"),
            ("10.0.0.1", "x-forwarded-for", "9.9.9.9,2001:db8::1", "2001:db8::1"),
            ("10.0.0.1", "x-forwarded-for", "9.9.9.9, [2001:db8::1]:80", "2001:db8::1"),
            ("10.0.0.1", "x-forwarded-for", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("10.0.0.1", "x-forwarded-for", "9.9.9.9, unknown, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.1", "x-forwarded-for", "", "10.0.0.1"),
            ("fd00::1", "x-forwarded-for", "1.2.3.4", "1.2.3.4"),
            ("::ffff:10.0.0.1", "x-forwarded-for", "::ffff:1.2.3.4", "1.2.3.4"),
            ("10.0.0.1", "forwarded", "for=9.9.9.9, for=1.2.3.4;host=a, for=\"[fd00::2]:80\"", "1.2.3.4"),
            ("10.0.0.1", "forwarded", "For=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("10.0.0.1", "forwarded", "for=_hidden", "10.0.0.1"),
            ("10.0.0.1", "x-other", "1.2.3.4", "10.0.0.1"),
        ] {
            let mut request = http::Request::new(()).into_parts().0;
            assert_eq!(client_address(&trusted, &request), None, "nothing tells where it comes from");
            request.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
            request.headers.append(header, value.parse().unwrap());
            let found = client_address(&trusted, &request).map(|address| address.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{peer} {header}: {value}");
        }
        let mut request = http::Request::new(()).into_parts().0;
        request.extensions.insert(ConnectInfo(SocketAddr::new("10.0.0.1".parse().unwrap(), 1)));
        for line in ["9.9.9.9", "1.2.3.4", "10.0.0.2"] {
            request.headers.append("x-forwarded-for", line.parse().unwrap());
        }
        assert_eq!(client_address(&trusted, &request), Some("1.2.3.4".parse().unwrap()), "a line for each proxy");
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let mut request = http::Request::new(()).into_parts().0;
        request.headers.append("forwarded", "for=1.2.3.4;host=a, for=5.6.7.8;Host=\"b:8080\"".parse().unwrap());
        let trusted = [Network::parse("10.0.0.0/8").unwrap()];
        assert_eq!(forwarded_host(&trusted, &request), None, "nothing tells where it comes from");
        let from = |ip: &str| ConnectInfo(SocketAddr::new(ip.parse().unwrap(), 1));
        request.extensions.insert(from("11.0.0.1"));
        assert_eq!(forwarded_host(&trusted, &request), None);
        request.extensions.insert(from("10.0.0.1"));
        assert_eq!(forwarded_host(&trusted, &request), Some("b:8080"));
        request.headers.append("x-forwarded-host", "evil, c".parse().unwrap());
        assert_eq!(forwarded_host(&trusted, &request), Some("c"));
        request.headers.append("x-forwarded-host", "d".parse().unwrap());
        assert_eq!(forwarded_host(&trusted, &request), Some("d"));
    }
}
