//! The model to tokens. What is emitted, in this order: the trait, its marker, its proxy, and in a block of their own the
//! implementations. Nothing in here asks which side it is on, except for the context.

mod contract;
mod dispatch;
mod proxy;
mod recorder;
mod trait_def;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Item, Path, Visibility, parse::Parser, spanned::Spanned};

use crate::{
    attr::InterfaceArgs,
    diag::{Errors, Subject, rules},
    model::{Interface, Role},
    names,
    parse::RawTrait,
    valid,
};

/// Runs the whole pipeline for one trait.
pub(crate) fn interface(role: Role, args: TokenStream, item: &TokenStream) -> TokenStream {
    let raw = match syn::parse2::<RawTrait>(item.clone()) {
        Ok(raw) => raw,
        Err(error) => return unreadable(role, item, &error),
    };
    let subject = Subject::new(role, &names::plain(&raw.ident));
    let mut errors = Errors::new();
    let args = InterfaceArgs::read(args, &mut errors, &subject);
    let (interface, valid) = valid::interface(&raw, args, &mut errors, &subject);
    let errors = errors.into_tokens();
    let trait_def = trait_def::expand(&raw, &interface, &valid);
    let marker = contract::marker(&interface);
    let proxy = proxy::definition(&interface);
    let implementations = implementations(&interface);
    quote!(#errors #trait_def #marker #proxy #implementations)
}

fn implementations(interface: &Interface) -> TokenStream {
    let krate = &interface.krate;
    let cfgs = interface.carried.iter().filter(|attr| !attr.path().is_ident("deprecated"));
    let contract = contract::implementation(interface);
    let dispatch = interface.callable.then(|| dispatch::implementations(interface));
    let proxy = proxy::implementations(interface);
    let recorder = recorder::recorder(interface);
    let register = interface.has_hooks().then(|| {
        let marker = marker_ident(interface);
        quote!(__hubs::register!(#marker);)
    });
    quote! {
        #(#cfgs)*
        #[allow(deprecated, dead_code, reason = "generated")]
        const _: () = {
            use #krate::__private as __hubs;
            #contract
            #dispatch
            #proxy
            #recorder
            #register
        };
    }
}

/// Not a trait, or not Rust: said once, and the item is kept.
fn unreadable(role: Role, item: &TokenStream, error: &syn::Error) -> TokenStream {
    let subject = Subject::new(role, if role == Role::Hub { "ChatHub" } else { "ChatClient" });
    let mut errors = Errors::new();
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Trait(_)) | Err(_) => {
            let at = quote_spanned!(error.span()=> _);
            errors.report_as(&rules::UNREADABLE, at, &subject, &format!("this cannot be read as a trait: {error}"));
        }
        Ok(_) => errors.report(&rules::NOT_A_TRAIT, keyword(item.clone()), &subject),
    }
    let errors = errors.into_tokens();
    quote!(#errors #item)
}

/// The word that says what an item is, for messages that point there.
pub(crate) fn keyword(item: TokenStream) -> TokenStream {
    let first = |input: syn::parse::ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let first = input.parse::<proc_macro2::TokenTree>()?;
        input.parse::<TokenStream>()?;
        Ok(first.into_token_stream())
    };
    first.parse2(item.clone()).unwrap_or(item)
}

/// `ChatHubContract`.
fn marker_ident(interface: &Interface) -> Ident {
    names::derived(&interface.ident, "Contract")
}

/// `ChatHubProxy`.
fn proxy_ident(interface: &Interface) -> Ident {
    names::derived(&interface.ident, "Proxy")
}

/// The visibility of the trait, as a generated token: lints speak about the trait's own.
fn generated_vis(interface: &Interface) -> TokenStream {
    respanned(interface.vis.to_token_stream())
}

/// The same tokens, resolved as generated code and shown where they were.
fn respanned(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(names::generated_at(token.span()));
            token
        })
        .collect()
}

/// A path from outside of the block in which `__hubs` is in scope.
fn private(krate: &Path, name: &str) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    quote!(#krate::__private::#name)
}

/// A local variable of generated code, which no name of the user can meet.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The whole of `tokens`, as one place.
pub(crate) fn place(tokens: &impl ToTokens) -> Span {
    names::generated_at(tokens.to_token_stream().span())
}
