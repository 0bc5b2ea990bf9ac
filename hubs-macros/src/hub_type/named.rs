//! `impl Named` for a type: its name, its parts, and the layout that ts-rs derives for a copy of it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{DeriveInput, GenericParam, Generics, Path, TypeParam, TypeParamBound, parse_quote};

use super::{
    copy,
    parts::{self, Part},
};

/// The implementation, to stand where `__hubs` is in scope. `bounds` say that the types of fields may cross the wire.
pub(super) fn implementation(
    input: &DeriveInput,
    krate: &Path,
    name: &str,
    parts: &[Part],
    bounds: &[TokenStream],
) -> TokenStream {
    let params = Params::of(input, parts);
    let DeriveInput { ident, generics, .. } = input;
    let (_, ty_generics, _) = generics.split_for_impl();
    let bounded = params.bounded(generics, bounds);
    let (impl_generics, _, where_clause) = bounded.split_for_impl();
    let args = params.named.iter().map(|param| &param.ident);
    let (names, layout) = (params.names(), layout(input, krate, name, parts, &params));
    let instance = params.instance(input);
    let given = params.given().map(|ident| {
        let word = ident.to_string();
        quote!(.with::<#ident>(#word))
    });
    let visits = parts.iter().map(|Part { ty, cfgs, .. }| quote!(#(#cfgs)* parts.add::<#ty>();));
    let visited = params.named.iter().map(|param| &param.ident);
    quote! {
        impl #impl_generics __hubs::Named for #ident #ty_generics #where_clause {
            fn name(names: &__hubs::Names) -> ::std::string::String {
                names.generic(#name, &[#(names.of::<#args>()),*])
            }
            #layout
            fn declared() -> ::core::option::Option<__hubs::Declared> {
                struct __Id;
                let names = __hubs::Names::new(&[#(#names),*]) #(#given)*;
                let declared = __hubs::Declared::new::<Self, __Id>(#name, &[#(#names),*]);
                ::core::option::Option::Some(__hubs::laid_out::<#instance>(declared, &names))
            }
            fn parts(parts: &mut __hubs::Parts) {
                #(#visits)*
                #(parts.add::<#visited>();)*
            }
        }
    }
}

/// `impl HubField`: a field of another type may have this one.
pub(super) fn field(input: &DeriveInput, parts: &[Part]) -> TokenStream {
    let DeriveInput { ident, generics, .. } = input;
    let params = Params::of(input, parts);
    let (_, ty_generics, _) = generics.split_for_impl();
    let bounded = params.bounds(generics, &quote!(__hubs::HubField));
    let (impl_generics, _, where_clause) = bounded.split_for_impl();
    quote!(impl #impl_generics __hubs::HubField for #ident #ty_generics #where_clause {})
}

/// `fn layout`: what ts-rs writes for the copy, its places filled.
fn layout(input: &DeriveInput, krate: &Path, name: &str, parts: &[Part], params: &Params<'_>) -> TokenStream {
    let copy = copy::of(input, krate, name);
    let fills = parts.iter().map(|Part { index, ty, flattened, cfgs, .. }| {
        let names = params.among(ty);
        if *flattened {
            quote!(#(#cfgs)* layout.fill_flattened(#index, || #names.fields::<#ty>());)
        } else {
            quote!(#(#cfgs)* layout.fill(#index, || #names.of::<#ty>());)
        }
    });
    quote! {
        fn layout(part: __hubs::Part, names: &__hubs::Names) -> ::core::option::Option<__hubs::Layout> {
            #[allow(unused_mut, reason = "a type may have no fields")]
            let mut layout = {
                #[allow(unused_imports, reason = "what ts-rs needs of it depends on the type")]
                use __hubs::prelude::*;
                #copy
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            #(#fills)*
            ::core::option::Option::Some(layout)
        }
    }
}

/// The parameters of a type.
struct Params<'a> {
    /// Those that the contract names: what crosses the wire has values of them.
    named: Vec<&'a TypeParam>,
    /// Those of the named whose bounds a stand-in may not meet.
    with_bounds: Vec<&'a Ident>,
}

impl<'a> Params<'a> {
    fn of(input: &'a DeriveInput, all: &[Part]) -> Self {
        let used = |param: &&TypeParam| all.iter().any(|part| parts::mentions(&part.ty, &[&param.ident]));
        let named: Vec<_> = input.generics.type_params().filter(used).collect();
        let clause = &input.generics.where_clause;
        let bounded = |param: &&&TypeParam| {
            let more = |bound: &TypeParamBound| match bound {
                TypeParamBound::Trait(bound) => bound.maybe.is_none(),
                TypeParamBound::Lifetime(_) => false,
                _ => true,
            };
            let in_clause = clause.as_ref().is_some_and(|clause| {
                clause.predicates.iter().any(|predicate| {
                    let ty: syn::Type = syn::Type::Verbatim(predicate.to_token_stream());
                    parts::mentions(&ty, &[&param.ident])
                })
            });
            param.bounds.iter().any(more) || in_clause
        };
        let with_bounds = named.iter().filter(bounded).map(|param| &param.ident).collect();
        Self { named, with_bounds }
    }

    fn names(&self) -> Vec<String> {
        self.named.iter().map(|param| crate::names::plain(&param.ident)).collect()
    }

    fn given(&self) -> impl Iterator<Item = &&'a Ident> {
        self.with_bounds.iter()
    }

    /// The generics with what the implementation needs.
    fn bounded(&self, generics: &Generics, bounds: &[TokenStream]) -> Generics {
        let mut generics = self.bounds(generics, &quote!(__hubs::Named));
        let more = bounds.iter().map(|bound| -> syn::WherePredicate { parse_quote!(#bound) });
        generics.make_where_clause().predicates.extend(more);
        generics
    }

    /// The generics with this bound on each parameter that is named.
    fn bounds(&self, generics: &Generics, named: &TokenStream) -> Generics {
        let mut generics = generics.clone();
        let all: Vec<Ident> = generics.type_params().map(|param| param.ident.clone()).collect();
        let clause = generics.make_where_clause();
        for ident in all {
            let is_named = self.named.iter().any(|param| param.ident == ident);
            let bound: TokenStream = if is_named { named.clone() } else { quote!('static) };
            clause.predicates.push(parse_quote!(#ident: #bound));
        }
        generics
    }

    /// The type with stand-ins for its parameters.
    fn instance(&self, input: &DeriveInput) -> TokenStream {
        let ident = &input.ident;
        let args = input.generics.params.iter().map(|param| match param {
            GenericParam::Type(TypeParam { ident, .. }) => {
                let index = self.named.iter().position(|named| named.ident == *ident);
                match index.filter(|_| !self.with_bounds.contains(&ident)) {
                    Some(index) => quote!(__hubs::Param<#index>),
                    None => quote!(#ident),
                }
            }
            GenericParam::Const(param) => param.ident.to_token_stream(),
            GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
        });
        quote!(#ident<#(#args),*>)
    }

    /// The names in a field: only there do the types that are given for parameters mean the parameters.
    fn among(&self, ty: &syn::Type) -> TokenStream {
        if self.with_bounds.is_empty() {
            return Ident::new("names", Span::call_site()).into_token_stream();
        }
        let mentioned = self.with_bounds.iter().filter(|ident| parts::mentions(ty, &[ident]));
        let mentioned = mentioned.map(|ident| crate::names::plain(ident));
        quote!(names.among(&[#(#mentioned),*]))
    }
}
