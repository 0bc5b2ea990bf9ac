//! The trait itself: `async fn` becomes a function that returns a `Send` future, our attributes go, a hub gets its
//! lifecycle hooks. It is emitted with its mistakes too, so that the editor and implementations keep working.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{ReturnType, parse_quote};

use super::private;
use crate::{
    attr,
    model::{Interface, Role},
    names,
    parse::{RawItem, RawMethod, RawTrait},
};

/// The trait; `valid` says for each of its items whether it is a method that keeps all rules.
pub(crate) fn expand(raw: &RawTrait, interface: &Interface, valid: &[bool]) -> TokenStream {
    let RawTrait { attrs, vis, modifiers, trait_token, ident, generics, .. } = raw;
    let supertraits = raw.supertraits.iter();
    let where_clause = &generics.where_clause;
    let items = raw.items.iter().zip(valid).map(|(item, valid)| match item {
        RawItem::Method(raw) if *valid => method(raw),
        RawItem::Method(raw) => as_written(raw),
        RawItem::Other(item) => item.to_token_stream(),
    });
    let hooks = hooks(interface);
    quote! {
        #(#attrs)*
        #vis #modifiers #trait_token #ident #generics:
            #(#supertraits +)* ::core::marker::Send + ::core::marker::Sync + 'static
        #where_clause
        {
            #(#items)*
            #hooks
        }
    }
}

fn method(raw: &RawMethod) -> TokenStream {
    let attrs = raw.attrs.iter().filter(|attr| !attr::is_method(attr));
    let span = names::generated_at(raw.sig.fn_token.span);
    let mut sig = raw.sig.clone();
    sig.asyncness = None;
    if let ReturnType::Type(arrow, ty) = &raw.sig.output {
        let future = quote_spanned!(span=> impl ::core::future::Future<Output = #ty> + ::core::marker::Send);
        sig.output = ReturnType::Type(*arrow, Box::new(parse_quote!(#future)));
    }
    match &raw.body {
        None => quote!(#(#attrs)* #sig;),
        Some(body) => quote!(#(#attrs)* #sig { async move #body }),
    }
}

/// A method that breaks a rule.
fn as_written(raw: &RawMethod) -> TokenStream {
    let attrs = raw.attrs.iter().filter(|attr| !attr::is_method(attr));
    let sig = &raw.sig;
    let allow = sig.asyncness.map(|_| quote!(#[allow(async_fn_in_trait)]));
    let end = raw.body.as_ref().map_or_else(|| quote!(;), ToTokens::to_token_stream);
    quote!(#allow #(#attrs)* #sig #end)
}

fn hooks(interface: &Interface) -> Option<TokenStream> {
    let client = interface.client.as_ref().filter(|_| interface.role == Role::Hub)?;
    let context = private(&interface.krate, "HubCallerContext");
    let result = private(&interface.krate, "HubResult");
    let error = private(&interface.krate, "DisconnectError");
    Some(quote! {
        /// Runs when a connection has opened, before its first call. `Err` closes it.
        fn on_connected(
            &self,
            cx: &#context<#client>,
        ) -> impl ::core::future::Future<Output = #result<()>> + ::core::marker::Send {
            let _ = cx;
            async { ::core::result::Result::Ok(()) }
        }
        /// Runs once when a connection is gone, if `on_connected` returned `Ok`. `None`: it ended in peace.
        fn on_disconnected(
            &self,
            cx: &#context<#client>,
            error: ::core::option::Option<&#error>,
        ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
            let _ = (cx, error);
            async {}
        }
    })
}
