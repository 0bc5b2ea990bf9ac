//! Tests of the pipeline on tokens: whole expansions against reviewed snapshots, what they may cost, and what they may
//! not name.

mod budget;
mod catalogue;
mod snapshots;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Item, Meta};

use crate::{expand, hub_type, model::Role};

/// Expands our attributes in a whole file, as the compiler would, and formats it.
fn expand_file(source: &str) -> String {
    let file = syn::parse_file(source).unwrap();
    let items = file.items.into_iter().map(expand_item);
    let expanded = quote!(#(#items)*);
    prettyplease::unparse(&syn::parse2(expanded).unwrap())
}

fn expand_item(mut item: Item) -> TokenStream {
    let attrs = match &mut item {
        Item::Trait(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        other => panic!("no attribute of ours goes on {}", other.to_token_stream()),
    };
    let ours = attrs.iter().position(|attr| name(attr).is_some()).expect("an attribute of ours");
    let attr = attrs.remove(ours);
    let args = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    match name(&attr) {
        Some("hub") => expand::interface(Role::Hub, args, &item.into_token_stream()),
        Some("client_interface") => expand::interface(Role::Client, args, &item.into_token_stream()),
        _ => hub_type::expand(args, &item.into_token_stream()),
    }
}

fn name(attr: &Attribute) -> Option<&'static str> {
    ["hub", "client_interface", "hub_type"].into_iter().find(|name| attr.path().is_ident(name))
}
