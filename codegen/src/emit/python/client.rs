//! What the server calls: a protocol of handlers, and the function that registers them.

use hubs::contract::{ClientContract, ContractFlow, Method};

use super::{
    Module,
    hub::params,
    module::{docstring, wrapped},
    names,
    ty::{Style, hidden, ty},
};
use crate::emit::model::{Model, Place, deprecated};

/// The whole text.
pub(super) fn emit(model: &Model, client: &ClientContract) -> String {
    let names = client.methods.iter().map(|method| method.rust_name.as_str());
    let mut module = Module::new(hidden(names));
    module.connection("HubConnection");
    let class = protocol(&mut module, model, client);
    module.push(class);
    module.push(registration(client));
    module.finish(&format!("What the server calls: `{}`.", client.name))
}

/// `register_chat_client`
pub(super) fn register(client: &ClientContract) -> String {
    format!("register_{}", names::snake(&client.name))
}

fn protocol(module: &mut Module, model: &Model, client: &ClientContract) -> String {
    let mut docs = vec![client.docs.clone()];
    docs.extend(client.deprecated.as_deref().map(deprecated));
    docs.retain(|part| !part.is_empty());
    let docs = if docs.is_empty() { vec![format!("Handlers of `{}`.", client.name)] } else { docs };
    let name = names::class(&client.name);
    let mut class = format!("class {name}({}):\n{}", module.typing("Protocol"), docstring(&docs.join("\n\n"), 4));
    for method in &client.methods {
        class.push('\n');
        class += &handler(module, model, client, method);
    }
    class
}

fn handler(module: &mut Module, model: &Model, client: &ClientContract, method: &Method) -> String {
    let output = match method.output.flow {
        ContractFlow::None => "None".to_owned(),
        _ => ty(module, model.at(&client.name, method, Place::Output), Style::Annotation),
    };
    let typed = params(module, model, &client.name, method).into_iter().map(|(name, ty)| format!("{name}: {ty}"));
    let typed: Vec<_> = std::iter::once("self".to_owned()).chain(typed).collect();
    let head =
        wrapped(&format!("async def {}", names::member(&method.rust_name)), &typed, &format!(" -> {output}:"), 4);
    let mut docs = vec![method.docs.clone()];
    docs.extend(method.deprecated.as_deref().map(deprecated));
    docs.retain(|part| !part.is_empty());
    format!("{head}{}        ...\n", docstring(&docs.join("\n\n"), 8))
}

fn registration(client: &ClientContract) -> String {
    let (name, class) = (register(client), names::class(&client.name));
    let params = ["connection: HubConnection".to_owned(), format!("handlers: {class}")];
    let mut out = wrapped(&format!("def {name}"), &params, " -> None:", 0);
    out += "    \"\"\"Handles every call of the server; register before the connection starts.\"\"\"\n";
    for method in &client.methods {
        let asks = method.output.flow != ContractFlow::None;
        let function = if asks { "on_question" } else { "on_call" };
        let arguments = [
            names::text(&method.name),
            format!("handlers.{}", names::member(&method.rust_name)),
            method.params.len().to_string(),
        ];
        out += &wrapped(&format!("connection.{function}"), &arguments, "", 4);
    }
    out
}
