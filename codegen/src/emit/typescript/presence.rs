//! Who is in a group: what the connection of a hub has for it whose client interface names what a member shows. Contracts
//! without such an interface know nothing of it.

use hubs::contract::{Contract, Direction, HubContract, TypeRef};

use super::{GeneratedFile, Module, text};

/// The file that keeps the members of groups.
pub(super) const FILE: &str = "presence.ts";

/// What the index exports of it.
pub(super) const EXPORTS: &str = r#"export type {
  HubMember,
  HubPresence,
  HubPresenceEvents,
  HubPresenceGroup,
} from "./presence.js";
"#;

/// Names that the generated files import, export or use, in contracts that have presence only.
pub(super) const NAMES: &[&str] = &[
    "computed",
    "ComputedRef",
    "HubMember",
    "HubPresence",
    "HubPresenceEvents",
    "HubPresenceGroup",
    "MaybeRefOrGetter",
    "NO_GROUP",
    "presenceOf",
    "toValue",
    "UsedPresence",
    "usePresence",
    "watch",
];

/// What members of the groups of a hub show.
pub(super) fn ty(hub: &HubContract) -> Option<&TypeRef> {
    hub.client.as_ref()?.presence.as_ref()
}

/// The file, if a hub of the contract has presence.
pub(super) fn emit(contract: &Contract, header: &str) -> Option<GeneratedFile> {
    let text = format!("{header}\n{}", include_str!("presence.ts"));
    contract.hubs.iter().find_map(ty).map(|_| GeneratedFile { path: FILE.to_owned(), text })
}

/// The member of a connection's interface, with an empty line before it; empty for a hub without presence.
pub(super) fn member(module: &mut Module<'_>, hub: &HubContract) -> String {
    let Some(shown) = ty(hub) else { return String::new() };
    module.runtime("presenceOf");
    module.runtime_type("HubPresenceGroup");
    let shown = module.ty(shown, Direction::Output);
    let docs = "Who is in a group, as long as the hub shows it to this connection.";
    let after = format!(": HubPresenceGroup<{shown}>;");
    format!("\n{}{}\n", text::docs(docs, None, 2), text::wrapped("presence", &["group: string".to_owned()], &after, 2))
}

/// The line that makes it.
pub(super) fn make(name: &str) -> String {
    let head = format!("  const presence: {name}Connection[\"presence\"] =");
    let flat = format!("{head} presenceOf(link);");
    if text::width(&flat) <= text::WIDTH { flat + "\n" } else { format!("{head}\n    presenceOf(link);\n") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;
    use crate::emit::{
        EmitErrors, Emitter as _,
        typescript::{Framework, Frameworks, TypeScript},
    };

    /// A contract of these hubs, whose client interface shows `presence`, and of one type, `Member`.
    fn contract(hubs: &[&str], presence: &Value) -> Contract {
        let hub = |name: &&str| {
            let mut client =
                json!({"name": format!("{name}Client"), "rust_path": format!("demo::{name}Client"), "methods": []});
            if !presence.is_null() {
                client["presence"] = presence.clone();
            }
            json!({"name": name, "rust_path": format!("demo::{name}"), "methods": [], "client": client})
        };
        let field =
            |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}, "required": [name]});
        let types = json!({"Member": {"name": "Member", "rust_path": "demo::Member", "input": field("read"), "output": field("written")}});
        let hubs: Vec<_> = hubs.iter().map(hub).collect();
        serde_json::from_value(json!({"format": 2, "package": "demo", "hubs": hubs, "types": types})).unwrap()
    }

    fn files(contract: &Contract) -> Result<BTreeMap<String, String>, EmitErrors> {
        let frameworks = vec![Framework::Vue, Framework::React];
        let hooks = Frameworks { frameworks, ..Frameworks::default() }.emit(contract)?;
        let files = TypeScript::default().emit(contract)?.into_iter().chain(hooks);
        Ok(files.map(|file| (file.path, file.text)).collect())
    }

    fn shown() -> Value {
        json!({"schema": {"$ref": "#/types/Member"}, "shape": {"type": {"name": "Member"}}})
    }

    #[test]
    fn contracts_without_presence_know_nothing_of_it() {
        let files = files(&contract(&["ChatHub"], &Value::Null)).unwrap();
        assert!(!files.contains_key(FILE) && !files.contains_key("types.ts"));
        for (path, text) in files {
            assert!(!text.to_lowercase().contains("presence"), "{path}");
        }
    }

    #[test]
    fn what_members_show_is_what_the_server_writes() {
        let files = files(&contract(&["ChatHub"], &shown())).unwrap();
        assert!(
            files["types.ts"].contains("export interface Member {\n  written: string;\n}"),
            "{}",
            files["types.ts"]
        );
        assert!(files["chat-hub.ts"].contains("  presence(group: string): HubPresenceGroup<Member>;\n"));
        assert!(files["vue.ts"].contains("): UsedPresence<Member> {"));
        assert!(files["react.ts"].contains("): HubPresence<Member> {"));
        let plain = json!({"schema": {"type": "string"}});
        assert!(self::files(&contract(&["ChatHub"], &plain)).unwrap()["react.ts"].contains("): HubPresence<string> {"));
    }

    #[test]
    fn the_file_stays_beside_a_runtime_that_is_elsewhere() {
        let typescript = TypeScript { runtime: Some("../chat".to_owned()), ..TypeScript::default() };
        let files = typescript.emit(&contract(&["ChatHub"], &shown())).unwrap();
        let file = files.iter().find(|file| file.path == FILE).unwrap();
        assert!(file.text.contains(" from \"../chat/connection.js\";\n"), "{}", file.text);
        let hub = files.iter().find(|file| file.path == "chat-hub.ts").unwrap();
        assert!(hub.text.contains("import { presenceOf } from \"./presence.js\";\n"), "{}", hub.text);
    }

    #[test]
    fn names_are_taken_where_presence_is() {
        let said = |hubs: &[&str], presence: &Value| {
            files(&contract(hubs, presence)).map_or_else(|errors| errors.to_string(), |_| String::new())
        };
        let clash = ["ChatHub", "ChatPresenceHub"];
        assert_eq!(said(&clash, &Value::Null), "");
        let expected = "HUB112: `useChatPresence` (demo::ChatPresenceHub)";
        assert!(said(&clash, &shown()).contains(expected), "{}", said(&clash, &shown()));
        assert_eq!(said(&["HubMember"], &Value::Null), "");
        assert!(said(&["HubMember"], &shown()).contains("HUB112: `HubMember` (demo::HubMember)"));
    }

    #[test]
    fn a_long_name_wraps() {
        assert_eq!(make("Chat"), "  const presence: ChatConnection[\"presence\"] = presenceOf(link);\n");
        let name = "A".repeat(30);
        let wrapped = format!("  const presence: {name}Connection[\"presence\"] =\n    presenceOf(link);\n");
        assert_eq!(make(&name), wrapped);
    }
}
