//! Calls, deliveries, streams and connections over WebSockets, as the hub is by default.

use super::{Figure, Goal, Needs, Point, Setup, floor, goal, limit, point};

const MEMORY: &str = "memory --connections 5000";
const FAIR: &[Goal] = &[limit(3.0)];

/// Echoes and texts of 50 clients beside two greedy ones.
const fn fairness(name: &'static str, title: &'static str, load: &'static str) -> Point {
    Point {
        figure: Figure::Fairness,
        needs: Needs::Hub,
        once: true,
        setup: Setup::TwoThreads,
        ..point(name, title, load, FAIR)
    }
}

/// Echoes alone, which every server can: no server may be fairer than the kernel's scheduler lets the floor be.
const fn fair_echo(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point { figure: Figure::Fairness, once: true, setup: Setup::TwoThreads, ..point(name, title, load, goals) }
}

const STOPPED: &str = "stopped --connections 20 --bytes 30000 --rate 100 --seconds 6";

/// The points of every day.
pub(crate) const ALL: &[Point] = &[
    Point {
        figure: Figure::Memory,
        fresh: true,
        ..point(
            "idle",
            "memory of an idle connection, after one call",
            MEMORY,
            &[limit(4.0), goal("aspnet", "idle", 0.2)],
        )
    },
    point("connect", "connect", MEMORY, &[floor("connect", 1.15), goal("aspnet", "connect", 1.0 / 3.0)]),
    point(
        "echo-1",
        "echo, 1 in flight",
        "echo --window 1",
        &[floor("echo-1", 1.0), goal("thin", "echo-1", 1.05), goal("aspnet", "echo-1", 0.2)],
    ),
    Point {
        needs: Needs::Hub,
        ..point("echo-1-last", "echo, 1 in flight, `type` last", "echo --window 1 --type-last", &[floor("echo-1", 1.0)])
    },
    point(
        "echo-16",
        "echo, 16 in flight",
        "echo --window 16",
        &[
            floor("echo-16", 1.2),
            goal("thin", "echo-16", 1.05),
            goal("aspnet", "echo-16", 1.0 / 7.0),
            goal("socketioxide", "echo-16", 0.5),
        ],
    ),
    Point {
        needs: Needs::Hub,
        ..point(
            "echo-16-last",
            "echo, 16 in flight, `type` last",
            "echo --window 16 --type-last",
            &[floor("echo-16", 1.2)],
        )
    },
    Point {
        needs: Needs::Hub,
        ..point(
            "echo-1-mp",
            "echo, 1 in flight, MessagePack",
            "echo --window 1 --protocol messagepack",
            &[floor("echo-1", 1.0)],
        )
    },
    Point {
        needs: Needs::Hub,
        ..point(
            "echo-16-mp",
            "echo, 16 in flight, MessagePack",
            "echo --window 16 --protocol messagepack",
            &[floor("echo-16", 1.2)],
        )
    },
    point("echo-8k", "echo of 8 KiB, 1 in flight", "echo --window 1 --bytes 8192", &[goal("hubs", "echo-8k-mp", 1.2)]),
    Point {
        needs: Needs::Hub,
        ..point(
            "echo-8k-mp",
            "echo of 8 KiB, 1 in flight, MessagePack",
            "echo --window 1 --bytes 8192 --protocol messagepack",
            &[],
        )
    },
    point(
        "broadcast-1",
        "broadcast to 1 000, 1 outstanding",
        "broadcast --connections 1000 --window 1",
        &[
            floor("broadcast-1", 1.0),
            goal("thin", "broadcast-1", 1.05),
            goal("aspnet", "broadcast-1", 0.4),
            goal("socketioxide", "broadcast-1", 0.9),
        ],
    ),
    point(
        "broadcast-16",
        "broadcast to 1 000, 16 outstanding",
        "broadcast --connections 1000 --window 16",
        &[
            goal("floor-batch", "broadcast-16-batch", 1.0),
            goal("thin", "broadcast-16", 1.05),
            goal("aspnet", "broadcast-16", 0.25),
            goal("socketioxide", "broadcast-16", 0.7),
        ],
    ),
    Point {
        needs: Needs::Batch,
        ..point("broadcast-16-batch", "the same, joined by the floor", "broadcast --connections 1000 --window 16", &[])
    },
    point(
        "broadcast-16-from-16",
        "broadcast to 1 000, 16 outstanding, from 16 connections",
        "broadcast --connections 1000 --window 16 --senders 16",
        &[goal("thin", "broadcast-16-from-16", 1.05)],
    ),
    Point {
        needs: Needs::Hub,
        ..point(
            "broadcast-1-task",
            "broadcast to 1 000, 1 outstanding, from a task",
            "broadcast --connections 1000 --window 1 --method Relay",
            &[floor("broadcast-1", 1.0)],
        )
    },
    Point {
        needs: Needs::Hub,
        ..point(
            "broadcast-16-task",
            "broadcast to 1 000, 16 outstanding, from a task",
            "broadcast --connections 1000 --window 16 --method Relay",
            &[goal("floor-batch", "broadcast-16-batch", 1.0)],
        )
    },
    Point {
        needs: Needs::Hub,
        ..point(
            "echo-1-counted",
            "echo, 1 in flight, with stateful reconnect",
            "echo --window 1 --stateful-reconnect",
            &[],
        )
    },
    Point {
        needs: Needs::Hub,
        ..point(
            "broadcast-1-counted",
            "broadcast to 1 000, 1 outstanding, with stateful reconnect",
            "broadcast --connections 1000 --window 1 --stateful-reconnect",
            &[],
        )
    },
    Point {
        needs: Needs::Streams,
        ..point(
            "stream",
            "an item of a stream from the server",
            "stream --connections 8",
            &[floor("stream", 1.2), goal("thin", "stream", 1.05), goal("aspnet", "stream", 1.0 / 3.0)],
        )
    },
    Point {
        needs: Needs::Streams,
        ..point(
            "upload",
            "an item of a stream to the server",
            "upload --connections 8",
            &[floor("upload", 1.5), goal("thin", "upload", 1.05), goal("aspnet", "upload", 0.1)],
        )
    },
    Point {
        figure: Figure::SlowestHundredth,
        ..point("latency", "p99 delay at 10 000 echoes a second", "echo --rate 10000", &[])
    },
];

/// The points that are measured once, since they take long.
pub(crate) const LONG: &[Point] = &[
    Point {
        figure: Figure::WhileStopped,
        needs: Needs::Queues,
        once: true,
        ..point("stopped", "p99 delay of 30 kB at the others, one reader stopped", STOPPED, &[limit(1_000_000.0)])
    },
    Point {
        figure: Figure::StoppedMemory,
        needs: Needs::Queues,
        once: true,
        // It is closed within a second and a half in which 3 MB a second are sent.
        ..point("stopped-memory", "memory for the stopped reader", STOPPED, &[limit(6.0)])
    },
    fair_echo(
        "fair-echo-short",
        "p99 delay of echoes beside 2 clients with short calls, over a quiet server's",
        "fairness --connections 50 --seconds 4 --groups 0 --greedy short",
        &[limit(3.0), goal("floor", "fair-echo-short", 2.0)],
    ),
    fair_echo(
        "fair-echo-long",
        "the same, calls of 30 kB",
        "fairness --connections 50 --seconds 4 --groups 0 --greedy long",
        &[limit(3.0), goal("floor", "fair-echo-long", 2.0)],
    ),
    fairness(
        "fair-short",
        "the same with texts to a group, short calls",
        "fairness --connections 50 --seconds 4 --greedy short",
    ),
    fairness("fair-long", "the same, calls of 30 kB", "fairness --connections 50 --seconds 4 --greedy long"),
    fairness("fair-stream", "the same, streams", "fairness --connections 50 --seconds 4 --greedy stream"),
    fairness("fair-upload", "the same, uploads", "fairness --connections 50 --seconds 4 --greedy upload"),
];
