//! What the server calls: an interface, and the extension of a connection that registers what implements it.

use hubs::contract::{ClientContract, ContractFlow, Method};

use super::{
    names,
    text::{obsolete, summary, wrapped},
    ty::Types,
};
use crate::emit::model::Place;

/// The whole text, without the header.
pub(super) fn emit(types: &Types<'_>, client: &ClientContract) -> String {
    let name = &client.name;
    let declared: Vec<_> = client.methods.iter().map(|method| declaration(types, name, method)).collect();
    let handlers: String = client.methods.iter().map(|method| registration(types, name, method)).collect();
    format!(
        "\n{}{}public interface I{name}\n{{\n{}}}\n\n\
         {}public static class {name}Extensions\n{{\n\
         {}    public static IDisposable Register(this HubConnection connection, I{name} client)\n    {{\n        \
         var registrations = new List<IDisposable>();\n{handlers}        \
         return new Registrations(registrations);\n    }}\n\n    \
         private sealed class Registrations(List<IDisposable> all) : IDisposable\n    {{\n        \
         public void Dispose() => all.ForEach(static registration => registration.Dispose());\n    }}\n}}\n",
        summary(&client.docs, 0),
        obsolete(client.deprecated.as_deref(), 0),
        declared.join("\n"),
        summary(&format!("Registers what implements `I{name}`."), 0),
        summary(
            "Handles every call of the server until the result is disposed of; register before the connection starts.",
            4
        ),
    )
}

fn types_of(types: &Types<'_>, client: &str, method: &Method) -> Vec<String> {
    let params = method.params.iter();
    params.map(|param| types.text(types.model.at(client, method, Place::Param(&param.name)))).collect()
}

fn declaration(types: &Types<'_>, client: &str, method: &Method) -> String {
    let output = match method.output.flow {
        ContractFlow::None => "Task".to_owned(),
        _ => format!("Task<{}>", types.text(types.model.at(client, method, Place::Output))),
    };
    let names = names::params(method.params.iter().map(|param| &*param.name), &[]);
    let items = types_of(types, client, method).into_iter().zip(names).map(|(ty, name)| format!("{ty} {name}"));
    let items: Vec<_> = items.collect();
    let head = wrapped(&format!("{output} {}", names::method(&method.rust_name)), &items, ";", 4);
    format!("{}{}{head}", summary(&method.docs, 4), obsolete(method.deprecated.as_deref(), 4))
}

fn registration(types: &Types<'_>, client: &str, method: &Method) -> String {
    let params = types_of(types, client, method);
    let typed: Vec<_> = params.iter().map(|ty| format!("typeof({})", types.runtime(ty))).collect();
    let typed = match typed.as_slice() {
        [] => "Type.EmptyTypes".to_owned(),
        all => format!("new[] {{ {} }}", all.join(", ")),
    };
    let values: Vec<_> = params.iter().enumerate().map(|(place, ty)| format!("({ty})arguments[{place}]!")).collect();
    let call = format!("((I{client})state).{}({})", names::method(&method.rust_name), values.join(", "));
    let handler = match method.output.flow {
        ContractFlow::None => format!("static (arguments, state) => {call}"),
        _ => format!("static async (arguments, state) => (object?)await {call}"),
    };
    let arguments = [names::text(&method.name), typed, handler, "client".to_owned()];
    let lines: Vec<_> = arguments.iter().map(|argument| format!("            {argument}")).collect();
    format!("        registrations.Add(connection.On(\n{}));\n", lines.join(",\n"))
}
