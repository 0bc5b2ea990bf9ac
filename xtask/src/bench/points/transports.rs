//! The other transports, over HTTP/1.1: a client has one socket for what it gets and one for what it sends. They are set
//! against bare hyper with the same requests.

use super::{Figure, Goal, Needs, Point, goal, point};

const fn http(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point { needs: Needs::Http, ..point(name, title, load, goals) }
}

/// How long one client, alone, waits for its answer.
const fn round_trip(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point { figure: Figure::Median, ..http(name, title, load, goals) }
}

pub(super) const ALL: &[Point] = &[
    http("negotiate", "negotiation", "negotiate", &[goal("floor-http", "negotiate", 1.3)]),
    http(
        "echo-1-sse",
        "echo, 1 in flight, Server-Sent Events",
        "echo --window 1 --transport server-sent-events",
        &[goal("floor-http", "echo-1-sse", 1.3)],
    ),
    http(
        "echo-1-lp",
        "echo, 1 in flight, long polling",
        "echo --window 1 --transport long-polling",
        &[goal("floor-http", "echo-1-lp", 1.3)],
    ),
    round_trip(
        "trip-sse",
        "p50 delay of a lone client's echo, Server-Sent Events",
        "echo --connections 1 --transport server-sent-events",
        &[goal("aspnet", "trip-sse", 1.0)],
    ),
    round_trip(
        "trip-lp",
        "p50 delay of a lone client's echo, long polling",
        "echo --connections 1 --transport long-polling",
        &[goal("aspnet", "trip-lp", 1.0)],
    ),
    http(
        "broadcast-1-sse",
        "broadcast to 1 000, 1 outstanding, Server-Sent Events",
        "broadcast --connections 1000 --window 1 --transport server-sent-events",
        &[goal("hubs", "broadcast-1", 1.3)],
    ),
    http(
        "broadcast-1-lp",
        "broadcast to 1 000, 1 outstanding, long polling",
        "broadcast --connections 1000 --window 1 --transport long-polling",
        &[],
    ),
];
