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
