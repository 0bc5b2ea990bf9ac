//! The callee's half: the table of calls, one entry for each method, in the order of the descriptor.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{local, marker_ident, place};
use crate::model::{Interface, Method, Role};

/// `impl Dispatch`, and `impl Lifecycle` for a hub.
pub(crate) fn implementations(interface: &Interface) -> TokenStream {
    let marker = marker_ident(interface);
    let ident = &interface.ident;
    let calls = interface.methods.iter().map(|method| call(interface.role, method));
    let context = match &interface.client {
        Some(client) => quote!(__hubs::HubCallerContext<#client>),
        None => quote!(()),
    };
    let lifecycle = (interface.role == Role::Hub).then(|| lifecycle(interface));
    quote! {
        impl<_H: #ident> __hubs::Dispatch<_H> for #marker {
            type Context = #context;
            const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[#(#calls),*];
        }
        #lifecycle
    }
}

fn call(role: Role, method: &Method) -> TokenStream {
    let Method { ident, cfgs, params, output, .. } = method;
    let (hub, cx, args) = (local("h"), local("cx"), local("args"));
    let names: Vec<_> = params.iter().map(|param| &param.ident).collect();
    let takes = params.iter().map(|param| {
        let ty = &param.ty;
        quote_spanned!(place(ty)=> <#ty as __hubs::HubParam>::take(&mut *#args)?)
    });
    let context = method.context.as_ref().map(|ty| quote_spanned!(place(ty)=> &#cx,));
    let cx_pattern = if context.is_some() { quote!(#cx) } else { quote!(_) };
    let (args_pattern, bindings) = match names.as_slice() {
        [] => (quote!(_), None),
        [name] => (quote!(#args), Some(quote!(let #name = #(#takes)*;))),
        names => (quote!(#args), Some(quote!(let (#(#names),*) = (#(#takes),*);))),
    };
    let run = quote_spanned! {place(output)=>
        <#output as __hubs::Gives>::bind(async move { _H::#ident(&#hub, #context #(#names),*).await })
    };
    let validate = (role == Role::Hub && !names.is_empty()).then(|| {
        let texts = names.iter().map(|name| crate::names::plain(name));
        quote!(__hubs::validate!(#(#texts #names),*);)
    });
    quote! {
        #(#cfgs)*
        |#hub, #cx_pattern, #args_pattern| {
            #bindings
            #validate
            #run
        }
    }
}

fn lifecycle(interface: &Interface) -> TokenStream {
    let marker = marker_ident(interface);
    let ident = &interface.ident;
    quote! {
        impl<_H: #ident> __hubs::Lifecycle<_H> for #marker {
            fn on_connected(hub: __hubs::Arc<_H>, cx: Self::Context) -> __hubs::BoxFuture<__hubs::HubResult<()>> {
                ::std::boxed::Box::pin(async move { _H::on_connected(&hub, &cx).await })
            }
            fn on_disconnected(
                hub: __hubs::Arc<_H>,
                cx: Self::Context,
                error: ::core::option::Option<__hubs::DisconnectError>,
            ) -> __hubs::BoxFuture<()> {
                ::std::boxed::Box::pin(async move { _H::on_disconnected(&hub, &cx, error.as_ref()).await })
            }
        }
    }
}
