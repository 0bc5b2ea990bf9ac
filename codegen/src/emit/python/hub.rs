//! The class of a hub: one method for each of its methods.

use hubs::contract::{ContractFlow, HubContract, Method};

use super::{
    Module,
    module::{docstring, wrapped},
    names,
    ty::{Style, hidden, ty},
};
use crate::emit::{
    model::{Kind, Model, Place, deprecated},
    requirement::users,
};

/// The whole text.
pub(super) fn emit(model: &Model, hub: &HubContract) -> String {
    let mut module = Module::new(hidden(hub.methods.iter().map(|method| method.rust_name.as_str())));
    module.connection("HubConnection");
    let mut docs = hub.docs.clone();
    if let Some(required) = &hub.authorize {
        docs += &format!("\n\nOnly {} can connect.", users([required]));
    }
    if let Some(note) = &hub.deprecated {
        docs += &format!("\n\n{}", deprecated(note));
    }
    let docs = if docs.trim().is_empty() { format!("The hub `{}`.", hub.name) } else { docs };
    let mut class = format!("class {}:\n{}\n", names::class(&hub.name), docstring(&docs, 4));
    class += "    def __init__(self, connection: HubConnection) -> None:\n        self._connection = connection\n";
    for method in &hub.methods {
        class.push('\n');
        class += &body(&mut module, model, &hub.name, method);
    }
    module.push(class);
    module.finish(&format!("The hub `{}`.", hub.name))
}

/// A name in Python for what is passed, with its type.
pub(super) fn params(module: &mut Module, model: &Model, interface: &str, method: &Method) -> Vec<(String, String)> {
    let names = names::params(method.params.iter().map(|param| param.name.as_str()), &["self"]);
    let types = method.params.iter().map(|param| {
        let kind = model.at(interface, method, Place::Param(&param.name));
        let ty = ty(module, kind, Style::Annotation);
        match param.flow {
            ContractFlow::Stream => format!("{}[{ty}]", module.collections("AsyncIterable")),
            _ => ty,
        }
    });
    let types: Vec<_> = types.collect();
    names.into_iter().zip(types).collect()
}

fn body(module: &mut Module, model: &Model, hub: &str, method: &Method) -> String {
    let params = params(module, model, hub, method);
    let output = match method.output.flow {
        ContractFlow::None => "None".to_owned(),
        _ => ty(module, model.at(hub, method, Place::Output), Style::Annotation),
    };
    let is_stream = method.output.flow == ContractFlow::Stream;
    let (keyword, back) = if is_stream {
        ("def", format!("{}[{output}, None]", module.collections("AsyncGenerator")))
    } else {
        ("async def", output.clone())
    };
    let typed = params.iter().map(|(name, ty)| format!("{name}: {ty}"));
    let typed: Vec<_> = std::iter::once("self".to_owned()).chain(typed).collect();
    let name = names::member(&method.rust_name);
    let head = wrapped(&format!("{keyword} {name}"), &typed, &format!(" -> {back}:"), 4);
    let docs = docstring(&docs(module, model, hub, method), 8);
    let arguments = arguments(method, &params);
    let call =
        |before: &str, function: &str| wrapped(&format!("{before}self._connection.{function}"), &arguments, "", 8);
    let calls = match (is_stream, output.as_str()) {
        (true, _) => call("return ", "items"),
        (false, "None") => call("await ", "invoke"),
        (false, output) => {
            let taken: Vec<&str> = params.iter().map(|(name, _)| name.as_str()).collect();
            let answer = names::params(["answer"], &taken).remove(0);
            call(&format!("{answer}: {output} = await "), "invoke") + &format!("        return {answer}\n")
        }
    };
    format!("{head}{docs}{calls}")
}

/// What the connection is given: the wire name, the values, and the streams.
fn arguments(method: &Method, params: &[(String, String)]) -> Vec<String> {
    let of = |flow: ContractFlow| {
        let wanted = method.params.iter().zip(params).filter(move |(param, _)| param.flow == flow);
        wanted.map(|(_, (name, _))| name.clone()).collect::<Vec<_>>().join(", ")
    };
    let mut arguments = vec![names::text(&method.name), format!("[{}]", of(ContractFlow::Value))];
    let streams = of(ContractFlow::Stream);
    if !streams.is_empty() {
        arguments.push(format!("uploads=[{streams}]"));
    }
    if method.cancellable && method.output.flow != ContractFlow::Stream {
        arguments.push("cancellable=True".to_owned());
    }
    arguments
}

fn docs(module: &mut Module, model: &Model, hub: &str, method: &Method) -> String {
    let mut parts = vec![method.docs.clone()];
    if let Some(required) = &method.authorize {
        parts.push(format!("Only for {}.", users([required])));
    }
    if method.error.is_some() {
        let kind: &Kind = model.at(hub, method, Place::Error);
        let error = ty(module, kind, Style::Annotation);
        parts.push(format!("Fails with a `HubCallError`, whose `data` may be a `{error}`."));
    }
    parts.extend(method.deprecated.as_deref().map(deprecated));
    parts.retain(|part| !part.trim().is_empty());
    parts.join("\n\n")
}
