//! One module: its imports, and pieces of text that modules are made of.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use hubs::contract::Contract;

use super::names;

/// How wide a line may be.
pub(super) const WIDTH: usize = 88;

/// What a module is made of.
#[derive(Debug, Default)]
pub(super) struct Module {
    typing: BTreeSet<String>,
    collections: BTreeSet<String>,
    models: BTreeSet<String>,
    connection: BTreeSet<String>,
    builtins: bool,
    /// Whether the types are declared here.
    has_models: bool,
    /// Names of builtins that mean something else here.
    pub(super) hidden: BTreeSet<String>,
    items: Vec<String>,
}

impl Module {
    /// A module in which these names of builtins mean something else.
    pub(super) fn new(hidden: BTreeSet<String>) -> Self {
        Self { hidden, ..Self::default() }
    }

    /// The module that declares the types.
    pub(super) fn of_models() -> Self {
        Self { has_models: true, ..Self::default() }
    }

    pub(super) fn typing(&mut self, name: &str) -> String {
        self.typing.insert(name.to_owned());
        name.to_owned()
    }

    pub(super) fn collections(&mut self, name: &str) -> String {
        self.collections.insert(name.to_owned());
        name.to_owned()
    }

    pub(super) fn connection(&mut self, name: &str) {
        self.connection.insert(name.to_owned());
    }

    pub(super) fn model(&mut self, name: &str) {
        self.models.insert(name.to_owned());
    }

    pub(super) fn builtin(&mut self, name: &str) -> String {
        if !self.hidden.contains(name) {
            return name.to_owned();
        }
        self.builtins = true;
        format!("builtins.{name}")
    }

    pub(super) fn push(&mut self, item: String) {
        self.items.push(item);
    }

    /// The whole text, without the header.
    pub(super) fn finish(mut self, docs: &str) -> String {
        let not_required = self.typing.remove("NotRequired");
        let mut out = format!("{}\nfrom __future__ import annotations\n", docstring(docs, 0));
        let mut group: Vec<String> = Vec::new();
        if self.builtins {
            group.push("import builtins\n".to_owned());
        }
        if not_required {
            group.push("import sys\n".to_owned());
        }
        group.extend(import("collections.abc", &self.collections));
        group.extend(import("typing", &self.typing));
        if !group.is_empty() {
            let _ = write!(out, "\n{}", group.concat());
        }
        if not_required {
            out += "\nif sys.version_info >= (3, 11):\n    from typing import NotRequired\n\
                    else:\n    from typing_extensions import NotRequired\n";
        }
        let mut own: Vec<String> = import(".connection", &self.connection).into_iter().collect();
        if !self.has_models {
            own.extend(import(".models", &self.models));
        }
        if !own.is_empty() {
            let _ = write!(out, "\n{}", own.concat());
        }
        for item in self.items {
            let _ = write!(out, "\n\n{item}");
        }
        out
    }
}

fn import(from: &str, names: &BTreeSet<String>) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let names: Vec<_> = names.iter().cloned().collect();
    let line = format!("from {from} import {}", names.join(", "));
    if line.chars().count() <= WIDTH {
        return Some(line + "\n");
    }
    let lines: String = names.iter().map(|name| format!("    {name},\n")).collect();
    Some(format!("from {from} import (\n{lines})\n"))
}

/// A docstring, or nothing if there is nothing to say.
pub(super) fn docstring(text: &str, indent: usize) -> String {
    let text = text.trim().replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    let pad = " ".repeat(indent);
    if text.is_empty() {
        return String::new();
    }
    let text = if text.ends_with('"') { format!("{} ", text) } else { text };
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<&str> = lines.collect();
    if rest.is_empty() {
        return format!("{pad}\"\"\"{first}\"\"\"\n");
    }
    let rest: String =
        rest.iter().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") }).collect();
    format!("{pad}\"\"\"{first}\n{rest}{pad}\"\"\"\n")
}

/// Comments, each line indented.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    text.trim().lines().map(|line| format!("{pad}# {line}").trim_end().to_owned() + "\n").collect()
}

/// `before(a, b)after` on one line, or one item a line if that is too long; indented, with a newline at the end.
pub(super) fn wrapped(before: &str, items: &[String], after: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let flat = format!("{pad}{before}({}){after}", items.join(", "));
    if flat.chars().count() <= WIDTH || items.is_empty() {
        return flat + "\n";
    }
    let lines: String = items.iter().map(|item| format!("{pad}    {item},\n")).collect();
    format!("{pad}{before}(\n{lines}{pad}){after}\n")
}

/// `__init__.py`: everything from one place.
pub(super) fn package(contract: &Contract, exports: &[(String, String)]) -> String {
    let mut modules: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (module, name) in exports {
        modules.entry(module).or_default().insert(name.clone());
    }
    let docs = docstring(&format!("Typed clients for the hubs of {}, over `pysignalr`.", contract.package), 0);
    let imports: String = modules.iter().filter_map(|(module, names)| import(&format!(".{module}"), names)).collect();
    let all: BTreeSet<&String> = exports.iter().map(|(_, name)| name).collect();
    let all: String = all.into_iter().map(|name| format!("    {},\n", names::text(name))).collect();
    format!("{docs}\n{imports}\n__all__ = [\n{all}]\n")
}
