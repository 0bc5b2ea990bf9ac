//! Prints types: on one line where it fits and says enough, else a line for each field or variant.

use crate::emit::typescript::{
    names,
    schema::{Field, Key, Ty},
    text,
};

/// `type Name = ...;`: an object always has a line for each field.
pub(super) fn declaration(head: &str, ty: &Ty) -> String {
    let flat = format!("{head} = {};", flat(ty));
    let short = text::width(&flat) + "export ".len() <= text::WIDTH;
    let next = format!("{head} =\n  {};", self::flat(ty));
    let next_fits = next.lines().last().is_some_and(|line| text::width(line) <= text::WIDTH);
    match ty {
        Ty::Union(_) if !short && next_fits && !has_docs(ty) => next,
        Ty::Union(variants) if !short || has_docs(ty) => {
            let lines: String =
                variants.iter().map(|variant| format!("\n  | {}", bracketed(variant, nested(variant, 4)))).collect();
            format!("{head} ={lines};")
        }
        Ty::Object(fields) if !fields.is_empty() && !is_map(fields) => format!("{head} = {};", broken(ty, 0)),
        Ty::All(_) => format!("{head} = {};", broken(ty, 0)),
        _ if short && !has_docs(ty) => flat,
        _ => format!("{head} = {};", broken(ty, 0)),
    }
}

/// An object with a line for each field.
pub(super) fn object(ty: &Ty) -> String {
    broken(ty, 0)
}

/// All on one line. Comments are lost.
pub(super) fn flat(ty: &Ty) -> String {
    match ty {
        Ty::Union(parts) => parts.iter().map(|part| bracketed(part, flat(part))).collect::<Vec<_>>().join(" | "),
        Ty::All(parts) => parts.iter().map(|part| bracketed(part, flat(part))).collect::<Vec<_>>().join(" & "),
        Ty::Atom(word) => names::literal(word),
        Ty::Generic(name, items) => format!("{name}<{}>", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        Ty::Tuple(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        Ty::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Ty::Object(fields) => {
            let fields: Vec<_> = fields.iter().map(|field| format!("{}: {}", key(field), flat(&field.ty))).collect();
            format!("{{ {} }}", fields.join("; "))
        }
    }
}

/// On one line if it fits after `indent`, else broken.
fn nested(ty: &Ty, indent: usize) -> String {
    let line = flat(ty);
    if !has_docs(ty) && indent + text::width(&line) < text::WIDTH { line } else { broken(ty, indent) }
}

/// Over several lines, which are indented by `indent`.
fn broken(ty: &Ty, indent: usize) -> String {
    match ty {
        Ty::Object(fields) if !fields.is_empty() => {
            let lines: String = fields.iter().map(|field| self::field(field, indent + 2)).collect();
            format!("{{\n{lines}{}}}", " ".repeat(indent))
        }
        Ty::Union(parts) => parts.iter().map(|part| broken(part, indent)).collect::<Vec<_>>().join(" | "),
        Ty::All(parts) => {
            let part = |(index, part): (usize, &Ty)| {
                bracketed(part, if index == 0 { broken(part, indent) } else { nested(part, indent) })
            };
            parts.iter().enumerate().map(part).collect::<Vec<_>>().join(" & ")
        }
        Ty::Generic(name, items) => {
            format!("{name}<{}>", items.iter().map(|item| broken(item, indent)).collect::<Vec<_>>().join(", "))
        }
        Ty::Tuple(items) => {
            let pad = " ".repeat(indent);
            let lines: String = items.iter().map(|item| format!("{pad}  {},\n", nested(item, indent + 2))).collect();
            format!("[\n{lines}{pad}]")
        }
        Ty::Object(_) | Ty::Atom(_) => flat(ty),
    }
}

fn field(field: &Field, indent: usize) -> String {
    let docs = text::docs(&field.docs, None, indent);
    let key = key(field);
    let line = flat(&field.ty);
    let fits = !has_docs(&field.ty) && indent + text::width(&key) + text::width(&line) + 3 <= text::WIDTH;
    let ty = if fits { line } else { broken(&field.ty, indent) };
    format!("{docs}{}{key}: {ty};\n", " ".repeat(indent))
}

fn key(field: &Field) -> String {
    if field.optional { format!("{}?", field.key) } else { field.key.to_string() }
}

/// A part of an intersection or a union.
fn bracketed(part: &Ty, text: String) -> String {
    if matches!(part, Ty::Union(_) | Ty::All(_)) { format!("({text})") } else { text }
}

fn is_map(fields: &[Field]) -> bool {
    matches!(fields, [Field { key: Key::Each(..), .. }])
}

fn has_docs(ty: &Ty) -> bool {
    match ty {
        Ty::Object(fields) => fields.iter().any(|field| !field.docs.is_empty() || has_docs(&field.ty)),
        Ty::Union(parts) | Ty::All(parts) | Ty::Tuple(parts) | Ty::Generic(_, parts) => parts.iter().any(has_docs),
        Ty::Atom(_) => false,
    }
}
