//! The caller's half: a type with a method for each method of the interface, without the context.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{generated_vis, place, private, proxy_ident};
use crate::{
    delivery,
    model::{Interface, Method, Param},
    names,
};

/// `pub struct ChatHubProxy<S = Single>(Proxy<S>);`
pub(crate) fn definition(interface: &Interface) -> TokenStream {
    let vis = generated_vis(interface);
    let ident = proxy_ident(interface);
    let carried = &interface.carried;
    let krate = &interface.krate;
    let (single, addressing, proxy) = (private(krate, "Single"), private(krate, "Addressing"), private(krate, "Proxy"));
    let doc = format!("Calls the methods of [`{}`] on a peer.", names::plain(&interface.ident));
    quote! {
        #(#carried)*
        #[doc = #doc]
        #[allow(dead_code, reason = "generated")]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #vis struct #ident<S = #single>(#proxy<S>)
        where
            S: #addressing;
    }
}

/// `impl From<Proxy>`, which the runtime makes it with, and its methods.
pub(crate) fn implementations(interface: &Interface) -> TokenStream {
    let ident = proxy_ident(interface);
    let methods = interface.methods.iter().map(method);
    quote! {
        impl<_S: __hubs::Addressing> ::core::convert::From<__hubs::Proxy<_S>> for #ident<_S> {
            fn from(proxy: __hubs::Proxy<_S>) -> Self {
                Self(proxy)
            }
        }
        impl<_S: __hubs::Addressing> #ident<_S> {
            #(#methods)*
        }
    }
}

fn method(method: &Method) -> TokenStream {
    let Method { carried, wire_name, params, output, .. } = method;
    let kind = match method {
        Method { cancellable: true, .. } => Some(quote!(cancellable)),
        Method { idempotent: true, .. } => Some(quote!(idempotent)),
        _ => delivery::call(method),
    };
    let mut ident = method.ident.clone();
    ident.set_span(names::generated_at(ident.span()));
    let declared = params.iter().map(|Param { ident, ty }| quote!(#ident: #ty));
    let arguments = params.iter().map(argument);
    let asked = quote_spanned!(place(output)=> __hubs::Asked<_S, #output>);
    let answers = quote_spanned!(place(output)=> __hubs::Answers<#output>);
    quote! {
        #(#carried)*
        pub fn #ident(&self, #(#declared),*) -> impl ::core::future::Future<Output = #asked> + ::core::marker::Send + use<_S>
        where
            _S: #answers,
        {
            __hubs::call_peer!(#kind self.0, #wire_name #(, #arguments)*)
        }
    }
}

/// A reference to the parameter, shown where its type is, and the type: there it is decided whether it may cross the wire.
fn argument(param: &Param) -> TokenStream {
    let Param { ident, ty } = param;
    let mut ident = ident.clone();
    ident.set_span(place(ty).resolved_at(ident.span()));
    quote_spanned!(place(ty)=> &#ident => #ty)
}
