//! JSON Schema for everything that passes, for languages that nothing is generated for: one document, one definition
//! for each message.

use hubs::contract::{Contract, ContractFlow, Method};
use serde_json::{Map, Value, json};

use super::{
    EmitErrors, Emitter, GeneratedFile,
    definitions::{Definitions, Reader},
};

/// Writes one document: JSON Schema of all messages.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonSchema;

impl Emitter for JsonSchema {
    fn emit(&self, contract: &Contract) -> Result<Vec<GeneratedFile>, EmitErrors> {
        Ok(vec![GeneratedFile::alone(document(contract))])
    }
}

/// The document: `$defs` holds `Hub.Method.arguments` (the list as it is sent), `Hub.Method.result` (or `.item` of a
/// stream), `Hub.Method.error`, `Hub.Method.name` for each uploaded stream, and the types.
pub fn document(contract: &Contract) -> String {
    let mut definitions = Definitions::new(contract, "#/$defs/");
    let mut all = Map::new();
    for hub in &contract.hubs {
        for method in &hub.methods {
            messages(&mut definitions, &mut all, &hub.name, method, Reader::Server);
        }
        if let Some(client) = &hub.client {
            for method in &client.methods {
                messages(&mut definitions, &mut all, &client.name, method, Reader::Page);
            }
        }
    }
    all.extend(definitions.finish());
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Messages of {}", contract.package),
        "$defs": all,
    });
    format!("{:#}\n", super::sorted(document))
}

/// `reader` reads the arguments; the other side reads what comes back.
fn messages(
    definitions: &mut Definitions<'_>,
    all: &mut Map<String, Value>,
    interface: &str,
    method: &Method,
    reader: Reader,
) {
    let name = format!("{interface}.{}", method.name);
    let mut arguments = definitions.arguments(method, reader);
    if !method.docs.is_empty() {
        arguments["description"] = method.docs.clone().into();
    }
    if method.deprecated.is_some() {
        arguments["deprecated"] = true.into();
    }
    all.insert(format!("{name}.arguments"), arguments);
    for param in method.params.iter().filter(|param| param.flow == ContractFlow::Stream) {
        all.insert(format!("{name}.{}", param.name), definitions.schema(&param.ty.schema, reader));
    }
    let back = if reader == Reader::Server { Reader::Page } else { Reader::Server };
    if let Some(ty) = &method.output.ty {
        let kind = if method.output.flow == ContractFlow::Stream { "item" } else { "result" };
        all.insert(format!("{name}.{kind}"), definitions.schema(&ty.schema, back));
    }
    if let Some(ty) = &method.error {
        all.insert(format!("{name}.error"), definitions.schema(&ty.schema, back));
    }
}
