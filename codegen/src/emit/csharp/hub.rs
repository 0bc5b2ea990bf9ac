//! The interface of a hub, and the extension of a connection that makes its proxy.

use hubs::contract::{ContractFlow, HubContract, Method};

use super::{
    names,
    text::{obsolete, summary, wrapped},
    ty::Types,
};
use crate::emit::{model::Place, requirement::users};

/// The whole text, without the header.
pub(super) fn emit(types: &Types<'_>, hub: &HubContract) -> String {
    let name = &hub.name;
    let mut docs = hub.docs.clone();
    if let Some(required) = &hub.authorize {
        docs += &format!("\n\nOnly {} can connect.", users([required]));
    }
    let declared: Vec<_> = hub.methods.iter().map(|method| declaration(types, name, method)).collect();
    let bodies: Vec<_> = hub.methods.iter().map(|method| body(types, name, method)).collect();
    let obsolete = obsolete(hub.deprecated.as_deref(), 0);
    format!(
        "\n{}{obsolete}public interface I{name}\n{{\n{}}}\n\n\
         {}public static class {name}Extensions\n{{\n\
         {}    public static I{name} Create{name}(this HubConnection connection) => new Proxy(connection);\n\n    \
         private sealed class Proxy(HubConnection connection) : I{name}\n    {{\n{}    }}\n}}\n",
        summary(&docs, 0),
        declared.join("\n"),
        summary(&format!("Makes proxies of the hub `{name}`."), 0),
        summary("A proxy whose methods call the hub over this connection.", 4),
        bodies.join("\n"),
    )
}

/// `Task<Note>`, `IAsyncEnumerable<Note>`
fn output(types: &Types<'_>, hub: &str, method: &Method) -> (String, Option<String>) {
    match method.output.flow {
        ContractFlow::None => ("Task".to_owned(), None),
        flow => {
            let ty = types.text(types.model.at(hub, method, Place::Output));
            let generic = if flow == ContractFlow::Stream { "IAsyncEnumerable" } else { "Task" };
            (format!("{generic}<{ty}>"), Some(ty))
        }
    }
}

/// Names and types of what is passed.
fn params(types: &Types<'_>, hub: &str, method: &Method) -> Vec<(String, String)> {
    let names = names::params(method.params.iter().map(|param| &*param.name), &["cancellationToken", "connection"]);
    let types = method.params.iter().map(|param| {
        let ty = types.text(types.model.at(hub, method, Place::Param(&param.name)));
        if param.flow == ContractFlow::Stream { format!("IAsyncEnumerable<{ty}>") } else { ty }
    });
    names.into_iter().zip(types).collect()
}

fn declaration(types: &Types<'_>, hub: &str, method: &Method) -> String {
    let (output, _) = output(types, hub, method);
    let mut items: Vec<_> = params(types, hub, method).into_iter().map(|(name, ty)| format!("{ty} {name}")).collect();
    items.push("CancellationToken cancellationToken = default".to_owned());
    let mut docs = vec![method.docs.clone()];
    docs.extend(method.authorize.as_ref().map(|required| format!("Only for {}.", users([required]))));
    if method.error.is_some() {
        let error = types.text(types.model.at(hub, method, Place::Error));
        docs.push(format!("Fails with a `HubException`, for a reason that `{error}` names."));
    }
    docs.retain(|part| !part.is_empty());
    let head = wrapped(&format!("{output} {}", names::method(&method.rust_name)), &items, ";", 4);
    format!("{}{}{head}", summary(&docs.join("\n\n"), 4), obsolete(method.deprecated.as_deref(), 4))
}

fn body(types: &Types<'_>, hub: &str, method: &Method) -> String {
    let (output, item) = output(types, hub, method);
    let params = params(types, hub, method);
    let mut items: Vec<_> = params.iter().map(|(name, ty)| format!("{ty} {name}")).collect();
    items.push("CancellationToken cancellationToken = default".to_owned());
    let generic = item.map(|item| format!("<{item}>")).unwrap_or_default();
    let function = if method.output.flow == ContractFlow::Stream { "StreamAsyncCore" } else { "InvokeCoreAsync" };
    let names: Vec<_> = params.iter().map(|(name, _)| name.as_str()).collect();
    let values = if names.is_empty() {
        "Array.Empty<object?>()".to_owned()
    } else {
        format!("new object?[] {{ {} }}", names.join(", "))
    };
    let arguments = [names::text(&method.name), values, "cancellationToken".to_owned()];
    let head = wrapped(&format!("public {output} {}", names::method(&method.rust_name)), &items, " =>", 8);
    head + &wrapped(&format!("connection.{function}{generic}"), &arguments, ";", 12)
}
