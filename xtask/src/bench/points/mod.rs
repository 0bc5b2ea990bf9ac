//! What is measured, over what it is set, and what each has to reach. Owns the numbers to reach, and nothing else does.

mod http2;
mod sockets;
mod tls;
mod transports;
mod uses;

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
    /// How the server is started.
    pub(crate) setup: Setup,
    pub(crate) goals: &'static [Goal],
}

/// How a server is started for a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    /// On one core, with all defaults.
    Plain,
    /// With two threads on two cores; the load runs on the second, too.
    TwoThreads,
    /// With TLS.
    Tls,
    /// With this part of the bench hub, which is off by default.
    Part(&'static str),
}

/// A figure of a run; less is better in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// CPU of the server for each unit, in µs.
    Cpu,
    /// The delay of half of the calls, in µs.
    Median,
    /// How long it takes until all clients are back, in ms.
    AllBack,
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
            Self::Median => ("/delay_us/p50", 1.0, "µs"),
            Self::AllBack => ("/all_back_ms", 1.0, "ms"),
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
    /// Negotiation, Server-Sent Events and long polling.
    Http,
    /// The same over HTTP/2, without TLS and from the first byte on.
    Http2,
    /// Texts of more than 32 KB.
    Large,
    /// TLS, without a proxy.
    Tls,
    /// Groups.
    Groups,
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
}

/// What our figure is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Nothing: the figure itself is limited.
    Nothing,
    /// The figure of a server, of the same run, at a point.
    Server(&'static str, &'static str),
    /// What a server's figure at the first point has more than at the second; ours is compared by what it has more than ours
    /// at the second.
    More(&'static str, &'static str, &'static str),
}

impl Over {
    /// The points that the figure is set against.
    pub(crate) fn points(self) -> [Option<&'static str>; 2] {
        match self {
            Self::Nothing => [None, None],
            Self::Server(_, point) => [Some(point), None],
            Self::More(_, point, base) => [Some(point), Some(base)],
        }
    }
}

/// At most so many times the figure of a server.
const fn goal(server: &'static str, point: &'static str, must: f64) -> Goal {
    Goal { over: Over::Server(server, point), must }
}

const fn floor(point: &'static str, must: f64) -> Goal {
    goal("floor", point, must)
}

/// At most this.
const fn limit(must: f64) -> Goal {
    Goal { over: Over::Nothing, must }
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
        setup: Setup::Plain,
        goals,
    }
}

/// Every point, in the order of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Point> {
    [sockets::ALL, tls::ALL, transports::ALL, http2::ALL, uses::ALL, sockets::LONG].into_iter().flatten()
}
