//! An interface as the macros saw it: constants only, so that it costs nothing until it is read.

use super::HubType;
use crate::ids::{Delivery, RateLimit};

/// A hub or client interface.
#[derive(Debug, Clone, Copy)]
pub struct InterfaceDescriptor {
    /// Name of the trait.
    pub name: &'static str,
    /// Path of the trait in its crate, for messages to people.
    pub rust_path: &'static str,
    /// The package that declares the trait.
    pub package: &'static str,
    /// Doc comment of the trait.
    pub docs: &'static str,
    /// The note of `#[deprecated]` (empty when it has none).
    pub deprecated: Option<&'static str>,
    /// Who may connect; `None` for everyone. Hubs only.
    pub requirement: Option<Requirement>,
    /// The methods in the order of the trait.
    pub methods: &'static [MethodDescriptor],
    /// What members of a group show of themselves; `None` if members are not shown. Client interfaces only.
    pub presence: Option<TypeDescriptor>,
}

/// One method of an interface.
#[derive(Debug, Clone, Copy)]
pub struct MethodDescriptor {
    /// Name on the wire.
    pub name: &'static str,
    /// Name in Rust.
    pub rust_name: &'static str,
    /// Doc comment.
    pub docs: &'static str,
    /// The note of `#[deprecated]` (empty when it has none).
    pub deprecated: Option<&'static str>,
    /// Whether a caller may cancel a call of this method, other than a stream, before it has answered.
    ///
    /// Set by `#[method(cancellable)]`. A method without it runs to its end and answers; a streaming method can always
    /// be cancelled.
    pub cancellable: bool,
    /// Who may call it, besides what the hub requires; `None` for everyone. Methods of hubs only.
    pub requirement: Option<Requirement>,
    /// Whether a client that comes back can read the method's stream on. Set by `#[method(resumable)]`.
    pub resumable: bool,
    /// Whether a client calls again that does not know whether a call ran. Set by `#[method(idempotent)]`.
    pub idempotent: bool,
    /// How often one connection may call it; `None` for as often as it likes. Set by `#[method(rate = "10/s")]`.
    pub rate: Option<RateLimit>,
    /// What becomes of a call to a client that does not keep up. Methods of client interfaces only.
    pub delivery: Delivery,
    /// The parameters after the context.
    pub params: &'static [ParamDescriptor],
    /// What the method returns.
    pub output: OutputDescriptor,
    /// The errors that the method names, which callers get as data; `None` if it fails with text alone.
    pub error: Option<TypeDescriptor>,
}

impl MethodDescriptor {
    /// Whether a parameter is a stream.
    pub(crate) const fn uploads(&self) -> bool {
        let mut index = 0;
        while index < self.params.len() {
            if matches!(self.params[index].flow, Flow::Stream) {
                return true;
            }
            index += 1;
        }
        false
    }
}

/// What a caller needs: a user, and all of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// One role of each list.
    pub roles: &'static [&'static [&'static str]],
    /// Policies, by name.
    pub policies: &'static [&'static str],
}

/// One parameter of a method.
#[derive(Debug, Clone, Copy)]
pub struct ParamDescriptor {
    /// Name in Rust.
    pub name: &'static str,
    /// A value, or a stream of values.
    pub flow: Flow,
    /// The type of the value, or of each item.
    pub ty: TypeDescriptor,
}

/// What a method returns.
#[derive(Debug, Clone, Copy)]
pub struct OutputDescriptor {
    /// A value, or a stream of values.
    pub flow: Flow,
    /// The type of the value, or of each item.
    pub ty: TypeDescriptor,
}

/// How values pass: one at once, or one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// One value.
    Value,
    /// A stream of values.
    Stream,
}

/// The door from a descriptor to the type behind it; leads nowhere without feature `contract`.
#[derive(Debug, Clone, Copy)]
pub struct TypeDescriptor {
    #[cfg(feature = "contract")]
    pub(super) visit: fn(&mut super::TypeRegistry, super::Direction) -> super::TypeRef,
    #[cfg(feature = "contract")]
    pub(super) is_unit: fn() -> bool,
    #[cfg(not(feature = "contract"))]
    _reserved: (),
}

impl TypeDescriptor {
    /// Describes `T`.
    #[cfg(feature = "contract")]
    pub const fn of<T: HubType>() -> Self {
        Self {
            visit: super::TypeRegistry::visit::<T>,
            is_unit: || std::any::TypeId::of::<T>() == std::any::TypeId::of::<()>(),
        }
    }

    /// Describes `T`.
    #[cfg(not(feature = "contract"))]
    pub const fn of<T: HubType>() -> Self {
        Self { _reserved: () }
    }
}
