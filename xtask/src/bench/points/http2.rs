//! The other transports over HTTP/2: all requests of a client are streams of one socket. They are set against bare hyper with the
//! same requests, and their delays against those of ASP.NET Core over HTTP/1.1, which speaks no HTTP/2 on the same port.

use super::{Figure, Goal, Needs, Point, goal, point};

const fn http2(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point { needs: Needs::Http2, ..point(name, title, load, goals) }
}

/// How long one client, alone, waits for its answer.
const fn round_trip(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point { figure: Figure::Median, ..http2(name, title, load, goals) }
}

pub(super) const ALL: &[Point] = &[
    http2("negotiate-h2", "negotiation over HTTP/2", "negotiate --http2", &[goal("floor-http", "negotiate-h2", 1.3)]),
    http2(
        "echo-1-sse-h2",
        "echo, 1 in flight, Server-Sent Events over HTTP/2",
        "echo --window 1 --transport server-sent-events --http2",
        &[goal("floor-http", "echo-1-sse-h2", 1.3)],
    ),
    http2(
        "echo-1-lp-h2",
        "echo, 1 in flight, long polling over HTTP/2",
        "echo --window 1 --transport long-polling --http2",
        &[goal("floor-http", "echo-1-lp-h2", 1.3)],
    ),
    round_trip(
        "trip-sse-h2",
        "p50 delay of a lone client's echo, Server-Sent Events over HTTP/2",
        "echo --connections 1 --transport server-sent-events --http2",
        &[goal("aspnet", "trip-sse", 1.0)],
    ),
    round_trip(
        "trip-lp-h2",
        "p50 delay of a lone client's echo, long polling over HTTP/2",
        "echo --connections 1 --transport long-polling --http2",
        &[goal("aspnet", "trip-lp", 1.0)],
    ),
    http2(
        "broadcast-1-sse-h2",
        "broadcast to 1 000, 1 outstanding, Server-Sent Events over HTTP/2",
        "broadcast --connections 1000 --window 1 --transport server-sent-events --http2",
        &[goal("hubs", "broadcast-1", 1.3)],
    ),
    http2(
        "broadcast-1-lp-h2",
        "broadcast to 1 000, 1 outstanding, long polling over HTTP/2",
        "broadcast --connections 1000 --window 1 --transport long-polling --http2",
        &[],
    ),
];
