//! The proxy of a hub: its interface, the interface of the calls that do not wait, and the function that makes it.

use hubs::contract::{ContractFlow, Direction, HubContract, Method, Param};

use super::{Module, errors::Named, names, streams, text};
use crate::emit::{rate, requirement::users};

/// Adds the proxy of `hub`.
pub(super) fn emit(module: &mut Module<'_>, hub: &HubContract) {
    module.runtime_type("HubCaller");
    for method in &hub.methods {
        if is_stream(method) {
            module.runtime(if method.resumable { "resumable" } else { "stream" });
            module.runtime_type("HubStream");
        } else {
            module.runtime(function(method));
            module.runtime("send");
        }
        if module.errors(method).is_some() {
            module.runtime("withErrors");
        }
        if method.params.iter().any(|param| param.flow == ContractFlow::Stream) {
            module.runtime("upload");
            module.signalr_type("Subject");
        }
    }
    let calls = interface(module, hub);
    module.push(calls);
    let sends = send_interface(module, hub);
    module.push(sends);
    let create = create(module, hub);
    module.push(create);
}

fn interface(module: &mut Module<'_>, hub: &HubContract) -> String {
    let mut docs = hub.docs.clone();
    if let Some(required) = &hub.authorize {
        docs += &format!("\n\nOnly {} can connect.", users([required]));
    }
    let mut out = text::docs(docs.trim_start(), hub.deprecated.as_deref(), 0);
    out += &format!("export interface {} {{\n", hub.name);
    for method in &hub.methods {
        let output = output(module, method, Direction::Output);
        let output = if is_stream(method) { format!("HubStream<{output}>") } else { format!("Promise<{output}>") };
        let signal = is_cancellable(method).then(|| format!("{}?: AbortSignal", signal(method)));
        let errors = module.errors(method);
        out += &member(module, method, signal, &output, errors.as_ref());
        out.push('\n');
    }
    let docs = "The same calls, sent without waiting for what the server does with them.";
    out += &text::docs(docs, None, 2);
    out + &format!("  readonly send: {}Send;\n}}\n", hub.name)
}

fn send_interface(module: &mut Module<'_>, hub: &HubContract) -> String {
    let docs = format!("The methods of {{@link {}}}; a promise settles when the call is on its way.", hub.name);
    let members: Vec<_> = sent(hub).map(|method| member(module, method, None, "Promise<void>", None)).collect();
    let body = if members.is_empty() { "{}".to_owned() } else { format!("{{\n{}}}", members.join("\n")) };
    format!("{}export interface {}Send {body}\n", text::docs(&docs, None, 0), hub.name)
}

fn member(
    module: &mut Module<'_>,
    method: &Method,
    signal: Option<String>,
    output: &str,
    errors: Option<&Named>,
) -> String {
    let name = names::member(&names::camel(&method.rust_name));
    let mut docs = method.docs.clone();
    if streams::lost(method) > 0 {
        docs += &format!("\n\n{}", streams::LOST);
    }
    if let Some(required) = &method.authorize {
        docs += &format!("\n\nFor {}. Others get a `HubCallError` with the reason `unauthorized`.", users([required]));
    }
    if let Some(rate) = method.rate {
        docs += &format!("\n\nAt most {} on one connection; further ones fail.", rate::text(rate));
    }
    if method.idempotent {
        docs += "\n\nWhere it is not known whether a call ran, since the connection was lost, it is made again.";
    }
    if method.resumable {
        docs += "\n\nWhen the connection is lost, the stream is read on over the next one.";
    }
    if let Some(Named { guard, text }) = errors {
        docs += &format!("\n\n@throws `HubCallError`; `{guard}` tells whether its `data` is a `{text}`.");
    }
    let docs = text::docs(&docs, method.deprecated.as_deref(), 2);
    let mut params = arguments(module, method);
    params.extend(signal);
    let signature = text::wrapped(&name, &params, &format!(": {output};"), 2);
    format!("{docs}{signature}\n")
}

fn create(module: &mut Module<'_>, hub: &HubContract) -> String {
    let mut out = text::docs(&format!("Calls `{}` over a connection.", hub.name), None, 0);
    let connection = if hub.methods.is_empty() { "_connection" } else { "connection" };
    out += &format!("export function create{0}({connection}: HubCaller): {0} {{\n  return {{\n", hub.name);
    for method in &hub.methods {
        let output = output(module, method, Direction::Output);
        let named = match module.errors(method) {
            Some(errors) => format!("withErrors({}, {})", names::text(&method.name), names::text(&errors.text)),
            None => names::text(&method.name),
        };
        out += &if is_cancellable(method) {
            call(method, &named, &format!("invokeCancellable<{output}>"), Some("signal"), 4)
        } else {
            let function = match is_stream(method) {
                true if method.resumable => "resumable",
                true => "stream",
                false => function(method),
            };
            call(method, &named, &format!("{function}<{output}>"), None, 4)
        };
    }
    let sends: String = sent(hub).map(|method| call(method, &names::text(&method.name), "send", None, 6)).collect();
    out += &if sends.is_empty() { "    send: {},\n".to_owned() } else { format!("    send: {{\n{sends}    }},\n") };
    out + "  };\n}\n"
}

fn call(method: &Method, named: &str, function: &str, signal: Option<&str>, indent: usize) -> String {
    let mut params = names::locals(&method.params);
    let mut args = vec!["connection".to_owned()];
    args.extend(signal.map(str::to_owned));
    args.push(named.to_owned());
    args.extend(streams::order(method).into_iter().map(|index| match method.params[index].flow {
        ContractFlow::Stream => format!("upload(connection, {})", params[index]),
        _ => params[index].clone(),
    }));
    params.extend(signal.map(str::to_owned));
    let head = format!("{}: ({}) =>", names::camel(&method.rust_name), params.join(", "));
    text::arrow(&head, function, &args, indent)
}

/// The parameters of a call: those behind the last that must be given can be left out.
fn arguments(module: &mut Module<'_>, method: &Method) -> Vec<String> {
    let optional =
        |param: &&Param| param.flow == ContractFlow::Value && module.is_nullable(&param.ty, Direction::Input);
    let optional = method.params.iter().rev().take_while(optional).count();
    let mut params = typed_params(module, method, &names::params(&method.params), Direction::Input);
    let first = params.len() - optional;
    for param in &mut params[first..] {
        *param = param.replacen(": ", "?: ", 1);
    }
    params
}

/// `name: type` for each parameter, under the given names.
pub(super) fn typed_params(
    module: &mut Module<'_>,
    method: &Method,
    names: &[String],
    direction: Direction,
) -> Vec<String> {
    let typed = names.iter().zip(&method.params).map(|(name, param)| {
        let ty = module.ty(&param.ty, direction);
        match param.flow {
            ContractFlow::Stream => format!("{name}: Subject<{ty}> | AsyncIterable<{ty}>"),
            _ => format!("{name}: {ty}"),
        }
    });
    typed.collect()
}

/// Whether a call takes an `AbortSignal`. A stream is cancelled by leaving it.
fn is_cancellable(method: &Method) -> bool {
    method.cancellable && !is_stream(method)
}

/// The helper that makes a call.
fn function(method: &Method) -> &'static str {
    match method {
        Method { cancellable: true, .. } => "invokeCancellable",
        Method { idempotent: true, .. } => "invokeIdempotent",
        _ => "invoke",
    }
}

/// The name of the parameter for the `AbortSignal` in the interface.
fn signal(method: &Method) -> &'static str {
    let is_taken = method.params.iter().any(|param| names::camel(&param.name) == "signal");
    if is_taken { "abortSignal" } else { "signal" }
}

/// Whether the method answers with a stream.
fn is_stream(method: &Method) -> bool {
    method.output.flow == ContractFlow::Stream
}

/// The methods that can be called without waiting: the streams of the others would have no reader.
fn sent(hub: &HubContract) -> impl Iterator<Item = &Method> {
    hub.methods.iter().filter(|method| !is_stream(method))
}

/// What a method returns.
pub(super) fn output(module: &mut Module<'_>, method: &Method, direction: Direction) -> String {
    match (&method.output.ty, method.output.flow) {
        (Some(ty), ContractFlow::Value | ContractFlow::Stream) => module.ty(ty, direction),
        _ => "void".to_owned(),
    }
}
