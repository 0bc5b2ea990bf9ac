//! What fixes what: the lines of configuration, those of examples/proxies, and what the application can do. Must not know
//! how a mistake was found.

use std::fmt;

use super::findings::Fix;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// The upgrade to a WebSocket does not pass.
    Upgrade,
    /// Events are collected on their way.
    Events,
    /// What is silent is cut.
    Silence,
    /// Bodies of this size do not pass.
    Bodies(usize),
    /// `Host` is another one than the browser sees.
    Host,
    /// Requests of one connection reach different servers.
    Affinity,
    /// Pages of another origin may not connect, or every page may.
    Origins,
    /// The clocks differ.
    Clock,
}

/// The proxy that answered, by the name that it gives itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy(Option<String>);

impl Proxy {
    pub(super) fn of(server: &str) -> Self {
        Self(Some(server.to_owned()))
    }

    /// It gives itself no name, as HAProxy does.
    pub(super) fn unknown() -> Self {
        Self(None)
    }

    fn is(&self, known: &str) -> bool {
        // One that gives no name may be any of them.
        self.0.as_ref().is_none_or(|name| name.to_ascii_lowercase().contains(known))
    }

    /// Whether it is none of those whose lines are known.
    fn is_another(&self) -> bool {
        !KNOWN.iter().any(|known| self.is(known))
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("a proxy that gives no name, or the server"))
    }
}

const KNOWN: [&str; 3] = ["nginx", "haproxy", "caddy"];

impl Remedy {
    /// The lines of this proxy; of all of them, if it gives no name or one that is not known.
    pub(super) fn of_proxies(self, proxy: &Proxy) -> Vec<Fix> {
        let wanted = KNOWN.into_iter().filter(|known| proxy.is_another() || proxy.is(known));
        let fixes = wanted.map(|of| Fix { of, lines: self.lines(of) });
        fixes.filter(|fix| !fix.lines.is_empty()).collect()
    }

    fn lines(self, proxy: &str) -> Vec<String> {
        let lines: &[&str] = match (self, proxy) {
            (Self::Upgrade, "nginx") => &[
                "map $http_upgrade $hubs_connection { default upgrade; '' ''; } # beside `server`",
                "proxy_http_version 1.1;",
                "proxy_set_header Upgrade $http_upgrade;",
                "proxy_set_header Connection $hubs_connection;",
            ],
            (Self::Upgrade, "haproxy") => {
                &["# no `http-request del-header Upgrade` and `Connection`: HAProxy passes the upgrade on by itself"]
            }
            (Self::Upgrade, _) => {
                &["# no `header_up -Upgrade` and `-Connection`: `reverse_proxy` passes the upgrade on by itself"]
            }
            (Self::Events, "nginx") => &["proxy_buffering off;", "gzip off;"],
            (Self::Events, "haproxy") => &["# no `http-response wait-for-body`, no `compression` of text/event-stream"],
            (Self::Events, _) => {
                &["flush_interval -1 # inside of `reverse_proxy`", "# no `encode` of text/event-stream"]
            }
            (Self::Silence, "nginx") => &["proxy_read_timeout 120s;", "proxy_send_timeout 120s;"],
            (Self::Silence, "haproxy") => &["timeout client 120s", "timeout server 120s", "timeout tunnel 120s"],
            (Self::Silence, _) => &["# no `read_timeout`, `write_timeout` and `stream_timeout` below 120s"],
            (Self::Bodies(size), "nginx") => return vec![format!("client_max_body_size {}m;", size.div_ceil(1 << 20))],
            (Self::Bodies(_), "haproxy") => &["# no rule on `req.body_size` or `req.hdr(content-length)`"],
            (Self::Bodies(size), _) => {
                return vec![format!("request_body {{ max_size {}MB }}", size.div_ceil(1 << 20))];
            }
            (Self::Host, "nginx") => &["proxy_set_header Host $http_host;"],
            (Self::Host, "haproxy") => &["# no `http-request set-header Host`"],
            (Self::Host, _) => &["# no `header_up Host`"],
            (Self::Affinity, "nginx") => &["upstream hubs { ip_hash; server ..; server ..; }"],
            (Self::Affinity, "haproxy") => &["balance source # or: cookie SERVER insert indirect nocache"],
            (Self::Affinity, _) => &["lb_policy cookie # inside of `reverse_proxy`"],
            (Self::Origins | Self::Clock, _) => &[],
        };
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    /// What a program built with hubs can do.
    pub(super) fn of_the_application(self) -> Vec<Fix> {
        let lines: &[&str] = match self {
            Self::Silence => &["HubOptions::keep_alive_interval, shorter than what cuts"],
            Self::Bodies(_) => &["HubOptions::maximum_receive_message_size"],
            Self::Host => &["AllowedOrigins::list([..]).trust_proxies([..]), the addresses of the proxy"],
            Self::Affinity => &["clients that use WebSockets only and skip the negotiation need no affinity"],
            Self::Origins => {
                &["HubOptions::allowed_origins([..]), and AllowedOrigins::cors for pages of other origins"]
            }
            Self::Clock => &["tokens end too early or too late: set the clock of the server, by NTP"],
            Self::Upgrade | Self::Events => &[],
        };
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        if lines.is_empty() { Vec::new() } else { vec![Fix { of: "application", lines }] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_gives_its_name_gets_its_own_lines_and_any_other_all() {
        let of = |proxy: Proxy| Remedy::Silence.of_proxies(&proxy).into_iter().map(|fix| fix.of).collect::<Vec<_>>();
        assert_eq!(of(Proxy::of("nginx/1.22.1")), ["nginx"]);
        assert_eq!(of(Proxy::of("1.1 Caddy")), ["caddy"]);
        assert_eq!(of(Proxy::unknown()), KNOWN);
        assert_eq!(of(Proxy::of("cloudflare")), KNOWN);
    }
}
