//! The same over TLS, set against bare tokio-rustls.

use super::{Figure, Goal, Needs, Over, Point, Setup, goal, limit, point};

const MEMORY: &str = "memory --connections 1000 --tls";

const fn tls(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point { needs: Needs::Tls, setup: Setup::Tls, ..point(name, title, load, goals) }
}

/// TLS adds no more to our figure than to the floor's. Not for broadcasts: the floor writes them otherwise over TLS.
const fn added(point: &'static str, plain: &'static str) -> Goal {
    Goal { over: Over::More("floor", point, plain), must: 1.0 }
}

pub(super) const ALL: &[Point] = &[
    Point {
        figure: Figure::Memory,
        fresh: true,
        ..tls("idle-tls", "memory of an idle connection over TLS, after one call", MEMORY, &[limit(16.0)])
    },
    tls("connect-tls", "connect over TLS", MEMORY, &[added("connect-tls", "connect")]),
    tls("echo-1-tls", "echo, 1 in flight, TLS", "echo --window 1 --tls", &[added("echo-1-tls", "echo-1")]),
    tls("echo-16-tls", "echo, 16 in flight, TLS", "echo --window 16 --tls", &[added("echo-16-tls", "echo-16")]),
    tls(
        "broadcast-1-tls",
        "broadcast to 1 000, 1 outstanding, TLS",
        "broadcast --connections 1000 --window 1 --tls",
        &[goal("floor", "broadcast-1-tls", 1.0)],
    ),
    tls(
        "broadcast-16-tls",
        "broadcast to 1 000, 16 outstanding, TLS",
        "broadcast --connections 1000 --window 16 --tls",
        &[goal("floor", "broadcast-16-tls", 1.0)],
    ),
];
