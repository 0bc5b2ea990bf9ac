//! The marker type and what it says: the descriptor of the interface, and for a hub its client interface.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{generated_vis, marker_ident, place, proxy_ident};
use crate::{
    authorize, delivery,
    model::{Docs, Interface, Method, Param, Role},
    names, rate,
};

/// `pub struct ChatHubContract;`
pub(crate) fn marker(interface: &Interface) -> TokenStream {
    let vis = generated_vis(interface);
    let marker = marker_ident(interface);
    let carried = &interface.carried;
    let doc = format!("Names the contract [`{}`].", names::plain(&interface.ident));
    quote! {
        #(#carried)*
        #[doc = #doc]
        #[allow(dead_code, reason = "generated")]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        #vis struct #marker;
    }
}

/// `impl Interface`, and `impl HubInterface` for a hub.
pub(crate) fn implementation(interface: &Interface) -> TokenStream {
    let marker = marker_ident(interface);
    let proxy = proxy_ident(interface);
    let name = names::plain(&interface.ident);
    let path = format!("::{name}");
    let docs = interface.docs.text.clone().unwrap_or_else(|| quote!(""));
    let deprecated = deprecated(&interface.docs);
    let requirement = match &interface.requirement {
        Some(requirement) => {
            let requirement = authorize::constant(requirement);
            quote!(::core::option::Option::Some(#requirement))
        }
        None => quote!(::core::option::Option::None),
    };
    let methods = interface.methods.iter().map(|each| method(interface.role, each));
    let hub = interface
        .client
        .as_ref()
        .filter(|_| interface.role == Role::Hub)
        .map(|client| quote!(impl __hubs::HubInterface for #marker { type Client = #client; }));
    let presence = match &interface.presence {
        Some(ty) => {
            let described = quote_spanned!(place(ty)=> <#marker as __hubs::ShowsPresence>::MEMBER);
            quote!(::core::option::Option::Some(#described))
        }
        None => quote!(::core::option::Option::None),
    };
    let shown = interface.presence.as_ref().map(|ty| {
        let ty = quote_spanned!(place(ty)=> #ty);
        quote!(impl __hubs::ShowsPresence for #marker { type Member = #ty; })
    });
    let ident = &interface.ident;
    let named = (interface.role == Role::Client && interface.nameable)
        .then(|| quote!(impl __hubs::ClientInterface for dyn #ident { type Contract = #marker; }));
    quote! {
        const __METHODS: &[__hubs::MethodDescriptor] = &[#(#methods),*];
        impl __hubs::Interface for #marker {
            type Proxy<_S: __hubs::Addressing> = #proxy<_S>;
            const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
                name: #name,
                rust_path: ::core::concat!(::core::module_path!(), #path),
                package: ::core::env!("CARGO_PKG_NAME"),
                docs: #docs,
                deprecated: #deprecated,
                requirement: #requirement,
                methods: __METHODS,
                presence: #presence,
            };
        }
        #hub
        #shown
        #named
    }
}

fn method(role: Role, method: &Method) -> TokenStream {
    let Method { cfgs, wire_name, params, output, .. } = method;
    let rust_name = names::plain(&method.ident);
    let params = params.iter().map(|Param { ident, ty }| {
        let name = names::plain(ident);
        let described = quote_spanned!(place(ty)=> <#ty as __hubs::HubParam>::DESCRIBED);
        let param = quote_spanned!(place(ty)=> __hubs::param(#name, #described));
        match role {
            Role::Hub => param,
            Role::Client => quote_spanned!(place(ty)=> __hubs::value(#param)),
        }
    });
    let params: Vec<_> = params.collect();
    let docs = method.docs.text.as_ref().map(|docs| quote!(.with_docs(#docs)));
    let deprecated = method.docs.deprecated.as_ref().map(|note| quote!(.with_deprecated(#note)));
    let cancellable = method.cancellable.then(|| quote!(.with_cancellation()));
    let requirement = method.requirement.as_ref().map(|requirement| {
        let requirement = authorize::constant(requirement);
        quote!(.with_requirement(#requirement))
    });
    let idempotent = method.idempotent.then(|| quote_spanned!(place(output)=> .with_idempotency()));
    let resumable = method.resumable.then(|| quote_spanned!(place(output)=> .with_resumption()));
    let rate = method.rate.map(rate::constant);
    let delivery = delivery::descriptor(method);
    let takes = (!params.is_empty()).then(|| quote!(.takes(&[#(#params),*])));
    let gives = match role {
        Role::Hub => quote_spanned!(place(output)=> .gives(<#output as __hubs::Gives>::GIVES)),
        Role::Client => {
            let described = quote_spanned!(place(output)=> __hubs::answer(<#output as __hubs::Gives>::GIVES));
            quote!(.outputs(#described))
        }
    };
    quote! {
        #(#cfgs)*
        __hubs::method(#wire_name, #rust_name) #takes #gives #cancellable #resumable #idempotent #rate #requirement #delivery #docs #deprecated
    }
}

fn deprecated(docs: &Docs) -> TokenStream {
    match &docs.deprecated {
        Some(note) => quote!(::core::option::Option::Some(#note)),
        None => quote!(::core::option::Option::None),
    }
}
