//! The copy of a type that ts-rs derives the layout of: its fields have places for types, so that no type of the user is
//! resolved there, and none needs to be known to ts-rs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Fields, Generics, Meta, Path, Token, Visibility, parse_quote, punctuated::Punctuated,
};

use super::{helper, renaming, sets};
use crate::attr::{self, Setting};

/// Settings of `#[ts(..)]` that name no type of the user.
const KEPT: [&str; 9] =
    ["rename", "rename_all", "rename_all_fields", "tag", "content", "untagged", "type", "skip", "flatten"];

/// `#[derive(TS)] struct __Copy { .. }`.
pub(super) fn of(input: &DeriveInput, krate: &Path, name: &str) -> TokenStream {
    let mut copy = input.clone();
    copy.ident = Ident::new("__Copy", Span::call_site());
    copy.vis = Visibility::Inherited;
    copy.generics = Generics::default();
    copy.attrs = attributes(&input.attrs, true);
    let mut index = 0;
    match &mut copy.data {
        Data::Struct(data) => places(&mut data.fields, &mut index),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                variant.discriminant = None;
                variant.attrs = attributes(&variant.attrs, false);
                places(&mut variant.fields, &mut index);
            }
        }
        Data::Union(_) => {}
    }
    let serde = helper(input, "serde", None, renaming(input));
    let krate: String = super::path_in(krate, "ts_rs");
    // The schema says which numbers.
    let number = super::is_numeric(input).then(|| quote!(, type = "number"));
    quote! {
        #[derive(__hubs::ts_rs::TS, __hubs::SerdeAttributes)]
        #serde
        #[ts(crate = #krate, rename = #name #number)]
        #copy
    }
}

fn places(fields: &mut Fields, index: &mut usize) {
    for field in fields {
        let place = format!("__hubs::Place<{index}>");
        let with = sets(&field.attrs, "serde", "with") && !sets(&field.attrs, "ts", "type");
        field.attrs = attributes(&field.attrs, false);
        // ts-rs asks for a type where serde calls functions of the user.
        if with && !sets(&field.attrs, "serde", "flatten") {
            field.attrs.push(parse_quote!(#[ts(as = #place)]));
        }
        field.vis = Visibility::Inherited;
        field.ty = parse_quote!(__hubs::Place<#index>);
        *index += 1;
    }
}

/// The attributes that the layout depends on.
fn attributes(attrs: &[Attribute], of_type: bool) -> Vec<Attribute> {
    attrs.iter().filter_map(|attr| kept(&attr.meta, of_type)).map(|meta| parse_quote!(#[#meta])).collect()
}

fn kept(meta: &Meta, of_type: bool) -> Option<Meta> {
    let path = meta.path();
    if path.is_ident("serde") || path.is_ident("cfg") || (of_type && path.is_ident("doc")) {
        return Some(meta.clone());
    }
    let Meta::List(list) = meta else { return None };
    if path.is_ident("ts") {
        // The name of the type itself is set anew.
        let is_kept =
            |setting: &Setting| KEPT.iter().any(|kept| setting.key == kept) && !(of_type && setting.key == "rename");
        let settings = attr::lenient_settings(list.tokens.clone()).into_iter().filter(is_kept);
        let kept: Vec<_> = settings.map(Setting::into_tokens).collect();
        return (!kept.is_empty()).then(|| parse_quote!(ts(#(#kept),*)));
    }
    if path.is_ident("cfg_attr") {
        let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
        let mut metas = metas.into_iter();
        let condition = metas.next()?;
        let kept: Vec<_> = metas.filter_map(|meta| kept(&meta, of_type)).collect();
        return (!kept.is_empty()).then(|| parse_quote!(cfg_attr(#condition, #(#kept),*)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_has_no_type_of_the_user() {
        let input: DeriveInput = parse_quote! {
            /// Docs.
            #[derive(Clone)]
            #[schemars(rename = "A")]
            #[serde(rename = "B")]
            enum Poll<T: Bound> {
                #[doc = "left out"]
                One(#[serde(skip)] #[ts(as = "Other", rename = "x")] Option<T>) = 1,
                #[cfg_attr(on, serde(rename = "two"), schemars(skip))]
                Two { #[schemars(with = "String")] a: Vec<T> },
            }
        };
        let text = of(&input, &parse_quote!(::hubs), "Poll").to_string();
        for gone in ["Option", "Bound", "Vec", "schemars", "Clone", "Other", "left out", "= 1"] {
            assert!(!text.contains(gone), "{gone}: {text}");
        }
        for kept in ["Docs", "serde (rename = \"two\")", "serde (skip)", "ts (rename = \"x\")", "Place < 1usize >"] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
    }
}
