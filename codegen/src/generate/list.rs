//! What `cargo hubs list` shows of a contract.

use std::fmt::Write as _;

use hubs::contract::{Contract, ContractFlow, Direction, Method};

use crate::emit::typescript::Types;

/// The hubs of a contract, their methods and those of their clients, for people.
pub fn list(contract: &Contract) -> String {
    let types = Types::new(contract);
    let mut out = format!("{}\n", contract.package);
    for hub in &contract.hubs {
        let _ = writeln!(out, "  {} ({})", hub.name, hub.rust_path);
        methods(&mut out, &types, &hub.methods, Direction::Input);
        if let Some(client) = &hub.client {
            let _ = writeln!(out, "  {} calls {} ({})", hub.name, client.name, client.rust_path);
            methods(&mut out, &types, &client.methods, Direction::Output);
        }
    }
    out
}

fn methods(out: &mut String, types: &Types<'_>, methods: &[Method], direction: Direction) {
    for method in methods {
        let deprecated = if method.deprecated.is_some() { "  (deprecated)" } else { "" };
        let _ = writeln!(out, "    {}{}{deprecated}", method.name, signature(types, method, direction));
    }
}

/// `(room: string) -> Note`, in the words of TypeScript. `direction` is the way of the arguments.
pub(crate) fn signature(types: &Types<'_>, method: &Method, direction: Direction) -> String {
    let params = method.params.iter().map(|param| {
        let ty = types.text(&param.ty, direction);
        match param.flow {
            ContractFlow::Stream => format!("{}: stream of {ty}", param.name),
            _ => format!("{}: {ty}", param.name),
        }
    });
    let output = method.output.ty.as_ref().map(|ty| types.text(ty, direction.back()));
    let output = match (output, method.output.flow) {
        (Some(ty), ContractFlow::Stream) => format!("stream of {ty}"),
        (Some(ty), _) => ty,
        (None, _) => "nothing".to_owned(),
    };
    let error = method.error.as_ref().map(|ty| format!(", or {}", types.text(ty, direction.back())));
    format!("({}) -> {output}{}", params.collect::<Vec<_>>().join(", "), error.unwrap_or_default())
}
