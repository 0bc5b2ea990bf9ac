//! Who is in a group, in components: `useChatPresence` for the `ChatHub` whose client interface has presence.

use std::collections::BTreeSet;

use hubs::contract::{Direction, HubContract};

use super::{
    super::{format, presence},
    Framework, Types, names, text,
};

/// What all hubs share.
pub(super) fn body(framework: Framework) -> &'static str {
    match framework {
        Framework::Vue => include_str!("presence-vue.ts"),
        Framework::React => include_str!("presence-react.ts"),
    }
}

/// Functions and types of the framework that this needs and the connection does not.
pub(super) fn imports(framework: Framework) -> (&'static [&'static str], &'static [&'static str]) {
    match framework {
        Framework::Vue => (&["computed", "toValue", "watch"], &["ComputedRef", "MaybeRefOrGetter"]),
        Framework::React => (&[], &[]),
    }
}

/// The function of a hub with presence; `types` get what it imports.
pub(super) fn hook(
    framework: Framework,
    hub: &HubContract,
    known: &Types<'_>,
    types: &mut BTreeSet<String>,
) -> Option<String> {
    let shown = known.used(presence::ty(hub)?, Direction::Output);
    let importable = known.names();
    types.extend(shown.names().into_iter().filter(|name| importable.contains(name)));
    types.extend(["HubPresence", "HubPresenceEvents", "HubPresenceGroup"].map(str::to_owned));
    types.extend((framework == Framework::Vue).then(|| "HubMember".to_owned()));
    let (name, shown) = (names::application(&hub.name), format::inline(&shown));
    let (group, used, docs) = match framework {
        Framework::Vue => (
            "MaybeRefOrGetter<string | undefined>",
            "UsedPresence",
            "for as long as the component lives. Another group takes its place when `group` changes; `undefined` is none.",
        ),
        Framework::React => (
            "string | undefined",
            "HubPresence",
            "for as long as the component is mounted. `undefined` is no group. The `events` of the last render are called.",
        ),
    };
    let docs = text::fold(&format!("Who is in a group of `{}`, {docs}", hub.name));
    let params = [
        format!("link: {name}Connection"),
        format!("group: {group}"),
        format!("events: HubPresenceEvents<{shown}> = {{}}"),
    ];
    let head =
        text::wrapped(&format!("export function use{name}Presence"), &params, &format!(": {used}<{shown}> {{"), 0);
    Some(format!("{}{head}\n  return usePresence(link, group, events);\n}}\n", text::docs(&docs, None, 0)))
}
