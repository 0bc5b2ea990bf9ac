//! Unions that C# has no word for: a record that holds the JSON, with a property or a conversion for each of its forms.

use super::{
    names::{self, Members},
    text::summary,
    ty::{Types, tag_of},
};
use crate::emit::model::{Declared, Kind};

/// The declaration, without its comment.
pub(super) fn emit(types: &Types<'_>, declared: &Declared) -> String {
    let name = &declared.name;
    let mut members = Members::of(name);
    members.add("converter");
    let mut items = Vec::new();
    let (plain, _) = declared.kind.without_null();
    for part in plain.parts() {
        if let Some([text]) = part.texts().as_deref() {
            let (member, is) = (members.add(text), members.add(&format!("is {text}")));
            items.push(fixed(name, text, &member, &is));
        }
        if let Kind::Named(variant) = part {
            items.extend(read(types, variant, &mut members));
            items.push(conversion(types, name, variant));
        }
    }
    items.push(converter(name));
    let items = items.into_iter().filter(|item| !item.is_empty()).collect::<Vec<_>>().join("\n");
    format!("[JsonConverter(typeof({name}.Converter))]\npublic sealed record {name}(JsonElement Json)\n{{\n{items}}}\n")
}

/// One text that the value may be.
fn fixed(name: &str, text: &str, member: &str, is: &str) -> String {
    let value = names::text(text);
    let docs = summary(&format!("The text `{text}`."), 4);
    let asked = summary(&format!("Whether it is the text `{text}`."), 4);
    format!(
        "{docs}    public static {name} {member} {{ get; }} = new(JsonSerializer.SerializeToElement({value}));\n\n\
         {asked}    [JsonIgnore]\n    \
         public bool {is} => Json.ValueKind == JsonValueKind.String && Json.ValueEquals({value});\n"
    )
}

/// A variant that its tag or its only field tells apart.
fn read(types: &Types<'_>, variant: &str, members: &mut Members) -> Option<String> {
    let object = types.object(variant)?;
    let tagged = object.fields.iter().find_map(|field| Some((field, tag_of(object, &field.name)?)));
    let (word, docs, test) = match (tagged, object.fields.as_slice()) {
        (Some((field, tag)), _) => {
            let (key, value) = (names::text(&field.name), names::text(tag));
            let docs = format!("The variant whose `{}` is `{tag}`; null if it is another.", field.name);
            (tag, docs, format!("Json.TryGetProperty({key}, out var tag) && tag.ValueEquals({value})"))
        }
        (None, [field]) if !field.optional && object.rest.is_none() => {
            let docs = format!("The variant with `{}`; null if it is another.", field.name);
            (field.name.as_str(), docs, format!("Json.TryGetProperty({}, out _)", names::text(&field.name)))
        }
        _ => return None,
    };
    let (member, docs) = (members.add(word), summary(&docs, 4));
    Some(format!(
        "{docs}    [JsonIgnore]\n    public {variant}? {member} =>\n        \
         Json.ValueKind == JsonValueKind.Object && {test}\n            \
         ? Json.Deserialize<{variant}>()\n            : null;\n"
    ))
}

fn conversion(types: &Types<'_>, name: &str, variant: &str) -> String {
    if types.object(variant).is_none() {
        return String::new();
    }
    format!(
        "    public static implicit operator {name}({variant} value) =>\n        \
         new(JsonSerializer.SerializeToElement(value));\n"
    )
}

fn converter(name: &str) -> String {
    format!(
        "    internal sealed class Converter : JsonConverter<{name}>\n    {{\n        \
         public override {name} Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>\n            \
         new(JsonElement.ParseValue(ref reader));\n\n        \
         public override void Write(Utf8JsonWriter writer, {name} value, JsonSerializerOptions options) =>\n            \
         value.Json.WriteTo(writer);\n    }}\n"
    )
}
