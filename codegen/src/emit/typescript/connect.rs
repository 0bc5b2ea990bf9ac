//! The short way: build a connection, register the handlers, start, and give the proxy.

use hubs::contract::HubContract;

use super::{Module, names, text};

/// Adds `connectChat` and what it takes and gives.
pub(super) fn emit(module: &mut Module<'_>, hub: &HubContract) {
    module.signalr("HubConnectionBuilder");
    let name = names::application(&hub.name);
    let options = options(hub, name);
    module.push(options);
    module.push(connection(hub, name));
    module.push(connect(hub, name));
}

fn options(hub: &HubContract, name: &str) -> String {
    let mut out = text::docs(&format!("How {{@link connect{name}}} connects."), None, 0);
    out += &format!("export interface Connect{name}Options {{\n");
    if let Some(client) = &hub.client {
        out += &text::docs("Handles the calls of the server; registered before the connection starts.", None, 2);
        out += &format!("  client: {};\n\n", client.name);
    }
    let configure = "Changes the connection before it is built, and gives the builder back.";
    out += &text::docs(configure, None, 2);
    out += "  configure?: (builder: HubConnectionBuilder) => HubConnectionBuilder;\n\n";
    let reconnect = "Whether to connect again, after 0, 2, 10 and 30 seconds, when the connection is lost; `true` if left\n\
                     out. Set it to `false` where `configure` calls `withAutomaticReconnect` with a policy of its own.";
    out += &text::docs(reconnect, None, 2);
    out + "  automaticReconnect?: boolean;\n}\n"
}

fn connection(hub: &HubContract, name: &str) -> String {
    let docs = text::docs(&format!("A connection to `{}`.", hub.name), None, 0);
    format!(
        "{docs}export interface {name}Connection {{\n  /** The connection of the official client underneath. */\n  \
         readonly connection: HubConnection;\n\n  /** What the server can be called with. */\n  readonly hub: {};\n\n  \
         /** Ends the connection. */\n  stop(): Promise<void>;\n}}\n",
        hub.name
    )
}

fn connect(hub: &HubContract, name: &str) -> String {
    let docs = format!("Connects to `{}` at `url`, and connects again when the connection is lost.", hub.name);
    let docs = text::docs(&docs, None, 0);
    let default = if hub.client.is_some() { "" } else { " = {}" };
    let params = ["url: string".to_owned(), format!("options: Connect{name}Options{default}")];
    let after = format!(": Promise<{name}Connection> {{");
    let head = text::wrapped(&format!("export async function connect{name}"), &params, &after, 0);
    let start = match &hub.client {
        Some(client) => format!(
            "  const registered = register{}(connection, options.client);\n  try {{\n    await connection.start();\n  \
             }} catch (error) {{\n    registered.dispose();\n    throw error;\n  }}\n",
            client.name
        ),
        None => "  await connection.start();\n".to_owned(),
    };
    let give =
        format!("  return {{ connection, hub: create{}(connection), stop: () => connection.stop() }};\n", hub.name);
    format!(
        "{docs}{head}\n  const plain = new HubConnectionBuilder().withUrl(url);\n  \
         const builder = options.configure?.(plain) ?? plain;\n  \
         if (options.automaticReconnect ?? true) {{\n    builder.withAutomaticReconnect();\n  }}\n  \
         const connection = builder.build();\n{start}{give}}}\n"
    )
}
