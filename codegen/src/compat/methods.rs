//! Hubs, methods and parameters compared: by their names on the wire first, since that is what pages call.

use std::collections::{BTreeMap, BTreeSet};

use hubs::contract::{Contract, ContractFlow, HubContract, Method, Param, Rate, TypeRef};

use super::{
    Change, Direction, Verdict,
    authorization::{self, Required},
    rate,
    rules::{self, Rule},
    shape::{Side, View},
    values::Values,
};
use crate::emit::typescript::Types;

/// All changes, in no order.
pub(super) fn compare(old: &Contract, new: &Contract) -> Vec<Change> {
    let mut all = Changes { old, new, by_key: BTreeMap::new() };
    let find = |contract: &'_ Contract, name: &str| contract.hubs.iter().position(|hub| hub.name == name);
    let mut added: Vec<&HubContract> = new.hubs.iter().filter(|hub| find(old, &hub.name).is_none()).collect();
    for hub in &old.hubs {
        if let Some(index) = find(new, &hub.name) {
            all.hubs(hub, &new.hubs[index]);
        } else if let Some(index) = added.iter().position(|other| same_methods(hub, other)) {
            let other = added.remove(index);
            all.say(rules::INTERFACE_RENAMED, Direction::PageSends, &hub.name, format!("is `{}` now", other.name), "");
            all.hubs(hub, other);
        } else {
            all.say(rules::HUB_REMOVED, Direction::PageSends, &hub.name, "is gone", "");
        }
    }
    for hub in added {
        all.say(rules::HUB_ADDED, Direction::PageSends, &hub.name, "is new", "");
    }
    all.type_names();
    all.by_key.into_values().collect()
}

fn same_methods(a: &HubContract, b: &HubContract) -> bool {
    let names = |hub: &HubContract| hub.methods.iter().map(|method| method.name.clone()).collect::<BTreeSet<_>>();
    names(a) == names(b) && !a.methods.is_empty()
}

struct Changes<'a> {
    old: &'a Contract,
    new: &'a Contract,
    /// One change for a field, however many methods use it.
    by_key: BTreeMap<(String, &'static str, Direction, String), Change>,
}

impl<'a> Changes<'a> {
    fn say(&mut self, rule: Rule, direction: Direction, path: &str, what: impl Into<String>, method: &str) {
        let what = what.into();
        let ruling = match direction {
            Direction::PageSends => rule.page,
            Direction::ServerSends => rule.server,
        };
        let key = (path.to_owned(), rule.name, direction, what.clone());
        let change = self.by_key.entry(key).or_insert_with(|| Change {
            rule: rule.name,
            direction,
            path: path.to_owned(),
            what,
            wire: ruling.wire,
            source: ruling.source,
            reason: ruling.reason,
            methods: BTreeSet::new(),
        });
        if !method.is_empty() {
            change.methods.insert(method.to_owned());
        }
    }

    fn hubs(&mut self, old: &'a HubContract, new: &'a HubContract) {
        if old.deprecated.is_none() && new.deprecated.is_some() {
            self.say(rules::DEPRECATED, Direction::PageSends, &new.name, "is deprecated now", "");
        }
        self.authorization(&old.name, "", &Required::of([&old.authorize]), &Required::of([&new.authorize]));
        for method in &old.methods {
            if let Some(now) = new.methods.iter().find(|now| now.name == method.name) {
                let path = format!("{}.{}", old.name, method.name);
                let before = Required::of([&old.authorize, &method.authorize]);
                self.authorization(&path, &path, &before, &Required::of([&new.authorize, &now.authorize]));
            }
        }
        self.interface(Direction::PageSends, &old.name, &old.methods, &new.methods);
        let (before, after) = (old.client.as_ref(), new.client.as_ref());
        if let (Some(before), Some(after)) = (before, after)
            && before.name != after.name
        {
            let what = format!("is `{}` now", after.name);
            self.say(rules::INTERFACE_RENAMED, Direction::ServerSends, &before.name, what, "");
        }
        let name = before.or(after).map_or("", |client| client.name.as_str());
        let methods = |client: Option<&'a hubs::contract::ClientContract>| client.map_or(&[][..], |c| &c.methods);
        self.interface(Direction::ServerSends, name, methods(before), methods(after));
        let presence = |client: Option<&'a hubs::contract::ClientContract>| client.and_then(|c| c.presence.as_ref());
        self.presence(name, presence(before), presence(after));
    }

    fn authorization(&mut self, path: &str, method: &str, old: &Required<'_>, new: &Required<'_>) {
        if let Some((rule, what)) = authorization::compare(old, new) {
            self.say(rule, Direction::PageSends, path, what, method);
        }
    }

    fn interface(&mut self, direction: Direction, name: &str, old: &'a [Method], new: &'a [Method]) {
        let mut added: Vec<&Method> = new.iter().filter(|m| !old.iter().any(|o| o.name == m.name)).collect();
        for method in old {
            let path = format!("{name}.{}", method.name);
            if let Some(now) = new.iter().find(|now| now.name == method.name) {
                if now.rust_name != method.rust_name {
                    let what = format!("was `{}` in code and is `{}`", method.rust_name, now.rust_name);
                    self.say(rules::METHOD_RENAMED_IN_CODE, direction, &path, what, &path);
                }
                self.methods(direction, &path, method, now);
            } else if let Some(index) = added.iter().position(|now| now.rust_name == method.rust_name) {
                let now = added.remove(index);
                let what = format!("is `{}` on the wire now", now.name);
                self.say(rules::METHOD_RENAMED_ON_WIRE, direction, &path, what, &path);
                self.methods(direction, &path, method, now);
            } else {
                self.say(rules::METHOD_REMOVED, direction, &path, "is gone", &path);
            }
        }
        for method in added {
            let asks = direction == Direction::ServerSends && method.output.flow != ContractFlow::None;
            let rule = if asks { rules::QUESTION_ADDED } else { rules::METHOD_ADDED };
            let path = format!("{name}.{}", method.name);
            self.say(rule, direction, &path, "is new", &path);
        }
    }

    fn methods(&mut self, direction: Direction, path: &str, old: &'a Method, new: &'a Method) {
        if old.deprecated.is_none() && new.deprecated.is_some() {
            self.say(rules::DEPRECATED, direction, path, "is deprecated now", path);
        }
        self.params(direction, path, old, new);
        let back = match direction {
            Direction::PageSends => Direction::ServerSends,
            Direction::ServerSends => Direction::PageSends,
        };
        let here = format!("{path} -> ");
        match (&old.output.ty, &new.output.ty) {
            (None, None) => {}
            (None, Some(_)) if new.output.flow == ContractFlow::Stream => {
                self.say(rules::STREAM_OR_VALUE, direction, path, "answers with a stream now", path);
            }
            (None, Some(_)) => self.say(rules::OUTPUT_ADDED, direction, path, "gives something back now", path),
            (Some(_), None) => self.say(rules::OUTPUT_REMOVED, direction, path, "gives nothing back any more", path),
            (Some(_), Some(_)) if old.output.flow != new.output.flow => {
                self.say(rules::STREAM_OR_VALUE, direction, path, flow_of(new.output.flow), path);
            }
            (Some(old), Some(new)) => self.types(back, here.trim_end_matches(' '), path, old, new),
        }
        self.resumption(direction, path, old, new);
        self.rate(direction, path, old.rate, new.rate);
        self.kept(direction, path, old, new);
        self.errors(back, path, old, new);
    }

    /// Whether a stream can be read on over another connection. What is no stream any more is another change.
    fn resumption(&mut self, direction: Direction, path: &str, old: &Method, new: &Method) {
        if [old, new].iter().any(|method| method.output.flow != ContractFlow::Stream) {
            return;
        }
        match (old.resumable, new.resumable) {
            (true, false) => self.say(rules::RESUMABLE_REMOVED, direction, path, "cannot be resumed any more", path),
            (false, true) => self.say(rules::RESUMABLE_ADDED, direction, path, "can be resumed now", path),
            _ => {}
        }
    }

    /// What a page can count on whose connection is lost.
    fn kept(&mut self, direction: Direction, path: &str, old: &Method, new: &Method) {
        match (old.durable, new.durable) {
            (true, false) => self.say(rules::DURABLE_REMOVED, direction, path, "is kept in no log any more", path),
            (false, true) => self.say(rules::DURABLE_ADDED, direction, path, "is kept in a log now", path),
            _ => {}
        }
        match (old.idempotent, new.idempotent) {
            (true, false) => self.say(rules::IDEMPOTENT_REMOVED, direction, path, "is not idempotent any more", path),
            (false, true) => self.say(rules::IDEMPOTENT_ADDED, direction, path, "is idempotent now", path),
            _ => {}
        }
    }

    /// What members of a group show of themselves.
    fn presence(&mut self, name: &str, old: Option<&'a TypeRef>, new: Option<&'a TypeRef>) {
        let direction = Direction::ServerSends;
        match (old, new) {
            (None, None) => {}
            (None, Some(_)) => self.say(rules::PRESENCE_ADDED, direction, name, "has presence now", ""),
            (Some(_), None) => self.say(rules::PRESENCE_REMOVED, direction, name, "has no presence any more", ""),
            (Some(old), Some(new)) => self.types(direction, &format!("{name} presence"), "", old, new),
        }
    }

    /// How often a page may call.
    fn rate(&mut self, direction: Direction, path: &str, old: Option<Rate>, new: Option<Rate>) {
        if let Some((rule, what)) = rate::compare(old, new) {
            self.say(rule, direction, path, what, path);
        }
    }

    /// The errors that a method names. A page has to be ready for errors without data, whatever the method names.
    fn errors(&mut self, direction: Direction, path: &str, old: &'a Method, new: &'a Method) {
        match (&old.error, &new.error) {
            (None, None) => {}
            (None, Some(_)) => self.say(rules::ERROR_ADDED, direction, path, "names its errors now", path),
            (Some(_), None) => self.say(rules::ERROR_REMOVED, direction, path, "names no errors any more", path),
            (Some(old), Some(new)) => self.types(direction, &format!("{path} error"), path, old, new),
        }
    }

    fn params(&mut self, direction: Direction, path: &str, old: &'a Method, new: &'a Method) {
        if self.swapped(direction, path, old, new) {
            return;
        }
        if !same_flows(old, new) {
            return self.say(rules::STREAM_OR_VALUE, direction, path, "has another order of streams and values", path);
        }
        for (index, param) in old.params.iter().enumerate() {
            let here = format!("{path}({})", param.name);
            match new.params.get(index) {
                None => self.say(rules::PARAMETER_REMOVED, direction, &here, "is gone", path),
                Some(now) => self.types(direction, &here, path, &param.ty, &now.ty),
            }
        }
        for param in new.params.iter().skip(old.params.len()) {
            let optional = param.flow == ContractFlow::Value && self.is_optional(&param.ty);
            let rule = if optional { rules::OPTIONAL_PARAMETER_ADDED } else { rules::PARAMETER_ADDED };
            self.say(rule, direction, &format!("{path}({})", param.name), "is new", path);
        }
    }

    /// Parameters of the same names and types in another order: nothing but people can see that.
    fn swapped(&mut self, direction: Direction, path: &str, old: &Method, new: &Method) -> bool {
        let names = |method: &Method| method.params.iter().map(|param| param.name.clone()).collect::<Vec<_>>();
        let types = |method: &Method| method.params.iter().map(|p| (p.flow, p.ty.schema.clone())).collect::<Vec<_>>();
        let (before, after) = (names(old), names(new));
        let sorted = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        let swapped = before != after && sorted(&before) == sorted(&after) && types(old) == types(new);
        if swapped {
            let what = format!("took ({}) and takes ({})", before.join(", "), after.join(", "));
            self.say(rules::PARAMETERS_SWAPPED, direction, path, what, path);
        }
        swapped
    }

    fn is_optional(&self, ty: &TypeRef) -> bool {
        let side = Side { contract: self.new, direction: Direction::PageSends };
        side.open(view(ty)).nullable
    }

    fn types(&mut self, direction: Direction, here: &str, method: &str, old: &'a TypeRef, new: &'a TypeRef) {
        let (old_side, new_side) = (Side { contract: self.old, direction }, Side { contract: self.new, direction });
        let mut values = Values::new(old_side, new_side);
        values.compare(here, view(old), view(new));
        for found in values.found {
            self.say(found.rule, direction, &found.path, found.what, method);
        }
    }

    /// Names that pages import.
    fn type_names(&mut self) {
        let (old, new) = (Types::new(self.old), Types::new(self.new));
        let plain = |types: &Types<'_>, contract: &Contract| {
            let names = contract.types.values().map(|def| def.name.clone());
            let known = types.names();
            names.filter(|name| known.contains(name)).collect::<BTreeSet<_>>()
        };
        let (before, after) = (plain(&old, self.old), plain(&new, self.new));
        for name in before.difference(&after) {
            self.say(rules::TYPE_REMOVED, Direction::ServerSends, name, "is no type any more", "");
        }
        let inputs = |types: &Types<'_>, names: &BTreeSet<String>| {
            names.iter().filter_map(|name| types.input_name(name)).collect::<BTreeSet<_>>()
        };
        for name in inputs(&old, &before).difference(&inputs(&new, &after)) {
            self.say(rules::TYPE_REMOVED, Direction::PageSends, name, "is no type any more", "");
        }
        self.split_names(&old, &new);
    }

    /// Types that have an input of their own now: code that names them for what it sends means the other form.
    fn split_names(&mut self, old_types: &Types<'_>, new_types: &Types<'_>) {
        let (old, new) = (self.old, self.new);
        let old_side = Side { contract: old, direction: Direction::PageSends };
        let new_side = Side { contract: new, direction: Direction::ServerSends };
        for (key, after) in &new.types {
            let Some(input) = new_types.input_name(&after.name) else { continue };
            let before = old.types.get(key).filter(|before| old_types.input_name(&before.name).is_none());
            let Some(before) = before else { continue };
            let (Some(sent), Some(given)) = (&before.input, after.output.as_ref().or(after.input.as_ref())) else {
                continue;
            };
            let mut values = Values::new(old_side, new_side);
            values.compare(key, View { schema: sent }, View { schema: given });
            let declared = |types: &Types<'_>| types.declaration_text(&after.name).map(|(declared, _)| declared);
            if declared(old_types) != declared(new_types)
                && values.found.iter().any(|found| found.rule.page.source == Verdict::Breaking)
            {
                let what = format!("is `{input}` now where pages send it");
                self.say(rules::INPUT_SPLIT, Direction::PageSends, &after.name, what, "");
            }
        }
    }
}

/// Whether the parameters that both have are streams and values in the same places.
fn same_flows(old: &Method, new: &Method) -> bool {
    let flow = |param: &Param| param.flow;
    old.params.iter().map(flow).zip(new.params.iter().map(flow)).all(|(old, new)| old == new)
}

fn flow_of(flow: ContractFlow) -> &'static str {
    match flow {
        ContractFlow::Stream => "answers with a stream now",
        _ => "answers with one value now",
    }
}

fn view(ty: &TypeRef) -> View<'_> {
    View { schema: &ty.schema }
}

#[cfg(test)]
mod tests;
