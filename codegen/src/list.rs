//! What `cargo hubs list` shows of a contract.

use std::fmt::Write as _;

use hubs::contract::{Contract, ContractFlow, Method};

/// The hubs of a contract, their methods and those of their clients, for people.
pub fn list(contract: &Contract) -> String {
    let mut out = format!("{}\n", contract.package);
    for hub in &contract.hubs {
        let _ = writeln!(out, "  {} ({})", hub.name, hub.rust_path);
        methods(&mut out, &hub.methods);
        if let Some(client) = &hub.client {
            let _ = writeln!(out, "  {} calls {} ({})", hub.name, client.name, client.rust_path);
            methods(&mut out, &client.methods);
        }
    }
    out
}

fn methods(out: &mut String, methods: &[Method]) {
    for method in methods {
        let deprecated = if method.deprecated.is_some() { "  (deprecated)" } else { "" };
        let _ = writeln!(out, "    {}{}{deprecated}", method.name, signature(method));
    }
}

/// `(room: string) -> Note`, in the words of TypeScript.
pub(crate) fn signature(method: &Method) -> String {
    let params = method.params.iter().map(|param| match param.flow {
        ContractFlow::Stream => format!("{}: stream of {}", param.name, param.ty.ts),
        _ => format!("{}: {}", param.name, param.ty.ts),
    });
    let output = match (&method.output.ty, method.output.flow) {
        (Some(ty), ContractFlow::Stream) => format!("stream of {}", ty.ts),
        (Some(ty), _) => ty.ts.clone(),
        (None, _) => "nothing".to_owned(),
    };
    format!("({}) -> {output}", params.collect::<Vec<_>>().join(", "))
}
