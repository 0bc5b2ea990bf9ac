//! Hubs in the components of a framework: one file for each framework that is asked for, over the connections of the
//! other files. Every hub has one function there, `useChat` for `ChatHub`, and `useChatPresence` if it has presence.

mod presence;

use std::collections::BTreeSet;

use hubs::contract::{ClientContract, Contract, HubContract};
use serde::Deserialize;

use super::{EmitErrors, Emitter, GeneratedFile, Imports, Types, module, names, text};

/// A framework that components are written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Framework {
    /// Vue 3: composables.
    Vue,
    /// React 19: hooks.
    React,
}

/// Writes `vue.ts` and `react.ts`. They stand beside the files of [`TypeScript`](super::TypeScript).
#[derive(Debug, Clone, Default)]
pub struct Frameworks {
    /// The frameworks that get a file.
    pub frameworks: Vec<Framework>,
    /// How the files import the others.
    pub imports: Imports,
}

impl Emitter for Frameworks {
    fn emit(&self, contract: &Contract) -> Result<Vec<GeneratedFile>, EmitErrors> {
        let wanted: BTreeSet<_> = self.frameworks.iter().copied().filter(|_| !contract.hubs.is_empty()).collect();
        Ok(self.imports.apply(wanted.into_iter().map(|framework| file(framework, contract)).collect()))
    }
}

impl std::fmt::Display for Framework {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.file().trim_end_matches(".ts"))
    }
}

impl std::str::FromStr for Framework {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = [Self::Vue, Self::React];
        all.into_iter().find(|framework| framework.to_string() == name).ok_or("there are `vue` and `react`".to_owned())
    }
}

impl Framework {
    fn file(self) -> &'static str {
        match self {
            Self::Vue => "vue.ts",
            Self::React => "react.ts",
        }
    }

    /// What all hubs share.
    fn body(self) -> &'static str {
        match self {
            Self::Vue => include_str!("vue.ts"),
            Self::React => include_str!("react.ts"),
        }
    }

    /// Imports from the framework.
    fn imports(self, has_presence: bool) -> String {
        let (from, functions, types): (_, &[&str], &[&str]) = match self {
            Self::Vue => (
                "vue",
                &["getCurrentInstance", "getCurrentScope", "onMounted", "onScopeDispose", "shallowRef"],
                &["ShallowRef"],
            ),
            Self::React => (
                "react",
                &["useCallback", "useEffect", "useLayoutEffect", "useMemo", "useRef", "useSyncExternalStore"],
                &[],
            ),
        };
        let more = if has_presence { presence::imports(self) } else { (&[][..], &[][..]) };
        let owned = |names: &[&str], more: &[&str]| {
            names.iter().chain(more).map(|name| (*name).to_owned()).collect::<BTreeSet<_>>()
        };
        let types = text::import("import type", owned(types, more.1), from);
        text::import("import", owned(functions, more.0), from) + &types
    }

    /// Types of the connection that the shared part names.
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Vue => &["HubLink", "HubLinkState"],
            Self::React => &["HubLink", "HubLinkState", "HubLinkStatus"],
        }
    }

    fn docs(self, hub: &str) -> String {
        match self {
            Self::Vue => format!(
                "`{hub}` at `url`, for as long as the component lives: connects when it is mounted, and ends when it is \
                 unmounted. In an `effectScope` outside of components it connects at once."
            ),
            Self::React => format!(
                "`{hub}` at `url`, for as long as the component is mounted. Another `url` is another connection. The \
                 handlers and `onConnected` of the last render are called."
            ),
        }
    }

    /// How the connection is made and kept.
    fn make(self, hub: &HubContract, name: &str) -> String {
        match (self, &hub.client) {
            (Self::Vue, None) => format!("  return useLink(create{name}Connection(url, options));\n"),
            (Self::Vue, Some(_)) => {
                let flat =
                    format!("  return useLink(create{name}Connection(url, {{ ...options, client: handlers }}));");
                if flat.len() <= text::WIDTH {
                    return flat + "\n";
                }
                format!(
                    "  const link = create{name}Connection(url, {{ ...options, client: handlers }});\n  return useLink(link);\n"
                )
            }
            (Self::React, client) => react(client.as_ref(), name),
        }
    }
}

fn file(framework: Framework, contract: &Contract) -> GeneratedFile {
    let mut values = BTreeSet::new();
    let mut types: BTreeSet<String> = framework.types().iter().map(|name| (*name).to_owned()).collect();
    let mut hooks = Vec::new();
    let known = Types::new(contract);
    let mut presence = None;
    for hub in &contract.hubs {
        let name = names::application(&hub.name);
        values.insert(format!("create{name}Connection"));
        types.insert(format!("Connect{name}Options"));
        types.insert(format!("{name}Connection"));
        types.extend(hub.client.as_ref().map(|client| client.name.clone()));
        hooks.push(hook(framework, hub, name));
        if let Some(hook) = presence::hook(framework, hub, &known, &mut types) {
            hooks.push(hook);
            presence = Some(presence::body(framework));
        }
    }
    let ours = text::import("import", values, "./index.js") + &text::import("import type", types, "./index.js");
    let imports = framework.imports(presence.is_some());
    let parts = [module::header(contract), imports, ours, framework.body().to_owned()];
    let text = parts.into_iter().chain(presence.map(str::to_owned)).chain(hooks).collect::<Vec<_>>().join("\n");
    GeneratedFile { path: framework.file().to_owned(), text }
}

fn hook(framework: Framework, hub: &HubContract, name: &str) -> String {
    let docs = text::docs(&text::fold(&framework.docs(&hub.name)), None, 0);
    let mut params = vec!["url: string".to_owned()];
    let mut options = String::new();
    match &hub.client {
        None => params.push(format!("options: Connect{name}Options = {{}}")),
        Some(client) => {
            params.extend([format!("handlers: {} | null", client.name), format!("options: Use{name}Options = {{}}")]);
            options = text::docs(&format!("How {{@link use{name}}} connects."), None, 0);
            options += &format!("export type Use{name}Options = Omit<Connect{name}Options, \"client\">;\n\n");
        }
    }
    let head =
        text::wrapped(&format!("export function use{name}"), &params, &format!(": UsedHub<{name}Connection> {{"), 0);
    format!("{options}{docs}{head}\n{}}}\n", framework.make(hub, name))
}

/// The connection is made once for an address; handlers, which may be new in each render, are read when they are called.
fn react(client: Option<&ClientContract>, name: &str) -> String {
    let latest = if client.is_some() { "{ handlers, options }" } else { "{ options }" };
    let mut out = format!("  const latest = useLatest({latest});\n  const link = useMemo(\n    () =>\n");
    out += &format!("      create{name}Connection(url, {{\n        ...options,\n");
    if let Some(client) = client {
        let handlers: String = client
            .methods
            .iter()
            .map(|method| {
                let (name, params) = (names::camel(&method.rust_name), names::locals(&method.params));
                let head = format!("{name}: ({}) =>", params.join(", "));
                text::arrow(&head, &format!("(latest.current.handlers ?? handlers).{name}"), &params, 10)
            })
            .collect();
        out += &format!("        client: handlers && {{\n{handlers}        }},\n");
    }
    out += "        onConnected: (hub) => latest.current.options.onConnected?.(hub),\n      }),\n";
    out + "    [url, latest],\n  );\n  return useLink(link);\n"
}
