//! One error in our words for a field whose type cannot cross the wire, before those of the derives.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{DeriveInput, Field, Path, spanned::Spanned as _};

use super::{fields, helper_settings, sets};
use crate::names;

/// What makes serde, schemars or ts-rs look at another type than the field's, or at none.
const ELSEWHERE: [(&str, &[&str]); 3] = [
    (
        "serde",
        &["skip", "skip_serializing", "skip_deserializing", "with", "serialize_with", "deserialize_with", "flatten"],
    ),
    ("schemars", &["with", "schema_with", "skip"]),
    ("ts", &["as", "type", "skip"]),
];

/// A check of each field's type. Types that depend on parameters are checked where those are known.
pub(super) fn check(input: &DeriveInput, krate: &Path) -> Option<TokenStream> {
    let converted = ["from", "try_from", "into", "remote"].into_iter().any(|key| sets(&input.attrs, "serde", key));
    let params: Vec<&Ident> = input.generics.type_params().map(|param| &param.ident).collect();
    let consts: Vec<&Ident> = input.generics.const_params().map(|param| &param.ident).collect();
    if converted || super::derived(&input.attrs).iter().any(|name| super::DERIVES.iter().any(|(_, ours)| name == ours))
    {
        return None;
    }
    let checks: Vec<TokenStream> = super::fields(&input.data)
        .into_iter()
        .filter(|field| is_plain(field))
        .map(fields::known)
        .filter(|ty| {
            !mentions(ty.to_token_stream(), &|word| word == "Self" || params.contains(&word) || consts.contains(&word))
        })
        .map(|ty| {
            let at = names::generated_at(ty.span());
            quote_spanned!(at=> #krate::__private::field::<#ty>();)
        })
        .collect();
    (!checks.is_empty()).then(|| {
        quote! {
            #[allow(deprecated, reason = "generated")]
            const _: () = { #(#checks)* };
        }
    })
}

fn is_plain(field: &Field) -> bool {
    let conditional = ["cfg", "cfg_attr"].iter().any(|name| field.attrs.iter().any(|attr| attr.path().is_ident(name)));
    let elsewhere = ELSEWHERE.iter().any(|(helper, keys)| {
        helper_settings(&field.attrs, helper).iter().any(|setting| keys.iter().any(|key| setting.key == key))
    });
    !conditional && !elsewhere
}

fn mentions(tokens: TokenStream, is: &dyn Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => is(&word),
        TokenTree::Group(group) => mentions(group.stream(), is),
        _ => false,
    })
}
