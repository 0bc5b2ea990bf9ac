//! `models.py`: the types of the contract.

use super::{
    Module,
    module::{WIDTH, comment, docstring},
    names,
    ty::{Style, hidden, ty},
};
use crate::emit::model::{Declared, Field, Kind, Model, Object};

/// The whole text.
pub(super) fn emit(model: &Model) -> String {
    let mut module = Module::of_models();
    for declared in model.declared.values() {
        let item = declaration(&mut module, declared);
        module.push(item);
    }
    module.finish("The types of the contract, as they are in the parsed JSON.")
}

fn declaration(module: &mut Module, declared: &Declared) -> String {
    match &declared.kind {
        Kind::Object(object) if object.rest.is_none() => {
            if object.fields.iter().all(|field| names::is_field(&field.name)) {
                class(module, declared, object)
            } else {
                call(module, declared, object)
            }
        }
        Kind::Object(object) => open(module, declared, object),
        kind => {
            let body = ty(module, kind, Style::Expression);
            alias(module, declared, &body)
        }
    }
}

/// `class Note(TypedDict):`
fn class(module: &mut Module, declared: &Declared, object: &Object) -> String {
    module.hidden = hidden(object.fields.iter().map(|field| field.name.as_str()));
    // Of final ones in a union, type checkers know which it is once they have seen that a key is in it.
    let mut out = format!("@{}\nclass {}({}):\n", module.typing("final"), declared.name, module.typing("TypedDict"));
    out += &docstring(&declared.docs, 4);
    if !declared.docs.is_empty() && !object.fields.is_empty() {
        out.push('\n');
    }
    for field in &object.fields {
        let ty = field_type(module, field, Style::Annotation);
        out += &format!("    {}: {ty}\n{}", field.name, docstring(&field.docs, 4));
    }
    module.hidden.clear();
    if declared.docs.is_empty() && object.fields.is_empty() { out + "    pass\n" } else { out }
}

/// `Note = TypedDict("Note", {..})`, for fields whose names a class cannot have.
fn call(module: &mut Module, declared: &Declared, object: &Object) -> String {
    let name = &declared.name;
    let mut out = format!("{name} = {}(\n    {},\n    {{\n", module.typing("TypedDict"), names::text(name));
    for field in &object.fields {
        let ty = field_type(module, field, Style::Expression);
        out += &comment(&field.docs, 8);
        out += &format!("        {}: {ty},\n", names::text(&field.name));
    }
    out + "    },\n)\n" + &docstring(&declared.docs, 0)
}

fn field_type(module: &mut Module, field: &Field, style: Style) -> String {
    let ty = ty(module, &field.kind, style);
    if field.optional { format!("{}[{ty}]", module.typing("NotRequired")) } else { ty }
}

/// An object with fields of any names: `TypedDict` has no word for these.
fn open(module: &mut Module, declared: &Declared, object: &Object) -> String {
    let mut docs = declared.docs.clone();
    let known = object.fields.iter().map(|field| {
        let ty = ty(module, &field.kind, Style::Annotation);
        format!("- `{}`: `{ty}`{}", field.name, if field.optional { ", which may be missing" } else { "" })
    });
    let known: Vec<_> = known.collect();
    docs += &format!("\n\nIt has these fields, and others of any name:\n\n{}", known.join("\n"));
    let body = format!("dict[str, {}]", module.typing("Any"));
    alias(module, &Declared { docs: docs.trim().to_owned(), ..declared.clone() }, &body)
}

fn alias(module: &mut Module, declared: &Declared, body: &str) -> String {
    let head = format!("{}: {} = ", declared.name, module.typing("TypeAlias"));
    // What is recursive must not be evaluated, and a text is not.
    let line = format!("{head}{body}");
    let line = if line.chars().count() <= WIDTH { line } else { format!("{head}{}", broken(body)) };
    format!("{line}\n{}", docstring(&declared.docs, 0))
}

/// `Union[..]` or `Literal[..]` with one part a line.
fn broken(body: &str) -> String {
    let (open, close) = (body.find('['), body.strip_suffix(']'));
    let (Some(open), Some(inner)) = (open, close) else { return body.to_owned() };
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut parts = vec![String::new()];
    for c in inner[open + 1..].chars() {
        match c {
            '"' if !escaped => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let lines: String = parts.iter().map(|part| format!("    {},\n", part.trim())).collect();
    format!("{}[\n{lines}]", &body[..open])
}
