//! A JSON Schema as the rules see it: what kind of value it is, opened one level at a time. Knows how schemars and
//! serde write things down, and no rule.

use std::collections::{BTreeMap, BTreeSet};

use hubs::contract::Contract;
use serde_json::{Map as Object, Value};

use super::{Direction, keywords};

/// A schema in one contract. The TypeScript of its direction says the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) schema: &'a Value,
}

/// One level of a schema.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    /// Whatever JSON can say.
    Any,
    /// No value at all.
    Never,
    Null,
    Bool,
    Number(Number),
    Text(Text<'a>),
    List(List<'a>),
    Tuple(Vec<View<'a>>),
    Map(Map<'a>),
    Object(Fields<'a>),
    /// One of several, by the name that tells them apart; `None` is the name alone.
    Choice(Variants<'a>),
    /// Values of several kinds, by the names of JSON Schema.
    Kinds(BTreeSet<&'a str>),
}

/// Which texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Text<'a> {
    pub(super) format: Option<&'a str>,
    pub(super) pattern: Option<&'a str>,
    /// How bytes are written, if it is that.
    pub(super) encoding: Option<&'a str>,
    pub(super) least: u64,
    pub(super) most: Option<u64>,
}

/// An object whose keys are values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Map<'a> {
    /// What the keys look like, if not any text will do.
    pub(super) keys: Option<&'a str>,
    pub(super) values: View<'a>,
}

/// Variants by the names that tell them apart; `None` is the name alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Variants<'a> {
    pub(super) by_name: BTreeMap<String, Option<View<'a>>>,
    /// Other names under which the server reads a variant.
    pub(super) aliases: BTreeMap<String, String>,
}

/// Items of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'a> {
    pub(super) items: View<'a>,
    /// How many, if that is fixed.
    pub(super) length: Option<u64>,
    /// Whether no two are equal.
    pub(super) distinct: bool,
}

/// Which numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub(super) whole: bool,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// The fields of an object.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) by_name: BTreeMap<&'a str, Field<'a>>,
    /// Whether a field that is not among them is an error.
    pub(super) closed: bool,
    /// The type of all fields that have no names: a flattened map.
    pub(super) rest: Option<View<'a>>,
    /// The flattened enums.
    pub(super) choices: Vec<Variants<'a>>,
}

#[derive(Debug)]
pub(super) struct Field<'a> {
    pub(super) view: View<'a>,
    /// Whether it must be there (in what the server reads) or is always there (in what it writes).
    pub(super) required: bool,
    /// Other names under which the server reads it.
    pub(super) aliases: Vec<&'a str>,
}

/// A schema without its references and without null.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    pub(super) shape: Shape<'a>,
    pub(super) nullable: bool,
    /// Name of the type, if it has one.
    pub(super) name: Option<&'a str>,
    /// What the schema says in words that no rule reads.
    pub(super) unread: BTreeMap<&'a str, &'a Value>,
}

/// One contract, seen in one direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) contract: &'a Contract,
    pub(super) direction: Direction,
}

impl<'a> Side<'a> {
    /// What a schema is.
    pub(super) fn open(&self, view: View<'a>) -> Opened<'a> {
        let mut unread = keywords::unread(view.schema);
        let (view, mut nullable) = without_null(view);
        unread.extend(keywords::unread(view.schema));
        let (view, name) = self.resolve(view);
        let (view, inner) = without_null(view);
        unread.extend(keywords::unread(view.schema));
        nullable |= inner;
        Opened { shape: self.shape(view), nullable, name, unread }
    }

    fn resolve(&self, view: View<'a>) -> (View<'a>, Option<&'a str>) {
        match (self.target(view.schema), is_plain_reference(view.schema)) {
            (Some((name, target)), true) => (target, Some(name)),
            _ => (view, None),
        }
    }

    fn target(&self, schema: &Value) -> Option<(&'a str, View<'a>)> {
        let (name, def) = self.contract.definition(schema.get("$ref")?.as_str()?)?;
        let input = def.input.as_ref()?;
        let output = def.output.as_ref().unwrap_or(input);
        let schema = match self.direction {
            Direction::PageSends => input,
            Direction::ServerSends => output,
        };
        Some((name, View { schema }))
    }

    fn shape(&self, view: View<'a>) -> Shape<'a> {
        let map = match view.schema {
            Value::Object(map) => map,
            Value::Bool(false) => return Shape::Never,
            _ => return Shape::Any,
        };
        let is_object = ["properties", "allOf", "$ref"].iter().any(|key| map.contains_key(*key));
        match self.choice(view).filter(|_| !is_object) {
            Some(choice) if choice.by_name.is_empty() => return Shape::Never,
            Some(choice) => return Shape::Choice(choice),
            None => {}
        }
        if map.get("not").is_some_and(|not| *not == Value::Bool(true) || not.as_object().is_some_and(Object::is_empty))
        {
            return Shape::Never;
        }
        if let Some(kinds) = map.get("type").and_then(several_types) {
            return Shape::Kinds(kinds);
        }
        match map.get("type").and_then(one_type) {
            Some("null") => Shape::Null,
            Some("boolean") => Shape::Bool,
            Some(kind @ ("integer" | "number")) => Shape::Number(number(map, kind == "integer")),
            Some("string") => Shape::Text(text(map)),
            Some("array") => match map.get("prefixItems").and_then(Value::as_array) {
                Some(items) => Shape::Tuple((0..items.len()).filter_map(|i| view.item("prefixItems", i)).collect()),
                None => {
                    let items = view.child(&["items"]).unwrap_or(View { schema: &ANYTHING });
                    let distinct = map.get("uniqueItems") == Some(&Value::Bool(true));
                    Shape::List(List { items, length: length(map), distinct })
                }
            },
            Some("object") if !is_object => match rest(view) {
                Some(map) => Shape::Map(map),
                None => Shape::Object(self.fields(view)),
            },
            _ if is_object => Shape::Object(self.fields(view)),
            _ => Shape::Any,
        }
    }

    /// The fields of an object, those of what it refers to among them (flattened or tagged).
    fn fields(&self, view: View<'a>) -> Fields<'a> {
        let mut fields = Fields::default();
        if let Some((_, target)) = self.target(view.schema) {
            fields.include(self.fields(target));
        }
        let parts = view.schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
        for part in (0..parts).filter_map(|index| view.item("allOf", index)) {
            fields.include(self.fields(part));
        }
        fields.choices.extend(self.choice(view));
        fields.rest = rest(view).map(|map| map.values).or(fields.rest);
        let required = names(view.schema);
        for name in view.schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Object::keys) {
            let Some(child) = view.child(&["properties", name]) else { continue };
            let (required, aliases) = (required.contains(name.as_str()), aliases(child.schema));
            fields.by_name.insert(name, Field { view: child, required, aliases });
        }
        let closed = |key: &str| view.schema.get(key) == Some(&Value::Bool(false));
        fields.closed = closed("additionalProperties") || closed("unevaluatedProperties");
        fields
    }

    fn choice(&self, view: View<'a>) -> Option<Variants<'a>> {
        let mut found = Variants::default();
        if let Some(names) = constants(view.schema) {
            found.by_name.extend(names.into_iter().map(|name| (name, None)));
            return Some(found);
        }
        let key = ["oneOf", "anyOf"].into_iter().find(|key| view.schema.get(*key).is_some())?;
        for index in 0..view.schema[key].as_array()?.len() {
            let Some(branch) = view.item(key, index) else { continue };
            let (names, held) = match (constants(branch.schema), tag(branch)) {
                (Some(names), _) => (names, None),
                (None, Some((name, payload))) => (vec![name], Some(payload)),
                (None, None) => (vec![format!("variant {}", index + 1)], Some(branch)),
            };
            if let Some(name) = names.first() {
                let prefix = name.rfind(": ").map_or("", |end| &name[..end + 2]);
                let others = aliases(branch.schema).into_iter().map(|alias| format!("{prefix}{alias}"));
                found.aliases.extend(others.map(|alias| (alias, name.clone())));
            }
            found.by_name.extend(names.into_iter().map(|name| (name, held)));
        }
        Some(found)
    }
}

impl Fields<'_> {
    /// Adds the fields of a part.
    fn include(&mut self, part: Self) {
        self.by_name.extend(part.by_name);
        self.choices.extend(part.choices);
        self.rest = part.rest.or(self.rest);
    }
}

/// The schema of any value.
static ANYTHING: Value = Value::Bool(true);

/// What `#[serde(alias = "..")]` says.
fn aliases(schema: &Value) -> Vec<&str> {
    schema.get("x-aliases").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The kinds of `["string", "number"]`, null aside, if there are several.
fn several_types(value: &Value) -> Option<BTreeSet<&str>> {
    let kinds: BTreeSet<_> =
        value.as_array()?.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect();
    (kinds.len() > 1).then_some(kinds)
}

fn patterns(schema: &Value) -> Option<(&String, &Value)> {
    schema.get("patternProperties")?.as_object()?.iter().next()
}

/// The entries of a map, or all fields without a name.
fn rest(view: View<'_>) -> Option<Map<'_>> {
    if let Some((pattern, schema)) = patterns(view.schema) {
        return Some(Map { keys: Some(pattern), values: View { schema } });
    }
    let values = view.child(&["additionalProperties"]).filter(|values| *values.schema != Value::Bool(false))?;
    Some(Map { keys: None, values })
}

fn text(schema: &Object<String, Value>) -> Text<'_> {
    let word = |key: &str| schema.get(key).and_then(Value::as_str);
    let limit = |key: &str| schema.get(key).and_then(Value::as_u64);
    Text {
        format: word("format"),
        pattern: word("pattern"),
        encoding: word("contentEncoding"),
        least: limit("minLength").unwrap_or(0),
        most: limit("maxLength"),
    }
}

impl<'a> View<'a> {
    fn child(self, path: &[&str]) -> Option<Self> {
        Some(Self { schema: path.iter().try_fold(self.schema, |at, key| at.get(*key))? })
    }

    fn item(self, key: &str, index: usize) -> Option<Self> {
        Some(Self { schema: self.schema.get(key)?.get(index)? })
    }
}

/// The other branch of `anyOf: [.., null]`, or the same schema; and whether there is a null.
fn without_null(view: View<'_>) -> (View<'_>, bool) {
    let is_null = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("null");
    for key in ["anyOf", "oneOf"] {
        let Some([a, b]) = view.schema.get(key).and_then(Value::as_array).map(Vec::as_slice) else { continue };
        let other = if is_null(a) { view.item(key, 1) } else { view.item(key, 0).filter(|_| is_null(b)) };
        if let Some(other) = other {
            return (other, true);
        }
    }
    let listed =
        |key: &str, null: &Value| view.schema.get(key).and_then(Value::as_array).is_some_and(|l| l.contains(null));
    let nullable = listed("type", &Value::from("null")) || listed("enum", &Value::Null);
    (view, nullable)
}

/// Whether a schema is a reference and else comments only.
fn is_plain_reference(schema: &Value) -> bool {
    let says_more = ["properties", "allOf", "oneOf", "anyOf", "additionalProperties", "patternProperties"];
    !says_more.iter().any(|key| schema.get(*key).is_some())
}

fn one_type(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.as_array()?.iter().filter_map(Value::as_str).find(|name| *name != "null"))
}

/// The names in `const` and `enum`.
fn constants(schema: &Value) -> Option<Vec<String>> {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(one) = schema.get("const") {
        return Some(vec![plain(one)]);
    }
    let names = schema.get("enum")?.as_array()?.iter().filter(|value| !value.is_null());
    Some(names.map(plain).collect())
}

/// Which variant a branch is: `{"left": ..}`, or an object with a field that is always the same text.
fn tag(branch: View<'_>) -> Option<(String, View<'_>)> {
    let properties = branch.schema.get("properties")?.as_object()?;
    for (name, property) in properties {
        if let Some(value) = property.get("const").and_then(Value::as_str) {
            return Some((format!("{name}: {value}"), branch));
        }
    }
    let (name, _) = properties.iter().next().filter(|_| properties.len() == 1)?;
    names(branch.schema).contains(name.as_str()).then_some(())?;
    Some((name.clone(), branch.child(&["properties", name])?))
}

fn names(schema: &Value) -> BTreeSet<&str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// How many items there are, if that is fixed.
fn length(schema: &Object<String, Value>) -> Option<u64> {
    let limit = |key: &str| schema.get(key).and_then(Value::as_u64);
    limit("minItems").filter(|least| limit("maxItems") == Some(*least))
}

fn number(schema: &Object<String, Value>, whole: bool) -> Number {
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    let bits = |name: &str| format.strip_prefix(name).and_then(|bits| bits.parse::<i32>().ok());
    let (least, most) = match (bits("uint"), bits("int")) {
        (Some(bits), _) => (0.0, 2_f64.powi(bits) - 1.0),
        (_, Some(bits)) => (-2_f64.powi(bits - 1), 2_f64.powi(bits - 1) - 1.0),
        _ if format == "uint" => (0.0, 2_f64.powi(64) - 1.0),
        _ if format == "int" => (-2_f64.powi(63), 2_f64.powi(63) - 1.0),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    };
    let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
    let step = if whole { 1.0 } else { 0.0 };
    let (above, below) = (limit("exclusiveMinimum").map(|l| l + step), limit("exclusiveMaximum").map(|l| l - step));
    let least = [limit("minimum"), above].into_iter().flatten().fold(least, f64::max);
    let most = [limit("maximum"), below].into_iter().flatten().fold(most, f64::min);
    Number { whole, least, most }
}
