//! The short way: a connection with its handlers registered and its proxy made, kept alive from start to stop.

use hubs::contract::HubContract;

use super::{Module, names, presence, text};

/// Adds `createChatConnection`, `connectChat` and what they take and give.
pub(super) fn emit(module: &mut Module<'_>, hub: &HubContract) {
    module.connection("OfficialLink");
    module.connection("started");
    module.connection_type("HubLink");
    module.connection_type("HubLinkOptions");
    let name = names::application(&hub.name);
    if is_durable(hub) {
        module.runtime("Logs");
        module.runtime_type("HubLogOptions");
    }
    module.push(options(hub, name));
    let members = presence::member(module, hub);
    module.push(connection(hub, name, &members));
    module.push(create(hub, name));
    module.push(connect(hub, name));
}

fn options(hub: &HubContract, name: &str) -> String {
    let mut out = text::docs(&format!("How {{@link connect{name}}} connects."), None, 0);
    let logs = if is_durable(hub) { ", HubLogOptions" } else { "" };
    out += &format!("export interface Connect{name}Options extends HubLinkOptions{logs} {{\n");
    if let Some(client) = &hub.client {
        let docs = format!(
            "Handles the calls of the server; registered once, before the first connect.\n`null` leaves that to \
             {{@link register{}Partially}}.",
            client.name
        );
        out += &text::docs(&docs, None, 2);
        out += &format!("  client: {} | null;\n\n", client.name);
    }
    let connected = "Runs after each connect, the first one and those after a loss, before the state is\n\
                     `connected`: the place to join groups again, which the server forgets with the\n\
                     connection. An error that it throws is in the status.";
    out += &text::docs(connected, None, 2);
    out + &format!("  onConnected?: (hub: {}) => void | Promise<void>;\n}}\n", hub.name)
}

fn connection(hub: &HubContract, name: &str, members: &str) -> String {
    let docs = text::docs(&format!("A connection to `{}`.", hub.name), None, 0);
    format!(
        "{docs}export interface {name}Connection extends HubLink {{\n  /** What the server can be called with. */\n  \
         readonly hub: {};\n{members}}}\n",
        hub.name
    )
}

/// Parameters of both functions.
fn params(hub: &HubContract, name: &str) -> [String; 2] {
    let default = if hub.client.is_some() { "" } else { " = {}" };
    ["url: string".to_owned(), format!("options: Connect{name}Options{default}")]
}

fn create(hub: &HubContract, name: &str) -> String {
    let docs = format!("A connection to `{}` at `url` that is not started yet.", hub.name);
    let docs = text::docs(&docs, None, 0);
    let after = format!(": {name}Connection {{");
    let head = text::wrapped(&format!("export function create{name}Connection"), &params(hub, name), &after, 0);
    let register = hub.client.as_ref().map(|client| {
        let call = format!("register{}(link.connection, options.client);", client.name);
        format!("  if (options.client !== null) {{\n    {call}\n  }}\n")
    });
    let start = if is_durable(hub) { DURABLE } else { PLAIN };
    let start = start.replace("{hub}", &hub.name);
    let (presence, parts) = match presence::ty(hub) {
        Some(_) => (presence::make(name), "hub, presence"),
        None => (String::new(), "hub"),
    };
    format!(
        "{docs}{head}\n{start}  const hub = create{hub}(link.connection);\n{presence}{register}  \
         return Object.assign(link, {{ {parts} }});\n}}\n",
        hub = hub.name,
        register = register.unwrap_or_default()
    )
}

/// How a link is made.
const PLAIN: &str = "  const link = new OfficialLink(url, options, (direct) => {
    const own = direct && create{hub}(direct);
    return options.onConnected?.(own ?? hub);
  });
";

/// The same, of a hub whose messages are kept in logs.
const DURABLE: &str = "  const logs = new Logs(options);
  const onConnected = (direct: HubCaller | undefined): unknown => {
    const own = direct && create{hub}(direct);
    return options.onConnected?.(own ?? hub);
  };
  const link = new OfficialLink(url, options, onConnected, logs);
";

fn is_durable(hub: &HubContract) -> bool {
    hub.client.iter().flat_map(|client| &client.methods).any(|method| method.durable)
}

fn connect(hub: &HubContract, name: &str) -> String {
    let docs = format!(
        "Connects to `{}` at `url`, and connects again when the connection is lost. It tries until it works; to be able \
         to stop that, start a {{@link create{name}Connection}}.",
        hub.name
    );
    let docs = text::docs(&text::fold(&docs), None, 0);
    let after = format!(": Promise<{name}Connection> {{");
    let head = text::wrapped(&format!("export async function connect{name}"), &params(hub, name), &after, 0);
    format!("{docs}{head}\n  return started(create{name}Connection(url, options));\n}}\n")
}
