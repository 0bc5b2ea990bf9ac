//! Two types compared, level by level, in one direction. Names of types do not count, only what they are made of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Direction,
    rules::{self, Rule},
    shape::{Field, Fields, List, Number, Shape, Side, Text, Variants, View},
};

/// A change that was found: which rule, where, and what happened.
pub(super) struct Found {
    pub(super) rule: Rule,
    pub(super) path: String,
    pub(super) what: String,
}

/// Compares the types of one place in a contract.
pub(super) struct Values<'a> {
    old: Side<'a>,
    new: Side<'a>,
    open: BTreeSet<(&'a str, &'a str)>,
    pub(super) found: Vec<Found>,
}

impl<'a> Values<'a> {
    pub(super) fn new(old: Side<'a>, new: Side<'a>) -> Self {
        Self { old, new, open: BTreeSet::new(), found: Vec::new() }
    }

    fn say(&mut self, rule: Rule, path: &str, what: impl Into<String>) {
        self.found.push(Found { rule, path: path.to_owned(), what: what.into() });
    }

    /// Compares two types; `path` leads there.
    pub(super) fn compare(&mut self, path: &str, old: View<'a>, new: View<'a>) {
        let (old, new) = (self.old.open(old), self.new.open(new));
        match (old.nullable, new.nullable) {
            (true, false) => self.say(rules::NULL_REMOVED, path, "cannot be `null` any more"),
            (false, true) => self.say(rules::NULL_ADDED, path, "may be `null` now"),
            _ => {}
        }
        let words = old.unread.keys().chain(new.unread.keys()).copied().collect::<BTreeSet<_>>();
        for word in words.into_iter().filter(|word| old.unread.get(word) != new.unread.get(word)) {
            let said = |words: &BTreeMap<&str, &Value>| words.get(word).map_or("nothing".to_owned(), |v| v.to_string());
            let what = format!("said {} as `{word}` and says {}", said(&old.unread), said(&new.unread));
            self.say(rules::KEYWORD_CHANGED, path, what);
        }
        if let (Some(old), Some(new)) = (old.name, new.name)
            && !self.open.insert((old, new))
        {
            return;
        }
        // A field of a named type is the same wherever the type is used.
        let path = new.name.or(old.name).unwrap_or(path);
        self.shapes(path, old.shape, new.shape);
    }

    fn shapes(&mut self, path: &str, old: Shape<'a>, new: Shape<'a>) {
        match (old, new) {
            (Shape::Any, Shape::Any)
            | (Shape::Never, Shape::Never)
            | (Shape::Null, Shape::Null)
            | (Shape::Bool, Shape::Bool) => {}
            (Shape::Number(old), Shape::Number(new)) => self.numbers(path, old, new),
            (Shape::Text(old), Shape::Text(new)) => self.texts(path, old, new),
            (Shape::List(old), Shape::List(new))
                if old.length == new.length || old.length.is_none() || new.length.is_none() =>
            {
                self.lists(path, old, new);
            }
            (Shape::Map(old), Shape::Map(new)) => {
                let here = format!("{path}[key]");
                match (old.keys, new.keys) {
                    (None, None) => {}
                    (Some(old), Some(new)) if old == new => {}
                    (Some(_), None) => self.say(rules::TEXT_WIDER, &here, "may be any text now"),
                    (None, Some(new)) => self.say(rules::TEXT_NARROWER, &here, format!("matches `{new}` now")),
                    (Some(old), Some(new)) => {
                        let what = format!("matched `{old}` and matches `{new}`");
                        self.say(rules::TEXT_NARROWER, &here, what.clone());
                        self.say(rules::TEXT_WIDER, &here, what);
                    }
                }
                self.compare(&here, old.values, new.values);
            }
            (Shape::Tuple(old), Shape::Tuple(new)) if old.len() == new.len() => {
                for (index, (old, new)) in old.into_iter().zip(new).enumerate() {
                    self.compare(&format!("{path}.{index}"), old, new);
                }
            }
            (Shape::Tuple(old), Shape::List(new)) if new.length.is_none_or(|length| length == old.len() as u64) => {
                let what = format!("was a tuple of {} and is a list", old.len());
                if new.length.is_none() {
                    self.say(rules::TYPE_WIDER, path, what);
                }
                if new.distinct {
                    self.say(rules::ITEMS_DISTINCT, path, "has no item twice now");
                }
                for (index, old) in old.into_iter().enumerate() {
                    self.compare(&format!("{path}.{index}"), old, new.items);
                }
            }
            (Shape::List(old), Shape::Tuple(new)) if old.length.is_none_or(|length| length == new.len() as u64) => {
                if old.length.is_none() {
                    let what = format!("was a list and is a tuple of {}", new.len());
                    self.say(rules::TYPE_NARROWER, path, what);
                }
                for (index, new) in new.into_iter().enumerate() {
                    self.compare(&format!("{path}.{index}"), old.items, new);
                }
            }
            (Shape::Kinds(old), Shape::Kinds(new)) if old == new => {}
            (old @ (Shape::Kinds(_) | Shape::Bool | Shape::Number(_) | Shape::Text(_)), Shape::Kinds(new))
                if kinds(&old).is_subset(&new) =>
            {
                self.say(rules::TYPE_WIDER, path, format!("was {} and is {}", kind(&old), kind(&Shape::Kinds(new))));
            }
            (Shape::Kinds(old), new @ (Shape::Kinds(_) | Shape::Bool | Shape::Number(_) | Shape::Text(_)))
                if kinds(&new).is_subset(&old) =>
            {
                self.say(rules::TYPE_NARROWER, path, format!("was {} and is {}", kind(&Shape::Kinds(old)), kind(&new)));
            }
            (Shape::Object(old), Shape::Object(new)) => self.objects(path, &old, &new),
            (Shape::Choice(old), Shape::Choice(new)) => self.choices(path, &old, &new),
            (Shape::Text(old), Shape::Choice(new))
                if old == Text::default() && new.by_name.values().all(Option::is_none) =>
            {
                self.say(rules::TYPE_NARROWER, path, "is one of a few texts now, and was any text");
            }
            (Shape::Choice(old), Shape::Text(new))
                if new == Text::default() && old.by_name.values().all(Option::is_none) =>
            {
                self.say(rules::NAMES_OPENED, path, "is any text now, and was one of a few");
            }
            (old, Shape::Never) => self.say(rules::TYPE_NARROWER, path, format!("was {} and has no value", kind(&old))),
            (Shape::Never, new) => self.say(rules::TYPE_WIDER, path, format!("had no value and is {}", kind(&new))),
            (Shape::Any, new) => {
                self.say(rules::TYPE_NARROWER, path, format!("is {} now, and was anything", kind(&new)))
            }
            (old, Shape::Any) => self.say(rules::TYPE_WIDER, path, format!("is anything now, and was {}", kind(&old))),
            (old, new) => self.say(rules::TYPE_CHANGED, path, format!("was {} and is {}", kind(&old), kind(&new))),
        }
    }

    fn lists(&mut self, path: &str, old: List<'a>, new: List<'a>) {
        match (old.distinct, new.distinct) {
            (false, true) => self.say(rules::ITEMS_DISTINCT, path, "has no item twice now"),
            (true, false) => self.say(rules::ITEMS_REPEAT, path, "may have an item twice now"),
            _ => {}
        }
        match (old.length, new.length) {
            (Some(length), None) => self.say(rules::TYPE_WIDER, path, format!("has any length now, and had {length}")),
            (None, Some(length)) => {
                self.say(rules::TYPE_NARROWER, path, format!("has exactly {length} items now, and had any number"))
            }
            _ => {}
        }
        self.compare(&format!("{path}[]"), old.items, new.items);
    }

    fn numbers(&mut self, path: &str, old: Number, new: Number) {
        if (old.whole && !new.whole) || new.least < old.least || new.most > old.most {
            self.say(rules::NUMBER_WIDER, path, format!("was {} and is {}", range(old), range(new)));
        }
        if (!old.whole && new.whole) || new.least > old.least || new.most < old.most {
            self.say(rules::NUMBER_NARROWER, path, format!("was {} and is {}", range(old), range(new)));
        }
    }

    fn texts(&mut self, path: &str, old: Text<'_>, new: Text<'_>) {
        let what = || format!("was {} and is {}", words(old), words(new));
        if is_narrower(old, new) {
            self.say(rules::TEXT_NARROWER, path, what());
        }
        if is_narrower(new, old) {
            self.say(rules::TEXT_WIDER, path, what());
        }
    }

    fn objects(&mut self, path: &str, old: &Fields<'a>, new: &Fields<'a>) {
        let mut renamed = BTreeSet::new();
        for (name, old_field) in &old.by_name {
            let here = format!("{path}.{name}");
            let alias = || new.by_name.iter().find(|(_, field)| field.aliases.contains(name));
            match (new.by_name.get(name), alias()) {
                (Some(new_field), _) => self.fields(&here, old_field, new_field),
                (None, Some((other, new_field))) if self.old.direction == Direction::PageSends => {
                    renamed.insert(*other);
                    self.say(rules::FIELD_RENAMED, &here, format!("is `{other}` now"));
                    self.fields(&here, old_field, new_field);
                }
                (None, _) => {
                    self.field_gone(&here, old_field, new.closed);
                    // Old pages still send it, and a flattened map takes it for an entry.
                    if let Some(rest) = new.rest.filter(|_| self.old.direction == Direction::PageSends) {
                        self.compare(&here, old_field.view, rest);
                    }
                }
            }
        }
        let is_new = |name: &&str| !old.by_name.contains_key(*name) && !renamed.contains(name);
        for (name, field) in new.by_name.iter().filter(|(name, _)| is_new(name)) {
            let rule = if field.required { rules::FIELD_ADDED } else { rules::OPTIONAL_FIELD_ADDED };
            self.say(rule, &format!("{path}.{name}"), "is new");
        }
        let here = format!("{path}[key]");
        match (old.rest, new.rest) {
            (Some(old), Some(new)) => self.compare(&here, old, new),
            (Some(_), None) => self.say(rules::OPTIONAL_FIELD_REMOVED, &here, "is gone"),
            (None, Some(_)) => self.say(rules::OPTIONAL_FIELD_ADDED, &here, "is new"),
            (None, None) => {}
        }
        self.flattened(path, old, new);
    }

    /// The flattened enums of two objects, those with common variants together.
    fn flattened(&mut self, path: &str, old: &Fields<'a>, new: &Fields<'a>) {
        let mut left: Vec<&Variants<'a>> = new.choices.iter().collect();
        for choice in &old.choices {
            let common = |other: &&Variants<'a>| other.by_name.keys().any(|name| choice.by_name.contains_key(name));
            match left.iter().position(common) {
                Some(index) => self.choices(path, choice, left.remove(index)),
                None => self.say(rules::TYPE_CHANGED, path, format!("has none of {} any more", list(&choice.by_name))),
            }
        }
        for choice in left {
            self.say(rules::TYPE_CHANGED, path, format!("also has one of {}", list(&choice.by_name)));
        }
    }

    fn field_gone(&mut self, path: &str, field: &Field<'a>, closed: bool) {
        let rule = match self.old.direction {
            Direction::PageSends if closed => rules::FIELD_REFUSED,
            _ if !field.required => rules::OPTIONAL_FIELD_REMOVED,
            _ => rules::FIELD_REMOVED,
        };
        self.say(rule, path, "is gone");
    }

    fn fields(&mut self, path: &str, old: &Field<'a>, new: &Field<'a>) {
        match (old.required, new.required) {
            (true, false) => self.say(rules::FIELD_OPTIONAL, path, "may be missing now"),
            (false, true) => self.say(rules::FIELD_NEEDED, path, "must be there now"),
            _ => {}
        }
        self.compare(path, old.view, new.view);
    }

    fn choices(&mut self, path: &str, old: &Variants<'a>, new: &Variants<'a>) {
        // Variants without names have numbers: of those that are equal, the order does not count.
        let equal = |a: &Variants<'a>, b: &Variants<'a>, name: &String| {
            let own = a.by_name[name].filter(|_| name.starts_with(UNNAMED)).map(|view| view.schema);
            let same =
                |(n, view): (&String, &Option<View<'a>>)| n.starts_with(UNNAMED) && view.map(|v| v.schema) == own;
            own.is_some() && b.by_name.iter().any(same)
        };
        let (all_old, all_new) = (old, new);
        let rest = |a: &Variants<'a>, b: &Variants<'a>| -> BTreeMap<String, Option<View<'a>>> {
            let kept = a.by_name.iter().filter(|(name, _)| !equal(a, b, name));
            let (unnamed, named): (Vec<_>, Vec<_>) = kept.partition(|(name, _)| name.starts_with(UNNAMED));
            let unnamed = unnamed.into_iter().enumerate().map(|(i, (_, view))| (format!("{UNNAMED}{}", i + 1), *view));
            named.into_iter().map(|(name, view)| (name.clone(), *view)).chain(unnamed).collect()
        };
        let (old, new) = (&rest(all_old, all_new), &rest(all_new, all_old));
        let reads_aliases = self.old.direction == Direction::PageSends;
        let alias = |name: &String| all_new.aliases.get(name).filter(|_| reads_aliases && !new.contains_key(name));
        let nothing_equal = old.len() == all_old.by_name.len();
        let nothing_left = !old.keys().any(|name| new.contains_key(name) || alias(name).is_some());
        if nothing_equal && !old.is_empty() && nothing_left {
            self.say(rules::TYPE_CHANGED, path, format!("was one of {} and is one of {}", list(old), list(new)));
            return;
        }
        let mut renamed = BTreeSet::new();
        for (name, old_variant) in old {
            let here = format!("{path}({name})");
            let other = alias(name);
            if let Some(other) = other {
                renamed.insert(other);
                self.say(rules::VARIANT_RENAMED, &here, format!("is `{other}` now"));
            }
            match (old_variant, new.get(other.unwrap_or(name))) {
                (_, None) => self.say(rules::VARIANT_REMOVED, &here, "is gone"),
                (Some(old), Some(Some(new))) => self.compare(&here, *old, *new),
                (None, Some(None)) => {}
                (None, Some(Some(_))) => self.say(rules::TYPE_CHANGED, &here, "was a name alone and holds a value"),
                (Some(_), Some(None)) => self.say(rules::TYPE_CHANGED, &here, "held a value and is a name alone"),
            }
        }
        for name in new.keys().filter(|name| !old.contains_key(*name) && !renamed.contains(name)) {
            self.say(rules::VARIANT_ADDED, &format!("{path}({name})"), "is new");
        }
    }
}

/// How the names of variants begin that have none.
const UNNAMED: &str = "variant ";

fn list(variants: &BTreeMap<String, Option<View<'_>>>) -> String {
    variants.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Whether there is a text that the first allows and the second does not.
fn is_narrower(old: Text<'_>, new: Text<'_>) -> bool {
    let narrower = |old: Option<&str>, new: Option<&str>| new.is_some() && old != new;
    narrower(old.format, new.format)
        || narrower(old.pattern, new.pattern)
        || narrower(old.encoding, new.encoding)
        || new.least > old.least
        || new.most.is_some_and(|most| old.most.is_none_or(|before| before > most))
}

fn words(text: Text<'_>) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend([text.format, text.pattern, text.encoding].into_iter().flatten().map(|word| format!("`{word}`")));
    match (text.least, text.most) {
        (0, None) => {}
        (1, Some(1)) => words.push("one character".to_owned()),
        (least, None) => words.push(format!("at least {least} characters")),
        (least, Some(most)) => words.push(format!("{least} to {most} characters")),
    }
    if words.is_empty() { "any text".to_owned() } else { words.join(", ") }
}

/// The kinds of a plain value, by the names of JSON Schema.
fn kinds<'a>(shape: &Shape<'a>) -> BTreeSet<&'a str> {
    match shape {
        Shape::Kinds(kinds) => kinds.clone(),
        Shape::Bool => BTreeSet::from(["boolean"]),
        Shape::Number(number) => BTreeSet::from([if number.whole { "integer" } else { "number" }]),
        Shape::Text(_) => BTreeSet::from(["string"]),
        _ => BTreeSet::from(["other"]),
    }
}

/// A kind of value, in words.
fn kind(shape: &Shape<'_>) -> String {
    match shape {
        Shape::Any => "anything".to_owned(),
        Shape::Never => "nothing that there is".to_owned(),
        Shape::Null => "nothing".to_owned(),
        Shape::Bool => "a truth value".to_owned(),
        Shape::Number(number) => range(*number),
        Shape::Text(text) if *text == Text::default() => "text".to_owned(),
        Shape::Text(text) => format!("text ({})", words(*text)),
        Shape::List(List { length: None, .. }) => "a list".to_owned(),
        Shape::List(List { length: Some(length), .. }) => format!("a list of {length}"),
        Shape::Tuple(items) => format!("a tuple of {}", items.len()),
        Shape::Map(_) => "a map".to_owned(),
        Shape::Object(_) => "an object".to_owned(),
        Shape::Choice(variants) => format!("one of {}", variants.by_name.len()),
        Shape::Kinds(kinds) => kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(" or "),
    }
}

fn range(number: Number) -> String {
    let what = if number.whole { "a whole number" } else { "a number" };
    match (number.least.is_finite(), number.most.is_finite()) {
        (true, true) => format!("{what} from {} to {}", number.least, number.most),
        (true, false) => format!("{what} from {}", number.least),
        (false, true) => format!("{what} up to {}", number.most),
        (false, false) => what.to_owned(),
    }
}
