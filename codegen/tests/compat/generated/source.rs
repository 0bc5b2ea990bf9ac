//! Writes pairs of types by chance: a type, the same after a change, and values of both. A seed always gives the same.

use std::fmt::Write as _;

/// What was tried. A seed that found a fault stays; a new one may be added, with `UPDATE_EXPECT=1`.
pub(crate) const SEEDS: [u64; 6] = [1, 2, 3, 20, 21, 77];

/// Pairs for each seed.
pub(crate) const PAIRS: usize = 12;

/// The Rust code of all pairs.
pub(crate) fn all() -> String {
    let mut out = "// Written by source.rs: `UPDATE_EXPECT=1 cargo test -p hubs-codegen --test compat`.\n".to_owned();
    let mut entries = String::new();
    for seed in SEEDS {
        let mut chance = Chance(seed);
        for number in 0..PAIRS {
            let old = model(&mut chance);
            let mut new = old.clone();
            for _ in 0..=chance.below(2) {
                change(&mut new, &mut chance);
            }
            let name = format!("s{seed}_{number}");
            let _ = writeln!(
                out,
                "mod {name} {{ pub(super) mod old {{ {} }} pub(super) mod new {{ {} }} }}",
                code(&old),
                code(&new)
            );
            let (sent, given) = (quoted(&samples(&old, true)), quoted(&samples(&new, false)));
            let _ = writeln!(entries, "    Made::of::<{name}::old::T, {name}::new::T>(\"{name}\", &{sent}, &{given}),");
        }
    }
    let _ = writeln!(out, "pub(crate) fn pairs() -> Vec<Made> {{\n    vec![\n{entries}    ]\n}}");
    out
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap_or(0)
    }

    fn often(&mut self) -> bool {
        self.below(3) > 0
    }
}

#[derive(Clone)]
enum Ty {
    Plain(&'static str),
    Option(Box<Ty>),
    List(Box<Ty>),
    Set(&'static str),
    Array(Box<Ty>, usize),
    Tuple(Vec<Ty>),
    Map(&'static str, Box<Ty>),
    /// The second type of the model.
    Inner,
}

#[derive(Clone, Copy, PartialEq)]
enum May {
    NotBeMissing,
    BeMissing,
    BeSkipped,
}

#[derive(Clone)]
struct Field {
    name: String,
    alias: Option<String>,
    may: May,
    ty: Ty,
}

#[derive(Clone)]
enum Body {
    Struct { fields: Vec<Field>, rest: Option<Ty> },
    Enum { tag: &'static str, variants: Vec<Variant> },
}

#[derive(Clone)]
struct Variant {
    name: String,
    alias: Option<String>,
    holds: Option<Vec<Field>>,
}

/// `T`, and a type that it may be made of.
#[derive(Clone)]
struct Model {
    main: Body,
    inner: Body,
}

const PLAIN: [&str; 7] = ["bool", "u8", "u32", "i32", "f64", "String", "char"];
const TAGS: [&str; 3] = ["", "tag = \"kind\"", "tag = \"kind\", content = \"held\""];

fn model(chance: &mut Chance) -> Model {
    Model { main: body(chance, true), inner: body(chance, false) }
}

fn body(chance: &mut Chance, main: bool) -> Body {
    if chance.often() {
        let rest = (main && chance.below(4) == 0).then(|| plain(chance));
        return Body::Struct { fields: fields(chance, main), rest };
    }
    let variants = (0..2 + chance.below(2)).map(|number| Variant {
        name: format!("V{number}"),
        alias: None,
        holds: chance.often().then(|| fields(chance, main)),
    });
    Body::Enum { variants: variants.collect(), tag: TAGS[chance.below(TAGS.len())] }
}

fn fields(chance: &mut Chance, main: bool) -> Vec<Field> {
    (0..1 + chance.below(3)).map(|number| field(&format!("f{number}"), chance, main)).collect()
}

fn field(name: &str, chance: &mut Chance, main: bool) -> Field {
    let ty = ty(chance, if main { 2 } else { 1 }, main);
    let may = match (&ty, chance.below(4)) {
        (Ty::Option(_), 0 | 1) => May::BeSkipped,
        (Ty::Inner | Ty::Array(..) | Ty::Tuple(_), _) => May::NotBeMissing,
        (_, 0) => May::BeMissing,
        _ => May::NotBeMissing,
    };
    Field { name: name.to_owned(), alias: None, may, ty }
}

fn plain(chance: &mut Chance) -> Ty {
    Ty::Plain(PLAIN[chance.below(PLAIN.len())])
}

fn ty(chance: &mut Chance, depth: usize, main: bool) -> Ty {
    let inside = |chance: &mut Chance| Box::new(if depth > 1 { ty(chance, depth - 1, main) } else { plain(chance) });
    match chance.below(12) {
        0 => match *inside(chance) {
            option @ Ty::Option(_) => option,
            other => Ty::Option(Box::new(other)),
        },
        1 => Ty::List(inside(chance)),
        2 => Ty::Set(["u8", "String"][chance.below(2)]),
        3 => Ty::Array(inside(chance), 2 + chance.below(2)),
        4 => Ty::Tuple((0..2 + chance.below(2)).map(|_| plain(chance)).collect()),
        5 => Ty::Map("String", inside(chance)),
        6 | 7 if main => Ty::Inner,
        _ => plain(chance),
    }
}

fn change(model: &mut Model, chance: &mut Chance) {
    let main = chance.often();
    let body = if main { &mut model.main } else { &mut model.inner };
    match body {
        Body::Struct { rest: Some(rest), .. } if chance.below(4) == 0 => *rest = plain(chance),
        Body::Struct { fields, .. } => change_fields(fields, chance, main),
        Body::Enum { tag, variants } => match chance.below(6) {
            0 => *tag = TAGS[chance.below(TAGS.len())],
            1 => variants.push(Variant { name: "W".to_owned(), alias: None, holds: None }),
            2 if variants.len() > 1 => drop(variants.remove(chance.below(variants.len()))),
            3 => {
                let index = chance.below(variants.len());
                let old = std::mem::replace(&mut variants[index].name, "Renamed".to_owned());
                variants[index].alias = chance.often().then(|| old.to_lowercase());
            }
            4 => variants.reverse(),
            _ => {
                let index = chance.below(variants.len());
                if let Some(fields) = &mut variants[index].holds {
                    change_fields(fields, chance, main);
                }
            }
        },
    }
}

fn change_fields(fields: &mut Vec<Field>, chance: &mut Chance, main: bool) {
    let index = chance.below(fields.len());
    let count = fields.len();
    let one = &mut fields[index];
    match chance.below(8) {
        0 => fields.push(field("more", chance, main)),
        1 if count > 1 => drop(fields.remove(index)),
        2 => {
            let old = std::mem::replace(&mut one.name, "renamed".to_owned());
            one.alias = chance.often().then_some(old);
        }
        3 => fields.reverse(),
        4 => one.ty = alike(one.ty.clone(), chance),
        5 if !matches!(one.ty, Ty::Option(_)) => {
            one.ty = Ty::Option(Box::new(one.ty.clone()));
        }
        6 => *one = Field { name: one.name.clone(), ..field("", chance, main) },
        _ => one.ty = alike(one.ty.clone(), chance),
    }
    // A skipped field is an `Option`, and not every type has a default.
    for field in fields {
        field.may = match (&field.ty, field.may) {
            (Ty::Option(_), may) => may,
            (Ty::Inner | Ty::Array(..) | Ty::Tuple(_), _) | (_, May::BeSkipped) => May::NotBeMissing,
            (_, may) => may,
        };
    }
}

/// A type that is near: these are the changes that people make.
fn alike(ty: Ty, chance: &mut Chance) -> Ty {
    match ty {
        Ty::Option(inner) if chance.often() => *inner,
        Ty::Option(inner) => Ty::Option(Box::new(alike(*inner, chance))),
        Ty::List(inner) if chance.often() => Ty::Array(inner, 2),
        Ty::List(inner) => Ty::List(Box::new(alike(*inner, chance))),
        Ty::Set(item) => Ty::List(Box::new(Ty::Plain(item))),
        Ty::Array(inner, _) if chance.often() => Ty::List(inner),
        Ty::Array(inner, length) => Ty::Array(Box::new(alike(*inner, chance)), length),
        Ty::Tuple(parts) if chance.often() => Ty::List(Box::new(parts[0].clone())),
        Ty::Tuple(mut parts) => {
            parts.push(plain(chance));
            Ty::Tuple(parts)
        }
        Ty::Map(keys, values) => Ty::Map(keys, Box::new(alike(*values, chance))),
        Ty::Plain(_) | Ty::Inner => plain(chance),
    }
}

fn code(model: &Model) -> String {
    format!("{} {}", item("T", &model.main), item("U", &model.inner))
}

fn item(name: &str, body: &Body) -> String {
    match body {
        Body::Struct { fields, rest } => {
            let rest = rest.as_ref().map_or_else(String::new, |ty| {
                format!(" #[serde(flatten)] pub rest: ::std::collections::BTreeMap<String, {}>,", rust(ty))
            });
            format!("#[::hubs::hub_type] pub struct {name} {{ {}{rest} }}", listed(fields, "pub "))
        }
        Body::Enum { tag, variants } => {
            let tag = if tag.is_empty() { String::new() } else { format!("#[serde({tag})] ") };
            let variants = variants.iter().map(|variant| {
                let alias = alias(variant.alias.as_deref());
                let held =
                    variant.holds.as_ref().map_or_else(String::new, |held| format!(" {{ {} }}", listed(held, "")));
                format!("{alias}{}{held}", variant.name)
            });
            format!("#[::hubs::hub_type] {tag}pub enum {name} {{ {} }}", variants.collect::<Vec<_>>().join(", "))
        }
    }
}

fn alias(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("#[serde(alias = \"{name}\")] "))
}

fn listed(fields: &[Field], vis: &str) -> String {
    let one = |field: &Field| {
        let may = match field.may {
            May::NotBeMissing => "",
            May::BeMissing => "#[serde(default)] ",
            May::BeSkipped => "#[serde(skip_serializing_if = \"Option::is_none\")] ",
        };
        format!("{may}{}{vis}{}: {},", alias(field.alias.as_deref()), field.name, rust(&field.ty))
    };
    fields.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn rust(ty: &Ty) -> String {
    match ty {
        Ty::Plain(name) => (*name).to_owned(),
        Ty::Option(inner) => format!("Option<{}>", rust(inner)),
        Ty::List(inner) => format!("Vec<{}>", rust(inner)),
        Ty::Set(item) => format!("::std::collections::BTreeSet<{item}>"),
        Ty::Array(inner, length) => format!("[{}; {length}]", rust(inner)),
        Ty::Tuple(parts) => format!("({})", parts.iter().map(rust).collect::<Vec<_>>().join(", ")),
        Ty::Map(keys, values) => format!("::std::collections::BTreeMap<{keys}, {}>", rust(values)),
        Ty::Inner => "U".to_owned(),
    }
}

/// Values as a page may send them (`sent`), or as the server writes them.
fn samples(model: &Model, sent: bool) -> Vec<String> {
    let inner = of_body(&model.inner, &[], sent);
    of_body(&model.main, &inner, sent)
}

fn of_body(body: &Body, inner: &[String], sent: bool) -> Vec<String> {
    match body {
        Body::Struct { fields, rest } => {
            let mut all = objects(&[], fields, inner, sent);
            if let Some(rest) = rest {
                let more = values(rest, inner).into_iter().map(|value| format!("\"other\":{value}"));
                let base = all[0].strip_suffix('}').unwrap_or_default().to_owned();
                let comma = if base == "{" { "" } else { "," };
                all.extend(more.map(|more| format!("{base}{comma}{more}}}")));
            }
            all
        }
        Body::Enum { tag, variants } => {
            variants.iter().flat_map(|variant| of_variant(tag, variant, inner, sent)).collect()
        }
    }
}

fn of_variant(tag: &str, variant: &Variant, inner: &[String], sent: bool) -> Vec<String> {
    let mut name = variant.name.clone();
    name[..1].make_ascii_lowercase();
    let kind = format!("\"kind\":\"{name}\"");
    match (tag, &variant.holds) {
        ("", None) => vec![format!("\"{name}\"")],
        (_, None) => vec![format!("{{{kind}}}")],
        ("", Some(fields)) => {
            objects(&[], fields, inner, sent).iter().map(|held| format!("{{\"{name}\":{held}}}")).collect()
        }
        ("tag = \"kind\"", Some(fields)) => objects(&[kind], fields, inner, sent),
        (_, Some(fields)) => {
            objects(&[], fields, inner, sent).iter().map(|held| format!("{{{kind},\"held\":{held}}}")).collect()
        }
    }
}

/// The first value of each field, then each other value of each, alone.
fn objects(first: &[String], fields: &[Field], inner: &[String], sent: bool) -> Vec<String> {
    let choices: Vec<Vec<Option<String>>> = fields.iter().map(|field| of_field(field, inner, sent)).collect();
    let object = |changed: Option<(usize, usize)>| {
        let mut parts = first.to_vec();
        for (index, (field, choices)) in fields.iter().zip(&choices).enumerate() {
            let choice = changed.filter(|(at, _)| *at == index).map_or(0, |(_, choice)| choice);
            parts.extend(choices[choice].as_ref().map(|value| format!("\"{}\":{value}", field.name)));
        }
        format!("{{{}}}", parts.join(","))
    };
    let others = choices.iter().enumerate().flat_map(|(index, choices)| (1..choices.len()).map(move |c| (index, c)));
    std::iter::once(None).chain(others.map(Some)).map(object).collect()
}

fn of_field(field: &Field, inner: &[String], sent: bool) -> Vec<Option<String>> {
    let mut all: Vec<_> = values(&field.ty, inner).into_iter().map(Some).collect();
    let optional = matches!(field.ty, Ty::Option(_));
    if field.may == May::BeSkipped && !sent {
        all.retain(|value| value.as_deref() != Some("null"));
    }
    let missing = if sent { optional || field.may == May::BeMissing } else { field.may == May::BeSkipped };
    all.extend(missing.then_some(None));
    all
}

fn values(ty: &Ty, inner: &[String]) -> Vec<String> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    match ty {
        Ty::Plain("bool") => texts(&["true", "false"]),
        Ty::Plain("u8") => texts(&["0", "255"]),
        Ty::Plain("u32") => texts(&["0", "4294967295"]),
        Ty::Plain("i32") => texts(&["-2147483648", "2147483647", "0"]),
        Ty::Plain("f64") => texts(&["0.5", "-3.25"]),
        Ty::Plain("char") => texts(&["\"x\""]),
        Ty::Plain(_) => texts(&["\"\"", "\"xyz\""]),
        Ty::Option(one) => values(one, inner).into_iter().chain(["null".to_owned()]).collect(),
        Ty::List(one) => {
            let each = values(one, inner);
            let mut all: Vec<_> = each.iter().map(|value| format!("[{value}]")).collect();
            all.extend([format!("[{}]", vec![each[0].clone(); 4].join(",")), "[]".to_owned()]);
            all
        }
        Ty::Set(item) => {
            let all = values(&Ty::Plain(item), inner);
            vec![format!("[{}]", all.join(",")), "[]".to_owned()]
        }
        Ty::Array(one, length) => {
            values(one, inner).iter().map(|value| format!("[{}]", vec![value.clone(); *length].join(","))).collect()
        }
        Ty::Tuple(parts) => {
            let choices: Vec<_> = parts.iter().map(|part| values(part, inner)).collect();
            let longest = choices.iter().map(Vec::len).max().unwrap_or(0);
            let tuple =
                |index: usize| choices.iter().map(|all| all[index.min(all.len() - 1)].clone()).collect::<Vec<_>>();
            (0..longest).map(|index| format!("[{}]", tuple(index).join(","))).collect()
        }
        Ty::Map(keys, one) => {
            let key = if *keys == "u32" { "7" } else { "x" };
            values(one, inner).iter().map(|value| format!("{{\"{key}\":{value}}}")).chain(["{}".to_owned()]).collect()
        }
        Ty::Inner => inner.to_vec(),
    }
}

fn quoted(samples: &[String]) -> String {
    format!("[{}]", samples.iter().map(|sample| format!("{sample:?}")).collect::<Vec<_>>().join(", "))
}
