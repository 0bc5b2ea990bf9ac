//! Names on the wire that serde's camelCase cannot make. Knows nothing of types.

use proc_macro2::Ident;
use syn::{Attribute, Data, DeriveInput, Field, parse_quote};

use super::sets;
use crate::names;

/// serde's camelCase knows names that begin with an ASCII letter only, and panics at others: those get theirs from us.
pub(super) fn beyond_ascii(input: &mut DeriveInput) {
    let attrs = input.attrs.clone();
    let ours = |key: &str| !sets(&attrs, "serde", key);
    match &mut input.data {
        Data::Struct(data) if ours("rename_all") => data.fields.iter_mut().for_each(name_field),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                if ours("rename_all") {
                    name_one(&variant.ident, &mut variant.attrs);
                }
                if ours("rename_all_fields") && !sets(&variant.attrs, "serde", "rename_all") {
                    variant.fields.iter_mut().for_each(name_field);
                }
            }
        }
        Data::Struct(_) | Data::Union(_) => {}
    }
}

fn name_field(field: &mut Field) {
    if let Some(ident) = &field.ident {
        name_one(ident, &mut field.attrs);
    }
}

fn name_one(ident: &Ident, attrs: &mut Vec<Attribute>) {
    let name = names::plain(ident);
    if !name.starts_with(|c: char| c.is_ascii()) && !sets(attrs, "serde", "rename") {
        let wire = names::Style::Camel.apply(&name);
        attrs.push(parse_quote!(#[serde(rename = #wire)]));
    }
}
