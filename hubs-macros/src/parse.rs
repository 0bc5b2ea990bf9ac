//! Tokens to a trait as the user wrote it, right or wrong. Bodies of provided methods stay raw tokens, so that a
//! half-written one does not hide the trait. Decides nothing.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{
    Attribute, Generics, Ident, Result, Signature, Token, TraitItem, TypeParamBound, Visibility, braced,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

/// A trait, as written.
#[derive(Debug)]
pub(crate) struct RawTrait {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    /// `unsafe`, `auto` and the like.
    pub(crate) modifiers: TokenStream,
    pub(crate) trait_token: Token![trait],
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) supertraits: Punctuated<TypeParamBound, Token![+]>,
    pub(crate) items: Vec<RawItem>,
}

/// An item of a trait, as written.
#[derive(Debug)]
pub(crate) enum RawItem {
    /// A function.
    Method(Box<RawMethod>),
    /// Anything else.
    Other(Box<TraitItem>),
}

/// A function of a trait, as written.
#[derive(Debug)]
pub(crate) struct RawMethod {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// The braces with all that is in them.
    pub(crate) body: Option<TokenTree>,
}

impl Parse for RawTrait {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let unsafety: Option<Token![unsafe]> = input.parse()?;
        let auto: Option<Token![auto]> = input.parse()?;
        let trait_token = input.parse()?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let mut supertraits = Punctuated::new();
        if input.parse::<Option<Token![:]>>()?.is_some() {
            while !input.peek(Token![where]) && !input.peek(syn::token::Brace) {
                supertraits.push_value(input.parse()?);
                if !input.peek(Token![+]) {
                    break;
                }
                supertraits.push_punct(input.parse()?);
            }
        }
        generics.where_clause = input.parse()?;
        let content;
        braced!(content in input);
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self { attrs, vis, modifiers: quote!(#unsafety #auto), trait_token, ident, generics, supertraits, items })
    }
}

impl Parse for RawItem {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        if is_function(&ahead) {
            Ok(Self::Method(Box::new(input.parse()?)))
        } else {
            Ok(Self::Other(Box::new(input.parse()?)))
        }
    }
}

/// Whether qualifiers and `fn` come next.
fn is_function(ahead: ParseStream<'_>) -> bool {
    let ahead = ahead.fork();
    let skip = || -> Result<()> {
        ahead.parse::<Option<Token![const]>>()?;
        ahead.parse::<Option<Token![async]>>()?;
        ahead.parse::<Option<Token![unsafe]>>()?;
        ahead.parse::<Option<syn::Abi>>()?;
        Ok(())
    };
    skip().is_ok() && ahead.peek(Token![fn])
}

impl Parse for RawMethod {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        let body = if input.peek(syn::token::Brace) {
            Some(input.parse()?)
        } else {
            input.parse::<Token![;]>()?;
            None
        };
        Ok(Self { attrs, vis, sig, body })
    }
}
