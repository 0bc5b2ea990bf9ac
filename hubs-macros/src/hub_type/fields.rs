//! Fields that the derives would describe wrongly, or not at all: an error where their form is unknown, a mark where the
//! contract has to look closer.

use quote::ToTokens as _;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Type, Variant};

use super::{helper_settings, parts::described_as, sets};
use crate::diag::{Errors, Subject, rules};

/// Finds what JSON Schema would be wrong about.
pub(super) fn check(input: &DeriveInput, errors: &mut Errors, subject: &Subject) {
    let is_struct = matches!(input.data, Data::Struct(_));
    if let Some(tag) = setting(&input.attrs, "tag").filter(|_| is_struct) {
        errors.report(&rules::STRUCT_TAG, tag, subject);
    }
    let derived = super::derived_paths(&input.attrs);
    let numeric: Vec<_> = derived
        .iter()
        .filter(|path| super::NUMERIC.iter().any(|name| path.segments.last().is_some_and(|l| l.ident == name)))
        .collect();
    if let [only] = numeric.as_slice() {
        errors.report(&rules::HALF_NUMERIC, only, subject);
    }
    let variants = match &input.data {
        Data::Enum(data) => data.variants.iter().map(|variant| &variant.attrs).collect(),
        Data::Struct(_) | Data::Union(_) => Vec::new(),
    };
    let fields = super::fields(&input.data);
    for attrs in variants.into_iter().chain(fields.iter().map(|field| &field.attrs)) {
        let described = sets(attrs, "schemars", "with") || sets(attrs, "schemars", "schema_with");
        let own = ["with", "serialize_with", "deserialize_with"].into_iter().find_map(|key| setting(attrs, key));
        if let Some(own) = own.filter(|_| !described && !sets(attrs, "serde", "skip")) {
            errors.report(&rules::UNDESCRIBED, own, subject);
        }
    }
}

/// Whether serde collects a value of this type before it knows what it is: then the contract has to look closer.
pub(super) fn is_buffered(input: &DeriveInput) -> bool {
    let untagged = |attrs: &[Attribute]| ["tag", "untagged"].iter().any(|key| sets(attrs, "serde", key));
    let variants = match &input.data {
        Data::Enum(data) => data.variants.iter().any(|variant| untagged(&variant.attrs)),
        Data::Struct(_) | Data::Union(_) => false,
    };
    let flattened = super::fields(&input.data).into_iter().any(|field| sets(&field.attrs, "serde", "flatten"));
    untagged(&input.attrs) || variants || flattened
}

fn setting(attrs: &[Attribute], key: &str) -> Option<proc_macro2::TokenStream> {
    let made = helper_settings(attrs, "serde").into_iter().find(|setting| setting.key == key)?;
    Some(made.key.into_token_stream())
}

/// The fields whose own fields are written among those of the type: their Rust names, each with its type.
pub(super) fn flattened(input: &DeriveInput) -> Vec<(String, Type)> {
    let found = |prefix: &str, fields: &Fields| {
        let fields = fields.iter().filter(|field| sets(&field.attrs, "serde", "flatten"));
        let named = |field: &Field| {
            let name = crate::names::plain(field.ident.as_ref()?);
            Some((format!("{prefix}{name}"), described_as(field).unwrap_or_else(|| field.ty.clone())))
        };
        fields.filter_map(named).collect::<Vec<_>>()
    };
    match &input.data {
        Data::Struct(data) => found(".", &data.fields),
        Data::Enum(data) => {
            let variants = data.variants.iter();
            let of = |variant: &Variant| found(&format!("({}).", crate::names::plain(&variant.ident)), &variant.fields);
            variants.flat_map(of).collect()
        }
        Data::Union(_) => Vec::new(),
    }
}
