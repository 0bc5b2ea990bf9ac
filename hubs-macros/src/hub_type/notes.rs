//! What serde and people are told about fields and variants, and schemars leaves out of a schema: other names under which
//! they are read, and what a deprecation says.

use syn::{Attribute, Data, DeriveInput, Fields, LitStr, parse_quote};

use super::{helper_settings, sets};
use crate::attr;

/// Writes it into the schema.
pub(super) fn add(input: &mut DeriveInput) {
    note(&mut input.attrs);
    match &mut input.data {
        Data::Struct(data) => fields(&mut data.fields),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                note(&mut variant.attrs);
                other_names(&mut variant.attrs);
                fields(&mut variant.fields);
            }
        }
        Data::Union(_) => {}
    }
}

fn fields(fields: &mut Fields) {
    let Fields::Named(named) = fields else { return };
    for field in &mut named.named {
        if !["skip", "flatten"].into_iter().any(|key| sets(&field.attrs, "serde", key)) {
            note(&mut field.attrs);
            other_names(&mut field.attrs);
        }
    }
}

fn note(attrs: &mut Vec<Attribute>) {
    if let Some(note) = attr::docs(attrs).deprecated.filter(|note| !note.is_empty()) {
        attrs.push(parse_quote!(#[schemars(extend("x-deprecated" = #note))]));
    }
}

fn other_names(attrs: &mut Vec<Attribute>) {
    let settings = helper_settings(attrs, "serde").into_iter().filter(|setting| setting.key == "alias");
    let names: Vec<LitStr> = settings.filter_map(|setting| syn::parse2(setting.value).ok()).collect();
    if !names.is_empty() {
        attrs.push(parse_quote!(#[schemars(extend("x-aliases" = [#(#names),*]))]));
    }
}
