//! What a page implements: the interface of its handlers, and the function that registers all of them.

use hubs::contract::{ClientContract, ContractFlow, Method};

use super::{
    Module,
    hub::{output, typed_params},
    names, text,
};

/// Adds the interface of `client` and its registration.
pub(super) fn emit(module: &mut Module<'_>, client: &ClientContract) {
    module.signalr_type("HubConnection");
    module.runtime("register");
    module.runtime_type("Disposable");
    let handlers = interface(module, client);
    module.push(handlers);
    let register = register(module, client);
    module.push(register);
}

fn interface(module: &mut Module<'_>, client: &ClientContract) -> String {
    let mut members = Vec::new();
    for method in &client.methods {
        let name = names::member(&names::camel(&method.rust_name));
        let output = output(module, method);
        let docs = text::docs(&method.docs, method.deprecated.as_deref(), 2);
        let after = format!(": {output} | Promise<{output}>;");
        let params = typed_params(module, method, &names::params(&method.params));
        members.push(docs + &text::wrapped(&name, &params, &after, 2) + "\n");
    }
    let docs = text::docs(&client.docs, client.deprecated.as_deref(), 0);
    let body = if members.is_empty() { "{}".to_owned() } else { format!("{{\n{}}}", members.join("\n")) };
    format!("{docs}export interface {} {body}\n", client.name)
}

fn register(module: &mut Module<'_>, client: &ClientContract) -> String {
    let docs = "Handles every call of the server, until what comes back is disposed of. Register before the connection starts, so that no call is missed.";
    let mut out = text::docs(&fold(docs), None, 0);
    let params = ["connection: HubConnection".to_owned(), format!("handlers: {}", client.name)];
    let name = format!("export function register{}", client.name);
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
    let params = typed_params(module, method, &locals);
    let function = format!("handlers.{}", names::camel(&method.rust_name));
    if method.output.flow == ContractFlow::None {
        // A value would be an answer that nobody asked for, and the official client complains about those.
        let head = text::wrapped(&format!("{key}: async "), &params, ": Promise<void> => {", 4);
        let call = text::wrapped(&format!("await {function}"), &locals, ";", 6);
        return format!("{head}\n{call}\n    }},\n");
    }
    let head = text::wrapped(&format!("{key}: "), &params, " =>", 4);
    text::arrow(head.trim_start(), &function, &locals, 4)
}

/// Folds a sentence of ours into lines of a comment.
fn fold(sentence: &str) -> String {
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        let last = lines.last_mut().expect("there is a first line");
        if last.len() + word.len() + 5 > text::WIDTH {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.join("\n")
}
