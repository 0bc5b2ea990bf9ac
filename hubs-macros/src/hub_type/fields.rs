//! Fields that the derives would describe wrongly, or not at all: an error where their form is unknown, a description
//! where the macro knows it.

use quote::ToTokens as _;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericArgument, LitStr, PathArguments, Type, Variant, parse_quote,
};

use super::{helper_settings, sets};
use crate::diag::{Errors, Subject, rules};

/// Lists of the standard library that ts-rs does not know.
const LISTS: [&str; 3] = ["VecDeque", "LinkedList", "BinaryHeap"];

/// Types of the standard library that ts-rs does not know.
const OBJECTS: [&str; 2] = ["Duration", "SystemTime"];

/// Finds what JSON Schema would be wrong about.
pub(super) fn check(input: &DeriveInput, errors: &mut Errors, subject: &Subject) {
    let is_struct = matches!(input.data, Data::Struct(_));
    if let Some(tag) = setting(&input.attrs, "tag").filter(|_| is_struct) {
        errors.report(&rules::STRUCT_TAG, tag, subject);
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

/// The type in `#[schemars(with = "..")]`.
fn described_as(field: &Field) -> Option<Type> {
    let with = helper_settings(&field.attrs, "schemars").into_iter().find(|setting| setting.key == "with")?;
    syn::parse2::<LitStr>(with.value).ok()?.parse().ok()
}

/// Tells ts-rs about fields of types that it does not know. What it says counts for names only: what values look like
/// in TypeScript is said by the schema.
pub(super) fn describe(input: &mut DeriveInput) {
    match &mut input.data {
        Data::Struct(data) => data.fields.iter_mut().for_each(field),
        Data::Enum(data) => data.variants.iter_mut().flat_map(|variant| &mut variant.fields).for_each(field),
        Data::Union(_) => {}
    }
}

/// The type of a field, with types that ts-rs knows in the place of those it does not.
pub(super) fn known(field: &Field) -> Type {
    let mut known = field.ty.clone();
    replace(&mut known);
    known
}

fn field(field: &mut Field) {
    let attrs = &field.attrs;
    if sets(attrs, "ts", "as") || sets(attrs, "ts", "type") || sets(attrs, "serde", "flatten") {
        return;
    }
    let mut known = field.ty.clone();
    let text = match described_as(field) {
        Some(with) => with.to_token_stream().to_string(),
        None if replace(&mut known) => known.to_token_stream().to_string(),
        None => return,
    };
    field.attrs.push(parse_quote!(#[ts(as = #text)]));
}

/// Puts types that ts-rs knows into the place of those it does not; whether there was one.
fn replace(ty: &mut Type) -> bool {
    match ty {
        Type::Array(array) => replace(&mut array.elem),
        Type::Group(group) => replace(&mut group.elem),
        Type::Paren(paren) => replace(&mut paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().map(replace).filter(|found| *found).count() > 0,
        Type::Path(path) => {
            let Some(last) = path.path.segments.last_mut() else { return false };
            let name = last.ident.to_string();
            if OBJECTS.contains(&name.as_str()) && last.arguments.is_none() {
                *ty = parse_quote!(());
                return true;
            }
            let mut found = false;
            let arguments = last.arguments.clone();
            if let PathArguments::AngleBracketed(list) = &mut last.arguments {
                for argument in &mut list.args {
                    if let GenericArgument::Type(inner) = argument {
                        found |= replace(inner);
                    }
                }
            }
            if LISTS.contains(&name.as_str()) && !arguments.is_none() {
                let arguments = last.arguments.clone();
                *ty = parse_quote!(::std::vec::Vec #arguments);
                return true;
            }
            found
        }
        _ => false,
    }
}
