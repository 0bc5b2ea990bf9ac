//! What an old page and the new server did to each other, in Node over a real socket, and the verdict that follows.

use std::{collections::BTreeMap, fmt, fs, path::Path, process::Command};

use hubs_codegen::{
    compat::{Direction, Verdict},
    emit::json_schema,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{pair::Pair, server};

/// One thing that happened.
#[derive(Debug, Deserialize)]
pub(crate) struct Fact {
    kind: Kind,
    /// The method, or the message of it.
    what: String,
    #[serde(default)]
    text: String,
    /// What was sent, by the names of the old parameters.
    #[serde(default)]
    values: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// A call was answered.
    Sent,
    /// A call failed.
    Failed,
    /// A value came that is not what the old TypeScript says.
    Unfit,
    /// A value came that TypeScript allows, and the old contract does not.
    Unusual,
    /// The server took something for something else, or the page did.
    Taken,
    /// The server threw away what was sent.
    Lost,
    /// The server never calls a handler.
    Uncalled,
}

#[derive(Deserialize)]
struct Line {
    pair: String,
    protocol: String,
    facts: Vec<Fact>,
}

impl Fact {
    fn of(kind: Kind, what: &str, text: String) -> Self {
        Self { kind, what: what.to_owned(), text, values: BTreeMap::new() }
    }

    /// What it means for pages that are open.
    fn wire(&self) -> Verdict {
        match self.kind {
            Kind::Sent => Verdict::Compatible,
            Kind::Unusual | Kind::Lost => Verdict::Risky,
            Kind::Failed | Kind::Unfit | Kind::Taken | Kind::Uncalled => Verdict::Breaking,
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "    {:?}: {} {}", self.kind, self.what, self.text)
    }
}

/// What happened in one pair, in one direction.
pub(crate) fn verdict<'a>(facts: impl Iterator<Item = &'a Fact>) -> Verdict {
    facts.map(Fact::wire).max().unwrap_or(Verdict::Compatible)
}

/// What the page's code becomes, by the compiler, and by where its arguments end up if it compiles. `refused_named` is
/// about a page that says the name of the type that it sends.
pub(crate) fn source<'a>(refused: bool, refused_named: bool, mut facts: impl Iterator<Item = &'a Fact>) -> Verdict {
    match refused {
        true => Verdict::Breaking,
        false if refused_named => Verdict::Risky,
        false if facts.any(|fact| fact.kind == Kind::Taken) => Verdict::Risky,
        false => Verdict::Compatible,
    }
}

/// Whether a fact tells of this direction. Pairs of methods have one only.
pub(crate) fn is_about(fact: &Fact, pair: &Pair, direction: Direction) -> bool {
    let gives = fact.what.starts_with("H.Give");
    pair.old_sample.is_none() || gives == (direction == Direction::ServerSends)
}

/// What happened in one pair under one protocol.
pub(crate) struct Run {
    pub(crate) pair: String,
    pub(crate) protocol: String,
    pub(crate) facts: Vec<Fact>,
}

/// Starts the server, and runs the compiled old clients in `folder` against it.
pub(crate) fn run(folder: &Path, pairs: &[Pair]) -> Vec<Run> {
    let described: Vec<_> = pairs.iter().map(described).collect();
    fs::write(folder.join("pairs.json"), serde_json::to_string(&described).unwrap()).unwrap();
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compat/run.mjs"), folder.join("run.mjs")).unwrap();
    let (_runtime, address) = server::start(pairs);
    let mut node = Command::new("node");
    let output = node.args(["run.mjs", &format!("http://{address}")]).current_dir(folder).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).expect(line));
    let runs = lines.map(|Line { pair, protocol, mut facts }| {
        let more = arrivals(&facts, &server::seen(&pair, &protocol));
        facts.extend(more);
        Run { pair, protocol, facts }
    });
    runs.collect()
}

fn described(pair: &Pair) -> Value {
    json!({
        "name": pair.name,
        "old": pair.old.hubs[0],
        "new": pair.new.hubs[0],
        "schema": json_schema::document(&pair.old),
        "sample": pair.old_sample,
    })
}

/// Compares what was sent with what the server's methods were called with.
fn arrivals(facts: &[Fact], arrived: &[Value]) -> Vec<Fact> {
    let sent = facts.iter().filter(|fact| fact.kind == Kind::Sent && !fact.values.is_empty());
    let arrived = arrived.iter().filter(|arguments| **arguments != json!({}));
    let pairs = sent.zip(arrived).flat_map(|(fact, arrived)| {
        fact.values.iter().filter_map(|(name, value)| {
            let by_name = arrived.get(name);
            let renamed = || arrived.as_object().into_iter().flat_map(|all| all.values()).find(|other| *other == value);
            match by_name.or_else(renamed) {
                None => Some(Fact::of(Kind::Lost, &fact.what, format!("`{name}` does not arrive"))),
                Some(other) if is_other(value, other) => {
                    Some(Fact::of(Kind::Taken, &fact.what, format!("`{name}` was {value} and arrives as {other}")))
                }
                Some(other) => {
                    let place = lost(value, other)?;
                    Some(Fact::of(Kind::Lost, &fact.what, format!("`{name}{place}` does not arrive")))
                }
            }
        })
    });
    pairs.collect()
}

/// Whether one plain value became another.
fn is_other(sent: &Value, arrived: &Value) -> bool {
    let plain = |value: &Value| !value.is_object() && !value.is_array();
    plain(sent) && plain(arrived) && !same(sent, arrived)
}

fn same(a: &Value, b: &Value) -> bool {
    a == b || a.as_f64().is_some_and(|a| b.as_f64() == Some(a))
}

/// Where something is missing in what arrived.
fn lost(sent: &Value, arrived: &Value) -> Option<String> {
    match (sent, arrived) {
        (Value::Object(sent), Value::Object(arrived)) => sent.iter().find_map(|(key, value)| {
            let inside = match arrived.get(key) {
                Some(other) => lost(value, other)?,
                None if value.is_null() => return None,
                // An alias: the value is there, under its new name.
                None if arrived.iter().any(|(other, there)| !sent.contains_key(other) && same(value, there)) => {
                    return None;
                }
                None => String::new(),
            };
            Some(format!(".{key}{inside}"))
        }),
        (Value::Array(sent), Value::Array(arrived)) if sent.len() == arrived.len() => {
            let items = sent.iter().zip(arrived).enumerate();
            items.into_iter().find_map(|(index, (a, b))| Some(format!("[{index}]{}", lost(a, b)?)))
        }
        (sent, arrived) if same(sent, arrived) => None,
        _ => Some(String::new()),
    }
}
