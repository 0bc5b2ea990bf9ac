//! One module: what it imports and its body; the header of every file; the index.

use std::collections::BTreeSet;

use hubs::contract::{ClientContract, Contract, Direction, TypeRef};

use super::{GeneratedFile, MARK, Types, format, names, text};

const SIGNALR: &str = "@microsoft/signalr";

/// A module in the making.
pub(super) struct Module<'a> {
    known: &'a Types<'a>,
    signalr_types: BTreeSet<&'static str>,
    runtime: BTreeSet<&'static str>,
    runtime_types: BTreeSet<&'static str>,
    connection: BTreeSet<&'static str>,
    connection_types: BTreeSet<&'static str>,
    types: BTreeSet<String>,
    client: Option<&'a ClientContract>,
    items: Vec<String>,
}

impl<'a> Module<'a> {
    pub(super) fn new(known: &'a Types<'a>) -> Self {
        Self {
            known,
            signalr_types: BTreeSet::new(),
            runtime: BTreeSet::new(),
            runtime_types: BTreeSet::new(),
            connection: BTreeSet::new(),
            connection_types: BTreeSet::new(),
            types: BTreeSet::new(),
            client: None,
            items: Vec::new(),
        }
    }

    /// Adds an item at the end. One empty line goes between items.
    pub(super) fn push(&mut self, item: String) {
        self.items.push(item);
    }

    /// Needs a type of the official client.
    pub(super) fn signalr_type(&mut self, name: &'static str) {
        self.signalr_types.insert(name);
    }

    /// Needs a helper of `runtime.ts`.
    pub(super) fn runtime(&mut self, name: &'static str) {
        self.runtime.insert(name);
    }

    /// Needs a type of `runtime.ts`.
    pub(super) fn runtime_type(&mut self, name: &'static str) {
        self.runtime_types.insert(name);
    }

    /// Needs a helper of `connection.ts`.
    pub(super) fn connection(&mut self, name: &'static str) {
        self.connection.insert(name);
    }

    /// Needs a type of `connection.ts`.
    pub(super) fn connection_type(&mut self, name: &'static str) {
        self.connection_types.insert(name);
    }

    /// Needs a client interface that has a file of its own.
    pub(super) fn import_client(&mut self, client: &'a ClientContract) {
        self.client = Some(client);
    }

    /// A type as it is written here; what it names is imported.
    pub(super) fn ty(&mut self, ty: &TypeRef, direction: Direction) -> String {
        let ty = self.known.used(ty, direction);
        let known = self.known.names();
        self.types.extend(ty.names().into_iter().filter(|name| known.contains(name)));
        format::inline(&ty)
    }

    /// The file.
    pub(super) fn finish(self, name: &str, header: &str) -> GeneratedFile {
        let owned = |names: BTreeSet<&'static str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let theirs = text::import("import type", owned(self.signalr_types), SIGNALR);
        let mut ours = String::new();
        if let Some(client) = self.client {
            let from = format!("./{}.js", names::file(&client.name));
            ours += &text::import("import", [format!("register{}", client.name)], &from);
            ours += &text::import("import type", [client.name.clone()], &from);
        }
        ours += &text::import("import", owned(self.connection), "./connection.js");
        ours += &text::import("import type", owned(self.connection_types), "./connection.js");
        ours += &text::import("import", owned(self.runtime), "./runtime.js");
        ours += &text::import("import type", owned(self.runtime_types), "./runtime.js");
        ours += &text::import("import type", self.types, "./types.js");
        let parts = [header.to_owned(), theirs, ours].into_iter().chain(self.items);
        let text = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
        GeneratedFile { path: format!("{name}.ts"), text }
    }
}

/// The first lines of every file.
pub(super) fn header(contract: &Contract) -> String {
    let package = &contract.package;
    format!(
        "{MARK} from the contract of {package}. Do not edit it.\n\
         // To make it again: cargo hubs generate -p {package}\n\
         // Contract: {}\n",
        crate::emit::fingerprint(contract)
    )
}

/// `index.ts`: all that a page needs, from one place.
pub(super) fn index(files: &[GeneratedFile], header: &str) -> String {
    let mut modules: Vec<_> = files.iter().map(|file| file.path.trim_end_matches(".ts")).collect();
    modules.retain(|module| !["runtime", "connection"].contains(module));
    modules.sort_unstable();
    let all: String = modules.iter().map(|module| format!("export * from \"./{module}.js\";\n")).collect();
    format!(
        "{header}\n{all}export {{ HubLink, retryDelay }} from \"./connection.js\";\n\
         export type {{ HubLinkOptions, HubLinkState, HubLinkStatus, HubRetryDelay }} from \"./connection.js\";\n\
         export {{ HubCallError }} from \"./runtime.js\";\n\
         export type {{ Disposable, HubStream }} from \"./runtime.js\";\n"
    )
}
