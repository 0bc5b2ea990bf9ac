//! The trait itself: `async fn` becomes a function that returns a `Send` future, our attributes go, a hub gets its
//! lifecycle hooks. It is emitted with its mistakes too, so that the editor and implementations keep working.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Pat, ReturnType, parse_quote};

use super::private;
use crate::{
    attr, authorize,
    model::{Interface, Role},
    names::{self, is_hook},
    parse::{RawItem, RawMethod, RawTrait},
};

/// The trait; `valid` says for each of its items whether it is a method that keeps all rules.
pub(crate) fn expand(raw: &RawTrait, interface: &Interface, valid: &[bool]) -> TokenStream {
    let attrs = raw.attrs.iter().filter(|attr| !authorize::is_ours(attr));
    let RawTrait { vis, modifiers, trait_token, ident, generics, .. } = raw;
    let supertraits = raw.supertraits.iter();
    let where_clause = &generics.where_clause;
    let items = raw.items.iter().zip(valid).map(|(item, valid)| match item {
        RawItem::Method(raw) if *valid => method(raw, interface.role),
        RawItem::Method(raw) if interface.has_hooks() && is_hook(&raw.sig.ident) => TokenStream::new(),
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

fn method(raw: &RawMethod, role: Role) -> TokenStream {
    let attrs = raw.attrs.iter().filter(|attr| !attr::is_method(attr) && !authorize::is_ours(attr));
    let span = names::generated_at(raw.sig.fn_token.span);
    let mut sig = raw.sig.clone();
    sig.asyncness = None;
    if let ReturnType::Type(arrow, ty) = &raw.sig.output {
        let future = quote_spanned!(span=> impl ::core::future::Future<Output = #ty> + ::core::marker::Send);
        sig.output = ReturnType::Type(*arrow, Box::new(parse_quote!(#future)));
    }
    // Without its methods, the trait is a type, `dyn Trait`, by which a hub names it.
    if role == Role::Client {
        sig.generics.make_where_clause().predicates.push(parse_quote!(Self: ::core::marker::Sized));
    }
    match &raw.body {
        None => quote!(#(#attrs)* #sig;),
        Some(body) => quote!(#(#attrs)* #sig { async move #body }),
    }
}

/// A method that breaks a rule, without what the compiler would complain about as well.
fn as_written(raw: &RawMethod) -> TokenStream {
    let attrs = raw.attrs.iter().filter(|attr| !attr::is_method(attr) && !authorize::is_ours(attr));
    let mut sig = raw.sig.clone();
    sig.variadic = None;
    if sig.asyncness.is_some() {
        sig.constness = None;
    }
    for input in &mut sig.inputs {
        match input {
            FnArg::Receiver(receiver) => receiver.attrs.clear(),
            FnArg::Typed(input) => {
                input.attrs.clear();
                if raw.body.is_none() && !matches!(&*input.pat, Pat::Ident(pat) if pat.mutability.is_none()) {
                    input.pat = parse_quote!(_);
                }
            }
        }
    }
    // Whatever rule `Self` in a type breaks, it is not that its size is unknown.
    sig.generics.make_where_clause().predicates.push(parse_quote!(Self: ::core::marker::Sized));
    let allow = sig.asyncness.map(|_| quote!(#[allow(async_fn_in_trait, reason = "a broken rule is enough")]));
    let end = raw.body.as_ref().map_or_else(|| quote!(;), ToTokens::to_token_stream);
    quote!(#allow #(#attrs)* #sig #end)
}

fn hooks(interface: &Interface) -> Option<TokenStream> {
    let client = interface.client.as_ref()?;
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
        /// Runs once when a connection is gone, if `on_connected` returned `Ok`. `None`: it closed cleanly.
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
