//! AsyncAPI 3: each hub is a channel, each method an operation, seen from the server.

use hubs::contract::{Contract, ContractFlow, HubContract, Method};
use serde_json::{Map, Value, json};

use super::{
    EmitErrors, Emitter, GeneratedFile,
    definitions::{Definitions, Reader},
};

/// Writes one document: AsyncAPI 3.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsyncApi;

impl Emitter for AsyncApi {
    fn emit(&self, contract: &Contract) -> Result<Vec<GeneratedFile>, EmitErrors> {
        Ok(vec![GeneratedFile::alone(document(contract))])
    }
}

/// The document. The address of a channel is `null`: a contract does not know where a server puts its hubs.
pub fn document(contract: &Contract) -> String {
    let mut parts = Parts {
        definitions: Definitions::new(contract, "#/components/schemas/"),
        operations: Map::new(),
        messages: Map::new(),
    };
    let channels: Map<_, _> = contract.hubs.iter().map(|hub| (hub.name.clone(), parts.channel(hub))).collect();
    let document = json!({
        "asyncapi": "3.0.0",
        "info": { "title": contract.package, "version": super::fingerprint(contract) },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": parts.operations,
        "components": { "messages": parts.messages, "schemas": parts.definitions.finish() },
    });
    format!("{:#}\n", super::sorted(document))
}

struct Parts<'a> {
    definitions: Definitions<'a>,
    operations: Map<String, Value>,
    messages: Map<String, Value>,
}

impl Parts<'_> {
    fn channel(&mut self, hub: &HubContract) -> Value {
        let mut names = Vec::new();
        for method in &hub.methods {
            names.extend(self.operation(hub, &hub.name, method, Reader::Server));
        }
        if let Some(client) = &hub.client {
            for method in &client.methods {
                names.extend(self.operation(hub, &client.name, method, Reader::Page));
            }
        }
        let messages: Map<_, _> =
            names.into_iter().map(|name| (name.clone(), reference("components/messages", &name))).collect();
        let mut channel = json!({ "address": null, "title": hub.name, "messages": messages });
        if !hub.docs.is_empty() {
            channel["description"] = hub.docs.clone().into();
        }
        channel
    }

    /// Adds an operation and its messages; gives the names of these.
    fn operation(&mut self, hub: &HubContract, interface: &str, method: &Method, reader: Reader) -> Vec<String> {
        let name = format!("{interface}.{}", method.name);
        let channel = format!("channels/{}/messages", hub.name);
        let arguments = self.definitions.arguments(method, reader);
        let mut names = vec![self.message(&name, method, &arguments)];
        for param in method.params.iter().filter(|param| param.flow == ContractFlow::Stream) {
            let item = self.definitions.schema(&param.ty.schema, reader);
            names.push(self.message(&format!("{name}.{}", param.name), method, &item));
        }
        let asked: Vec<_> = names.iter().map(|name| reference(&channel, name)).collect();
        let mut operation = json!({
            "action": if reader == Reader::Server { "receive" } else { "send" },
            "channel": reference("channels", &hub.name),
            "messages": asked,
        });
        if let Some(ty) = &method.output.ty {
            let back = if reader == Reader::Server { Reader::Page } else { Reader::Server };
            let payload = self.definitions.schema(&ty.schema, back);
            let answer = self.message(&format!("{name}.result"), method, &payload);
            operation["reply"] = json!({
                "channel": reference("channels", &hub.name),
                "messages": [reference(&channel, &answer)],
            });
            names.push(answer);
        }
        // A client interface may belong to several hubs: each calls it over its own channel.
        let key = if interface == hub.name { name } else { format!("{}.{name}", hub.name) };
        self.operations.insert(key, operation);
        names
    }

    fn message(&mut self, name: &str, method: &Method, payload: &Value) -> String {
        let mut message = json!({ "name": name, "title": name, "payload": payload });
        if !method.docs.is_empty() {
            message["description"] = method.docs.clone().into();
        }
        if let Some(note) = &method.deprecated {
            message["tags"] = json!([{ "name": "deprecated", "description": note }]);
        }
        self.messages.insert(name.to_owned(), message);
        name.to_owned()
    }
}

fn reference(place: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/{place}/{name}") })
}
