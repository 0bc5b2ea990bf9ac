//! One module: what it imports and its body; the header of every file; the index.

use std::collections::BTreeSet;

use hubs::contract::{ClientContract, Contract, Direction, Method, TypeRef};

use super::{GeneratedFile, MARK, RUNTIME, Types, errors, format, names, presence, schema::Ty, text};

const SIGNALR: &str = "@microsoft/signalr";

/// A module in the making.
pub(super) struct Module<'a> {
    known: &'a Types<'a>,
    signalr_types: BTreeSet<&'static str>,
    /// Names of the files that every contract has, with whether they are types.
    runtime: BTreeSet<(&'static str, bool, &'static str)>,
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

    /// Needs a helper for calls.
    pub(super) fn runtime(&mut self, name: &'static str) {
        self.runtime.insert((home(name), false, name));
    }

    /// Needs a type of the helpers for calls.
    pub(super) fn runtime_type(&mut self, name: &'static str) {
        self.runtime.insert((home(name), true, name));
    }

    /// Needs a helper of `connection.ts`.
    pub(super) fn connection(&mut self, name: &'static str) {
        self.runtime.insert(("./connection.js", false, name));
    }

    /// Needs a type of `connection.ts`.
    pub(super) fn connection_type(&mut self, name: &'static str) {
        self.runtime.insert(("./connection.js", true, name));
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

    /// The errors that a method names, if they have a name in TypeScript.
    pub(super) fn errors(&self, method: &Method) -> Option<errors::Named> {
        errors::named(self.known, method)
    }

    /// Whether `null` is a value of a type.
    pub(super) fn is_nullable(&self, ty: &TypeRef, direction: Direction) -> bool {
        matches!(self.known.used(ty, direction), Ty::Union(parts) if parts.contains(&Ty::atom("null")))
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
        let files: BTreeSet<_> = self.runtime.iter().map(|(file, is_type, _)| (*file, *is_type)).collect();
        for (file, is_type) in files {
            let names = self.runtime.iter().filter(|(from, of_type, _)| (*from, *of_type) == (file, is_type));
            let keyword = if is_type { "import type" } else { "import" };
            ours += &text::import(keyword, names.map(|(_, _, name)| (*name).to_owned()), file);
        }
        ours += &text::import("import type", self.types, "./types.js");
        let parts = [header.to_owned(), theirs, ours].into_iter().chain(self.items);
        let text = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
        GeneratedFile { path: format!("{name}.ts"), text }
    }
}

/// What tells linters and formatters to pass over a file. ESLint warns of an `eslint-disable` that hides nothing, so there is
/// one thing to hide: the comment `@generated`. Prettier has no such comment; what is written here is as it would write it.
const LEAVE_ALONE: &str = "\
/* eslint no-warning-comments: [1, { terms: [\"@generated\"] }] */
/* eslint-disable */
// @generated
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
";

/// The first lines of every file.
pub(super) fn header(contract: &Contract) -> String {
    let package = &contract.package;
    let features = match contract.features.as_slice() {
        [] => String::new(),
        names => format!("// Features of {package}: {}\n", names.join(", ")),
    };
    format!(
        "{MARK} from the contract of {package}. Do not edit it.\n\
         // To make it again: cargo hubs generate -p {package}\n\
         {features}// Contract: {}\n\
         {LEAVE_ALONE}",
        crate::emit::fingerprint(contract)
    )
}

/// The file of a helper for calls.
fn home(name: &str) -> &'static str {
    match name {
        "HubLogOptions" | "Logs" => "./log.js",
        "HubPresenceGroup" | "presenceOf" => "./presence.js",
        "HubCaller" | "HubCallError" | "failedWith" | "withErrors" => "./call.js",
        "HubStream" | "resumable" | "stream" | "upload" => "./streams.js",
        _ => "./runtime.js",
    }
}

/// `index.ts`: everything that a page needs, from one place.
pub(super) fn index(files: &[GeneratedFile], header: &str) -> String {
    let is_ours =
        |file: &&GeneratedFile| file.path != presence::FILE && !RUNTIME.iter().any(|(path, _)| *path == file.path);
    let mut modules: Vec<_> = files.iter().filter(is_ours).map(|file| file.path.trim_end_matches(".ts")).collect();
    modules.sort_unstable();
    let all: String = modules.iter().map(|module| format!("export * from \"./{module}.js\";\n")).collect();
    let presence = if files.iter().any(|file| file.path == presence::FILE) { presence::EXPORTS } else { "" };
    format!("{header}\n{all}{EXPORTS}{presence}")
}

/// What the index exports of the files that every contract has.
const EXPORTS: &str = r#"export { HubCallError, hubProtocol } from "./call.js";
export type { HubCallReason, HubCaller } from "./call.js";
export { retryDelay } from "./connection.js";
export type {
  HubLink,
  HubLinkOptions,
  HubLinkState,
  HubLinkStatus,
  HubRetryDelay,
} from "./connection.js";
export type { HubCallQueue } from "./lazy.js";
export type {
  HubGap,
  HubLogOptions,
  HubLogScope,
  HubLogs,
  HubRecovered,
} from "./log.js";
export { openFeed } from "./runtime.js";
export type { Disposable } from "./runtime.js";
export type { HubFeed, HubFeedOptions } from "./runtime.js";
export type { HubStream } from "./streams.js";
"#;
