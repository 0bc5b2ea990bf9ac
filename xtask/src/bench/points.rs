//! What is measured, over what it is set, and what each has to reach. Owns the numbers to reach, and nothing else does.

/// What the load generator does for a point, and which of its figures is the point's.
#[derive(Debug)]
pub(crate) struct Point {
    /// What `--points` calls it.
    pub(crate) name: &'static str,
    /// What it is, for a reader.
    pub(crate) title: &'static str,
    /// The scenario and options of `bench-load`.
    pub(crate) load: &'static str,
    pub(crate) figure: Figure,
    /// What a server has to be able to do.
    pub(crate) needs: Needs,
    /// Wants a server that has done nothing else, not even warmed up.
    pub(crate) fresh: bool,
    /// Measured in the first round alone, on a server of its own, since it takes long.
    pub(crate) once: bool,
    /// Wants a server with two threads on two cores; the load runs on the second, too.
    pub(crate) two_cores: bool,
    pub(crate) goals: &'static [Goal],
}

/// A figure of a run; less is better in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// CPU of the server for each unit, in µs.
    Cpu,
    /// Memory of the server for each connection, in KiB.
    Memory,
    /// The delay that one call in a hundred exceeds, in µs.
    SlowestHundredth,
    /// The delay that one delivery in a hundred exceeds while a reader is stopped, in µs.
    WhileStopped,
    /// Memory of the server above that without a stopped reader, in MiB.
    StoppedMemory,
    /// The delay that one call in a hundred exceeds beside greedy clients, over that on the quiet server.
    Fairness,
}

impl Figure {
    /// The place of the figure in what `bench-load` prints, what turns it into the unit, and the unit.
    pub(crate) fn place(self) -> (&'static str, f64, &'static str) {
        match self {
            Self::Cpu => ("/cpu_s_per_1m", 1.0, "µs"),
            Self::Memory => ("/bytes_called", 1.0 / 1024.0, "KiB"),
            Self::SlowestHundredth => ("/delay_us/p99", 1.0, "µs"),
            Self::WhileStopped => ("/with/p99", 1.0, "µs"),
            Self::StoppedMemory => ("/rss_mib_more", 1.0, "MiB"),
            Self::Fairness => ("/ratio", 1.0, "times"),
        }
    }
}

/// What a server has to be able to do for a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Echo and broadcast.
    Calls,
    /// SignalR's streams.
    Streams,
    /// All that a hub can do: both protocols, members in any order, a context.
    Hub,
    /// Something to lose or to keep when a reader stops; the floor only grows.
    Queues,
    /// Only to be set against something.
    Batch,
}

/// A limit for our figure.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) over: Over,
    pub(crate) must: f64,
    pub(crate) aim: Option<f64>,
}

/// What our figure is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Nothing: the figure itself is limited.
    Nothing,
    /// The figure of a server, of the same run, at a point.
    Server(&'static str, &'static str),
}

impl Over {
    /// The point that the figure is set against.
    pub(crate) fn point(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Server(_, point) => Some(point),
        }
    }
}

const fn goal(server: &'static str, point: &'static str, must: f64) -> Goal {
    Goal { over: Over::Server(server, point), must, aim: None }
}

const fn floor(point: &'static str, must: f64, aim: f64) -> Goal {
    Goal { over: Over::Server("floor", point), must, aim: Some(aim) }
}

const fn limit(must: f64, aim: Option<f64>) -> Goal {
    Goal { over: Over::Nothing, must, aim }
}

const fn point(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point {
        name,
        title,
        load,
        figure: Figure::Cpu,
        needs: Needs::Calls,
        fresh: false,
        once: false,
        two_cores: false,
        goals,
    }
}

const MEMORY: &str = "memory --connections 5000";
const FAIR: &[Goal] = &[limit(3.0, None)];

/// Echoes and texts of 50 clients beside two greedy ones.
const fn fairness(name: &'static str, title: &'static str, load: &'static str) -> Point {
    Point { figure: Figure::Fairness, needs: Needs::Hub, once: true, two_cores: true, ..point(name, title, load, FAIR) }
}

/// Echoes alone, which every server can: no server may be fairer than the kernel's scheduler lets the floor be.
const fn fair_echo(name: &'static str, title: &'static str, load: &'static str, goals: &'static [Goal]) -> Point {
    Point { figure: Figure::Fairness, once: true, two_cores: true, ..point(name, title, load, goals) }
}

const STOPPED: &str = "stopped --connections 20 --bytes 30000 --rate 100 --seconds 6";

/// Every point, in the order of the table.
pub(crate) const ALL: &[Point] = &[
    Point {
        figure: Figure::Memory,
        fresh: true,
        ..point(
            "idle",
            "memory of an idle connection, after one call",
            MEMORY,
            &[limit(6.0, Some(4.0)), goal("aspnet", "idle", 0.2)],
        )
    },
    point("connect", "connect", MEMORY, &[floor("connect", 2.0, 1.5), goal("aspnet", "connect", 1.0 / 3.0)]),
    point(
        "echo-1",
        "echo, 1 in flight",
        "echo --window 1",
        &[floor("echo-1", 1.25, 1.1), goal("thin", "echo-1", 1.05), goal("aspnet", "echo-1", 0.2)],
    ),
    Point {
        needs: Needs::Hub,
        ..point(
            "echo-1-last",
            "echo, 1 in flight, `type` last",
            "echo --window 1 --type-last",
            &[floor("echo-1", 1.25, 1.1)],
        )
    },
    point(
        "echo-16",
        "echo, 16 in flight",
        "echo --window 16",
        &[
            floor("echo-16", 3.0, 2.2),
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
            &[floor("echo-16", 3.0, 2.2)],
        )
    },
    Point {
        needs: Needs::Hub,
        ..point(
            "echo-1-mp",
            "echo, 1 in flight, MessagePack",
            "echo --window 1 --protocol messagepack",
            &[floor("echo-1", 1.25, 1.1)],
        )
    },
    Point {
        needs: Needs::Hub,
        ..point(
            "echo-16-mp",
            "echo, 16 in flight, MessagePack",
            "echo --window 16 --protocol messagepack",
            &[floor("echo-16", 2.2, 1.7)],
        )
    },
    point(
        "echo-8k",
        "echo of 8 KiB, 1 in flight",
        "echo --window 1 --bytes 8192",
        &[Goal { over: Over::Server("hubs", "echo-8k-mp"), must: 1.5, aim: Some(1.2) }],
    ),
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
            floor("broadcast-1", 1.3, 1.1),
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
            Goal { over: Over::Server("floor-batch", "broadcast-16-batch"), must: 1.5, aim: Some(1.2) },
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
            &[floor("broadcast-1", 1.3, 1.1)],
        )
    },
    Point {
        needs: Needs::Hub,
        ..point(
            "broadcast-16-task",
            "broadcast to 1 000, 16 outstanding, from a task",
            "broadcast --connections 1000 --window 16 --method Relay",
            &[Goal { over: Over::Server("floor-batch", "broadcast-16-batch"), must: 1.5, aim: Some(1.2) }],
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
            &[floor("stream", 6.0, 3.0), goal("thin", "stream", 1.05), goal("aspnet", "stream", 1.0 / 3.0)],
        )
    },
    Point {
        needs: Needs::Streams,
        ..point(
            "upload",
            "an item of a stream to the server",
            "upload --connections 8",
            &[floor("upload", 8.0, 4.0), goal("thin", "upload", 1.05), goal("aspnet", "upload", 0.1)],
        )
    },
    Point {
        figure: Figure::SlowestHundredth,
        ..point("latency", "p99 delay at 10 000 echoes a second", "echo --rate 10000", &[])
    },
    Point {
        figure: Figure::WhileStopped,
        needs: Needs::Queues,
        once: true,
        ..point("stopped", "p99 delay of 30 kB at the others, one reader stopped", STOPPED, &[limit(1_000_000.0, None)])
    },
    Point {
        figure: Figure::StoppedMemory,
        needs: Needs::Queues,
        once: true,
        // It is closed within a second and a half in which 3 MB a second are sent.
        ..point("stopped-memory", "memory for the stopped reader", STOPPED, &[limit(6.0, None)])
    },
    fair_echo(
        "fair-echo-short",
        "p99 delay of echoes beside 2 clients with short calls, over a quiet server's",
        "fairness --connections 50 --seconds 4 --groups 0 --greedy short",
        &[limit(3.0, None), goal("floor", "fair-echo-short", 2.0)],
    ),
    fair_echo(
        "fair-echo-long",
        "the same, calls of 30 kB",
        "fairness --connections 50 --seconds 4 --groups 0 --greedy long",
        &[limit(3.0, None), goal("floor", "fair-echo-long", 2.0)],
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
