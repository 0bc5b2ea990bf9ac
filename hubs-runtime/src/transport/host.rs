//! The host of an address that this process connects to.

use std::net::IpAddr;

use http::Uri;

/// A name or an IP address, without brackets. Empty if the address has none.
pub(crate) fn of(uri: &Uri) -> &str {
    uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

/// Whether it is this machine.
pub(crate) fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_many_names() {
        for local in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(is_local(local), "{local}");
        }
        for other in ["example.com", "10.0.0.1", "localhost.example.com", ""] {
            assert!(!is_local(other), "{other}");
        }
        assert_eq!(of(&"http://[::1]:5/x".parse().unwrap()), "::1");
    }
}
