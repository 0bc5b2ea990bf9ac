//! What a test needs to record the calls of a client interface: names and types of its methods, for a macro of the
//! runtime that writes nothing unless the test kit is switched on.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{generated_vis, marker_ident, place};
use crate::{
    model::{Interface, Method, Role},
    names,
};

/// `__hubs::recorder! { .. }`, for a client interface.
pub(crate) fn recorder(interface: &Interface) -> Option<TokenStream> {
    if interface.role == Role::Hub || !interface.callable {
        return None;
    }
    let vis = generated_vis(interface);
    let calls = names::derived(&interface.ident, "Calls");
    let marker = marker_ident(interface);
    let methods = interface.methods.iter().map(method);
    Some(quote!(__hubs::recorder! { #vis #calls for #marker; #(#methods)* }))
}

fn method(method: &Method) -> TokenStream {
    let Method { ident, cfgs, params, output, .. } = method;
    let types = params.iter().map(|param| &param.ty);
    let (next, answer) = (named("next", ident), named("answer", ident));
    let line = quote_spanned!(place(output)=> #ident #next #answer(#(#types),*) -> #output;);
    quote!(#(#cfgs)* #line)
}

/// `receive_message` to `next_receive_message`.
fn named(prefix: &str, ident: &Ident) -> Ident {
    let name = names::plain(ident);
    format_ident!("{prefix}_{name}", span = names::generated_at(ident.span()))
}
