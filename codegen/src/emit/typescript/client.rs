//! What a page implements: the interface of its handlers, and the functions that register all or some of them.

use hubs::contract::{ClientContract, ContractFlow, Direction, Method, SlowReaders};

use super::{
    Module,
    hub::{output, typed_params},
    names, text,
};

/// Adds the interface of `client` and its registration.
pub(super) fn emit(module: &mut Module<'_>, client: &ClientContract) {
    module.runtime_type("HubCaller");
    module.runtime("register");
    module.runtime_type("Disposable");
    let handlers = interface(module, client);
    module.push(handlers);
    module.push(part(client));
    module.push(register_all(client));
    let register = register_part(module, client);
    module.push(register);
}

fn interface(module: &mut Module<'_>, client: &ClientContract) -> String {
    let mut members = Vec::new();
    for method in &client.methods {
        let name = names::member(&names::camel(&method.rust_name));
        let output = output(module, method, Direction::Input);
        let docs = text::docs(&with_policy(method), method.deprecated.as_deref(), 2);
        let after = format!(": {output} | Promise<{output}>;");
        let params = typed_params(module, method, &names::params(&method.params), Direction::Output);
        members.push(docs + &text::wrapped(&name, &params, &after, 2) + "\n");
    }
    let docs = text::docs(&client.docs, client.deprecated.as_deref(), 0);
    let body = if members.is_empty() { "{}".to_owned() } else { format!("{{\n{}}}", members.join("\n")) };
    format!("{docs}export interface {} {body}\n", client.name)
}

/// The doc comment, with what a page that does not keep up may miss.
fn with_policy(method: &Method) -> String {
    if method.durable {
        return and(method, DURABLE);
    }
    let Some(policy) = &method.slow_readers else { return method.docs.clone() };
    let missed = match policy {
        SlowReaders::Latest => "A page that does not keep up gets the newest call only.".to_owned(),
        SlowReaders::Coalesce(key) => {
            format!("A page that does not keep up gets the newest call for each `{key}` only.")
        }
        SlowReaders::DropOldest => "A page that does not keep up misses the oldest calls.".to_owned(),
        SlowReaders::EveryMs(millis) => format!("Called at most once in {millis} ms, with the newest values."),
    };
    and(method, &missed)
}

/// What is said of a method that is kept in logs.
const DURABLE: &str = "To groups and users it is durable: a page that was away gets the calls that it has missed, in order, or \
                       learns that they are not kept any more.";

/// The doc comment, and a sentence after it.
fn and(method: &Method, sentence: &str) -> String {
    let sentence = text::fold(sentence);
    if method.docs.is_empty() { sentence } else { format!("{}\n\n{sentence}", method.docs) }
}

/// The type of handlers that need not be complete.
fn part(client: &ClientContract) -> String {
    let name = &client.name;
    let questions: Vec<_> = client.methods.iter().filter(|method| asks(method)).collect();
    let mut docs = format!("Some handlers of {{@link {name}}}.");
    if questions.is_empty() {
        return text::docs(&docs, None, 0) + &format!("export type {name}Part = Partial<{name}>;\n");
    }
    docs += " Handlers that answer the server must be named, so that no question is forgotten: `undefined` where another \
             registration answers.";
    let keys: Vec<_> = questions.iter().map(|method| names::text(&names::camel(&method.rust_name))).collect();
    let members: String = questions
        .iter()
        .zip(&keys)
        .map(|(method, key)| {
            let member = names::member(&names::camel(&method.rust_name));
            format!("  readonly {member}: {name}[{key}] | undefined;\n")
        })
        .collect();
    format!("{}{}\n{members}}}\n", text::docs(&text::fold(&docs), None, 0), part_head(name, &keys))
}

/// The first line of the interface, over several if it is too long for one.
fn part_head(name: &str, keys: &[String]) -> String {
    let union = keys.join(" | ");
    let fits = |line: &str| text::width(line) <= text::WIDTH;
    let line = format!("export interface {name}Part extends Partial<Omit<{name}, {union}>> {{");
    if fits(&line) {
        return line;
    }
    let omit = format!("  Omit<{name}, {union}>");
    let union = format!("    {union}");
    let omit = match (fits(&omit), fits(&union)) {
        (true, _) => omit,
        (false, true) => format!("  Omit<\n    {name},\n{union}\n  >"),
        (false, false) => {
            let union: String = keys.iter().map(|key| format!("\n    | {key}")).collect();
            format!("  Omit<\n    {name},{union}\n  >")
        }
    };
    format!("export interface {name}Part extends Partial<\n{omit}\n> {{")
}

/// Whether the server waits for an answer.
fn asks(method: &Method) -> bool {
    method.output.flow != ContractFlow::None
}

fn register_all(client: &ClientContract) -> String {
    let docs = "Handles every call of the server until the result is disposed of. Register before the connection starts, so \
                that no call is missed.";
    let mut out = text::docs(&text::fold(docs), None, 0);
    let params = ["connection: HubCaller".to_owned(), format!("handlers: {}", client.name)];
    let name = format!("export function register{}", client.name);
    out += &text::wrapped(&name, &params, ": Disposable {", 0);
    out + &format!("\n  return register{}Partially(connection, handlers);\n}}\n", client.name)
}

fn register_part(module: &mut Module<'_>, client: &ClientContract) -> String {
    let mut docs = "Handles the calls that have a handler in `handlers` now. The official client logs a warning for \
                    others"
        .to_owned();
    docs += match client.methods.iter().any(asks) {
        true => "; a question that no handler or two handlers answer fails on the server at once.",
        false => ".",
    };
    let mut out = text::docs(&text::fold(&docs), None, 0);
    let params = ["connection: HubCaller".to_owned(), format!("handlers: {}Part", client.name)];
    let name = format!("export function register{}Partially", client.name);
    out += &text::wrapped(&name, &params, ": Disposable {", 0);
    let handlers: String = client.methods.iter().map(|method| handler(module, method)).collect();
    out += &if handlers.is_empty() {
        "\n  return register(connection, {});\n".to_owned()
    } else {
        format!("\n  return register(connection, {{\n{handlers}  }});\n")
    };
    out + "}\n"
}

fn handler(module: &mut Module<'_>, method: &Method) -> String {
    let key = names::key(&method.name);
    let locals = names::locals(&method.params);
    let params = typed_params(module, method, &locals, Direction::Output);
    let function = format!("handlers.{}", names::camel(&method.rust_name));
    if asks(method) {
        let flat =
            format!("    {key}: {function} && (({}) => {function}?.({})),\n", params.join(", "), locals.join(", "));
        if text::width(flat.trim_end()) <= text::WIDTH {
            return flat;
        }
        let head = text::wrapped("(", &params, " =>", 6);
        let body = format!("{head} {function}?.({})),", locals.join(", "));
        let fits = body.lines().all(|line| text::width(line) <= text::WIDTH);
        let body = match fits {
            true => body,
            false => format!("{head}\n{}", text::wrapped(&format!("{function}?."), &locals, "),", 8)),
        };
        let line = format!("      {function} && {}", body.trim_start());
        if !body.contains('\n') && text::width(&line) <= text::WIDTH {
            return format!("    {key}:\n{line}\n");
        }
        return format!("    {key}:\n      {function} &&\n{body}\n");
    }
    // The server expects no answer; the official client logs an error if a handler returns one.
    let head = text::wrapped("(async ", &params, ": Promise<void> => {", 6);
    let call = text::wrapped(&format!("await {function}?."), &locals, ";", 8);
    format!("    {key}:\n      {function} &&\n{head}\n{call}\n      }}),\n")
}
