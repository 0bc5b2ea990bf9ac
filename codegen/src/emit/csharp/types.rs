//! `Types.cs`: the types of the contract.

use super::{
    names::{self, Members},
    text::summary,
    ty::{Form, Types, tag_of},
    unions,
};
use crate::emit::model::{Declared, Field, Object};

/// The whole text, without the header.
pub(super) fn emit(types: &Types<'_>) -> String {
    let mut out = String::new();
    for declared in types.model.declared.values() {
        let item = match (&types.forms[declared.name.as_str()], types.object(&declared.name)) {
            (Form::Record, Some(object)) => record(types, declared, object),
            (Form::Enum, _) => enumeration(declared),
            (Form::Tagged(tag), _) => tagged(types, declared, tag),
            (Form::Union, _) => unions::emit(types, declared),
            _ => continue,
        };
        out += &format!("\n{}{item}", summary(&declared.docs, 0));
    }
    out
}

fn record(types: &Types<'_>, declared: &Declared, object: &Object) -> String {
    let base = types.bases.get(declared.name.as_str());
    let after = base.map(|(base, _)| format!(" : {base}")).unwrap_or_default();
    let mut members = Members::of(&declared.name);
    let fields = object.fields.iter().filter(|field| base.is_none_or(|(_, tag)| field.name != *tag));
    let mut items: Vec<String> = fields.map(|field| property(types, object, field, &mut members)).collect();
    if object.rest.is_some() {
        let name = members.add("rest");
        let docs = summary("Fields that have no names in the contract.", 4);
        items.push(format!(
            "{docs}    [JsonExtensionData]\n    public Dictionary<string, JsonElement>? {name} {{ get; set; }}\n"
        ));
    }
    let head = format!("public sealed record {}{after}", declared.name);
    if items.is_empty() { format!("{head};\n") } else { format!("{head}\n{{\n{}}}\n", items.join("\n")) }
}

fn property(types: &Types<'_>, object: &Object, field: &Field, members: &mut Members) -> String {
    let name = members.add(&field.name);
    let ty = types.text(&field.kind);
    let mut out = summary(&field.docs, 4);
    out += &format!("    [JsonPropertyName({})]\n", names::text(&field.name));
    if let Some(text) = tag_of(object, &field.name) {
        return out + &format!("    public string {name} {{ get; init; }} = {};\n", names::text(text));
    }
    if field.optional {
        out += "    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]\n";
        let ty = if ty.ends_with('?') { ty } else { format!("{ty}?") };
        return out + &format!("    public {ty} {name} {{ get; init; }}\n");
    }
    out + &format!("    public required {ty} {name} {{ get; init; }}\n")
}

fn enumeration(declared: &Declared) -> String {
    let name = &declared.name;
    let mut members = Members::of(name);
    let (plain, _) = declared.kind.without_null();
    let texts = plain.texts().unwrap_or_default().into_iter();
    let texts = texts
        .map(|text| format!("    [JsonStringEnumMemberName({})]\n    {},\n", names::text(text), members.add(text)));
    let texts = texts.collect::<Vec<_>>().join("\n");
    format!("[JsonConverter(typeof(JsonStringEnumConverter<{name}>))]\npublic enum {name}\n{{\n{texts}}}\n")
}

fn tagged(types: &Types<'_>, declared: &Declared, tag: &str) -> String {
    let mut out = format!("[JsonPolymorphic(TypeDiscriminatorPropertyName = {})]\n", names::text(tag));
    for (variant, _) in types.bases.iter().filter(|(_, (base, _))| *base == declared.name) {
        let Some(text) = types.object(variant).and_then(|object| tag_of(object, tag)) else { continue };
        out += &format!("[JsonDerivedType(typeof({variant}), {})]\n", names::text(text));
    }
    out + &format!("public abstract record {};\n", declared.name)
}
