//! The fields of a type that cross the wire, each with the type by which it is described.

use std::iter::Peekable;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Data, DeriveInput, Field, Fields, LitStr, Type, parse_quote};

use super::{helper_settings, sets};

/// One field.
pub(super) struct Part {
    /// Its place among all fields of the type, those of its variants too.
    pub(super) index: usize,
    /// The type, or the one in `#[schemars(with = "..")]`.
    pub(super) ty: Type,
    /// Whether its own fields are written among those of the type.
    pub(super) flattened: bool,
    /// Whether serde, schemars and the contract all look at the field's own type.
    pub(super) plain: bool,
    /// `#[cfg]` only.
    pub(super) cfgs: Vec<Attribute>,
}

/// What makes serde or schemars look at another type than the field's, or at none.
const ELSEWHERE: [(&str, &[&str]); 3] = [
    (
        "serde",
        &[
            "skip",
            "skip_serializing",
            "skip_deserializing",
            "with",
            "serialize_with",
            "deserialize_with",
            "flatten",
            "bound",
        ],
    ),
    ("schemars", &["with", "schema_with", "skip"]),
    ("ts", &["as", "type", "skip"]),
];

/// All fields but those that are skipped.
pub(super) fn of(input: &DeriveInput) -> Vec<Part> {
    let mut index = 0;
    let mut found = Vec::new();
    let mut add = |fields: &Fields, seen: bool| {
        for field in fields {
            if seen && !skipped(&field.attrs) && !sets(&field.attrs, "ts", "type") {
                found.push(part(index, field));
            }
            index += 1;
        }
    };
    match &input.data {
        Data::Struct(data) => add(&data.fields, true),
        Data::Enum(data) => data.variants.iter().for_each(|variant| add(&variant.fields, !skipped(&variant.attrs))),
        Data::Union(_) => {}
    }
    found
}

fn skipped(attrs: &[Attribute]) -> bool {
    ["serde", "ts"].iter().any(|helper| sets(attrs, helper, "skip"))
}

fn part(index: usize, field: &Field) -> Part {
    let elsewhere = ELSEWHERE.iter().any(|(helper, keys)| keys.iter().any(|key| sets(&field.attrs, helper, key)));
    let conditional = field.attrs.iter().any(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"));
    Part {
        index,
        ty: described_as(field).unwrap_or_else(|| field.ty.clone()),
        flattened: sets(&field.attrs, "serde", "flatten"),
        plain: !elsewhere && !conditional,
        cfgs: field.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect(),
    }
}

/// The type that the user names in the place of the field's.
pub(super) fn described_as(field: &Field) -> Option<Type> {
    let named = |helper, key| {
        let with = helper_settings(&field.attrs, helper).into_iter().find(|setting| setting.key == key)?;
        syn::parse2::<LitStr>(with.value).ok()?.parse().ok()
    };
    named("schemars", "with")
        .or_else(|| named("ts", "as"))
        .or_else(|| sets(&field.attrs, "schemars", "schema_with").then(|| parse_quote!(())))
}

/// Whether a type names one of `words`, other than as what a `PhantomData` is about: a value of that has nothing of it.
pub(super) fn mentions(ty: &Type, words: &[&Ident]) -> bool {
    in_tokens(ty.to_token_stream(), words)
}

fn in_tokens(tokens: TokenStream, words: &[&Ident]) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "PhantomData" => pass_arguments(&mut tokens),
            TokenTree::Ident(word) if words.iter().any(|known| **known == word) => return true,
            TokenTree::Group(group) if in_tokens(group.stream(), words) => return true,
            _ => {}
        }
    }
    false
}

/// Passes over `<..>`.
fn pass_arguments(tokens: &mut Peekable<impl Iterator<Item = TokenTree>>) {
    if tokens.next_if(|token| is(token, '<')).is_none() {
        return;
    }
    let mut depth = 1_u32;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '-' => {
                tokens.next_if(|token| is(token, '>'));
            }
            token if is(&token, '<') => depth += 1,
            token if is(&token, '>') && depth == 1 => return,
            token if is(&token, '>') => depth -= 1,
            _ => {}
        }
    }
}

fn is(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_has_nothing_of_what_it_is_about() {
        let word: Ident = parse_quote!(T);
        for (ty, expected) in [
            ("T", true),
            ("Vec<(u8, T)>", true),
            ("PhantomData<T>", false),
            ("std::marker::PhantomData<fn(T) -> Vec<T>>", false),
            ("(PhantomData<fn() -> T>, T)", true),
            ("Vec<PhantomData<T>>", false),
        ] {
            assert_eq!(mentions(&syn::parse_str(ty).unwrap(), &[&word]), expected, "{ty}");
        }
    }
}
