//! Proxies whose word is taken for the host that a browser asked for.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderName, header::FORWARDED, request::Parts};

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

fn last<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

/// `for=192.0.2.1;host="app.example.com"` (RFC 7239).
fn host_of(element: &str) -> Option<&str> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut hosts = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("host"));
    hosts.next().map(|(_, host)| host.trim().trim_matches('"'))
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
