//! The servers that are compared, and how each is started. All listen on 127.0.0.1 at `PORT`.

use std::{ffi::OsString, path::PathBuf};

use super::points::Needs;
use crate::workspace::Workspace;

/// A server.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// What tables call it.
    pub(crate) name: &'static str,
    /// The protocol of points that name none.
    pub(crate) protocol: &'static str,
    pub(crate) command: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, &'static str)>,
    /// Whether it was compiled before it was started, and need not be warmed up.
    pub(crate) compiled: bool,
    /// Seconds of load before a figure is taken.
    pub(crate) warmup: f64,
    can: &'static [Needs],
}

/// Which servers to compare.
#[derive(Debug, Default, Clone)]
pub(crate) struct Choice {
    /// Our hub in a plain `--release` build, too.
    pub(crate) plain: bool,
    /// Everybody else.
    pub(crate) rivals: bool,
    /// The command that starts ASP.NET Core's hub.
    pub(crate) aspnet: Option<String>,
}

impl Server {
    pub(crate) fn can(&self, needs: Needs) -> bool {
        self.can.contains(&needs)
    }

    /// With a variable of its environment set.
    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }
}

/// A program of this workspace as the benchmark builds it.
pub(crate) fn program(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target.join("bench-lto").join(name)
}

/// A program of the rivals' workspace.
fn rival(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target.join("bench-rivals/release").join(name)
}

fn server(name: &'static str, program: impl Into<OsString>, can: &'static [Needs]) -> Server {
    Server {
        name,
        protocol: "json",
        command: vec![program.into()],
        environment: Vec::new(),
        compiled: true,
        warmup: 0.4,
        can,
    }
}

/// The floor, which writes each broadcast by itself.
pub(crate) fn floor(workspace: &Workspace) -> Server {
    server("floor", program(workspace, "bench-floor"), &[Needs::Calls, Needs::Streams, Needs::Large, Needs::Tls])
}

/// What our hub can do.
const OURS: &[Needs] = &[
    Needs::Calls,
    Needs::Streams,
    Needs::Queues,
    Needs::Http,
    Needs::Http2,
    Needs::Large,
    Needs::Tls,
    Needs::Groups,
    Needs::Hub,
];

/// Our hub.
pub(crate) fn hubs(workspace: &Workspace) -> Server {
    server("hubs", program(workspace, "bench-hub"), OURS)
}

/// Redis, which connects the nodes of a cluster and keeps nothing.
pub(crate) fn redis() -> Server {
    let mut redis = server("redis", "sh", &[]);
    let start = "exec redis-server --port \"$PORT\" --bind 127.0.0.1 --save '' --appendonly no";
    redis.command.extend(["-c", start].map(OsString::from));
    redis
}

/// The hub written by hand.
pub(crate) fn thin(workspace: &Workspace) -> Server {
    server("thin", rival(workspace, "bench-thin"), &[Needs::Calls, Needs::Streams, Needs::Queues])
}

/// Those that were chosen; the floor is first, ours next.
pub(crate) fn chosen(workspace: &Workspace, choice: &Choice) -> Vec<Server> {
    let batch = server("floor-batch", program(workspace, "bench-floor"), &[Needs::Batch]).with("BROADCAST", "batch");
    let http = server("floor-http", program(workspace, "bench-floor"), &[Needs::Http, Needs::Http2]).with("HTTP", "1");
    let mut servers = vec![floor(workspace), batch, http, hubs(workspace)];
    if choice.plain {
        servers.push(server("hubs-plain", workspace.target.join("release/bench-hub"), OURS));
    }
    servers.push(thin(workspace));
    if choice.rivals {
        servers.extend(rivals(workspace));
    }
    if let Some(command) = &choice.aspnet {
        let can = &[Needs::Calls, Needs::Streams, Needs::Queues, Needs::Http, Needs::Large, Needs::Groups];
        let mut aspnet = server("aspnet", "", can);
        aspnet.command = command.split_whitespace().map(OsString::from).collect();
        (aspnet.compiled, aspnet.warmup) = (false, 3.0);
        servers.push(aspnet);
    }
    servers
}

fn rivals(workspace: &Workspace) -> Vec<Server> {
    let socketio = |mut server: Server| {
        server.protocol = "socketio";
        server
    };
    let node = |name, script: &str| {
        let mut server = server(name, "node", &[Needs::Calls]);
        server.command.push(workspace.root.join("examples/bench/rivals/node").join(script).into());
        (server.compiled, server.warmup) = (false, 1.0);
        server
    };
    vec![
        socketio(server("socketioxide", rival(workspace, "bench-socketioxide"), &[Needs::Calls])),
        socketio(node("socket.io", "socketio.mjs")),
        node("ws", "ws.mjs"),
    ]
}
