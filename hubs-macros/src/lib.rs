//! The macros of `hubs`. Use them through the crate `hubs-runtime`, which documents them.
//!
//! Entry points only. `#[hub]` and `#[client_interface]` are one pipeline with two roles: `parse` reads the trait as it
//! is written, `attr` its attributes, `valid` checks every rule and makes the `model`, `expand` writes the output.

mod attr;
mod authorize;
mod delivery;
mod diag;
mod expand;
mod hub_type;
mod model;
mod names;
mod parse;
mod rate;
#[cfg(test)]
mod tests;
mod valid;

use model::Role;
use proc_macro::TokenStream;

/// Makes a trait the contract of a hub.
#[proc_macro_attribute]
pub fn hub(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::interface(Role::Hub, args.into(), &item.into()).into()
}

/// Makes a trait the contract of what a server may call on its clients.
#[proc_macro_attribute]
pub fn client_interface(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::interface(Role::Client, args.into(), &item.into()).into()
}

/// Lets values of a struct or enum cross the wire.
#[proc_macro_attribute]
pub fn hub_type(args: TokenStream, item: TokenStream) -> TokenStream {
    hub_type::expand(args.into(), &item.into()).into()
}

/// Derives nothing. ts-rs reads `#[serde(..)]`, and only a derive can say that there is such an attribute.
#[doc(hidden)]
#[proc_macro_derive(SerdeAttributes, attributes(serde))]
pub fn serde_attributes(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
