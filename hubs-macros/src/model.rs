//! The model of an interface: what the expansion needs, checked, and free of raw attributes. `valid` makes it.

use proc_macro2::TokenStream;
use syn::{Attribute, Ident, LitStr, Path, Type, Visibility};

/// Which end calls: the one thing in which the two interface macros differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// `#[hub]`: served by the server, its methods take the context of the caller.
    Hub,
    /// `#[client_interface]`: served by clients.
    Client,
}

/// A hub or client interface.
#[derive(Debug)]
pub(crate) struct Interface {
    pub(crate) role: Role,
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// `#[cfg]` and `#[deprecated]`, for every generated item.
    pub(crate) carried: Vec<Attribute>,
    pub(crate) docs: Docs,
    /// Path of the `hubs` crate.
    pub(crate) krate: Path,
    /// Marker of the client contract; `None` for a client interface, or if it could not be read.
    pub(crate) client: Option<TokenStream>,
    /// What members of a group show of themselves. Client interfaces only.
    pub(crate) presence: Option<Type>,
    /// Who may connect. Hubs only.
    pub(crate) requirement: Option<Requirement>,
    /// The methods that keep all rules.
    pub(crate) methods: Vec<Method>,
    /// Whether the trait itself keeps all rules, so that it can be named in bounds.
    pub(crate) callable: bool,
    /// Whether `dyn Trait` is a type, through which a hub finds the contract of its clients. Client interfaces only.
    pub(crate) nameable: bool,
}

/// The type of a parameter without the invisible groups that a declarative macro puts around it.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

impl Interface {
    /// Whether the lifecycle hooks are added to the trait: to a hub whose client interface is known.
    pub(crate) fn has_hooks(&self) -> bool {
        self.client.is_some()
    }
}

/// A method of an interface.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) ident: Ident,
    /// Name on the wire.
    pub(crate) wire_name: String,
    /// Whether the caller may cancel a call.
    pub(crate) cancellable: bool,
    /// Who may call it, besides what the hub requires. Hubs only.
    pub(crate) requirement: Option<Requirement>,
    /// Whether a client that comes back can read the stream on.
    pub(crate) resumable: bool,
    /// Whether a client calls again that does not know whether a call ran. Hubs only.
    pub(crate) idempotent: bool,
    /// How often one connection may call it. Hubs only.
    pub(crate) rate: Option<Rate>,
    /// What becomes of a call to a client that does not keep up. Client interfaces only.
    pub(crate) delivery: Delivery,
    /// `#[cfg]` only, for entries of tables.
    pub(crate) cfgs: Vec<Attribute>,
    /// `#[cfg]`, `#[deprecated]` and doc comments, for generated methods.
    pub(crate) carried: Vec<Attribute>,
    pub(crate) docs: Docs,
    /// Type of the context, a reference. Hubs only.
    pub(crate) context: Option<Type>,
    pub(crate) params: Vec<Param>,
    pub(crate) output: Type,
}

/// So many calls in so many seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) calls: u32,
    pub(crate) seconds: u32,
}

/// What an authenticated user must have besides. All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requirement {
    /// One role of each list.
    pub(crate) roles: Vec<Vec<LitStr>>,
    pub(crate) policies: Vec<LitStr>,
}

/// What becomes of a call to a client that does not keep up.
#[derive(Clone, Debug, Default)]
pub(crate) enum Delivery {
    #[default]
    Must,
    Latest,
    /// The parameter, or the path of a field of it: `symbol`, `price.symbol`.
    Coalesce(LitStr),
    DropOldest,
    /// In milliseconds.
    Every(u64),
    /// It is kept in the log of its group or user.
    Durable,
}

/// A parameter that comes from the wire.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// What people are told about an item.
#[derive(Debug, Default)]
pub(crate) struct Docs {
    /// An expression of type `&'static str`; `None` if there is no doc comment.
    pub(crate) text: Option<TokenStream>,
    /// The note of `#[deprecated]`, empty if it has none.
    pub(crate) deprecated: Option<String>,
}
