//! The hubs that were compiled in: every `#[hub]` puts itself here, from any module of any linked crate.

use std::collections::BTreeSet;

use super::{Contract, ContractError, InterfaceDescriptor, contract_of};

/// One hub, as `register!` submits it.
#[derive(Debug)]
pub struct RegisteredHub {
    /// The hub's interface.
    pub hub: fn() -> InterfaceDescriptor,
    /// The interface of its clients.
    pub client: fn() -> InterfaceDescriptor,
}

inventory::collect!(RegisteredHub);

/// Makes the contract document of `package` from its hubs that are linked into this program.
///
/// # Errors
/// No hub of that package, two things of one name, types that one TypeScript declaration cannot describe.
pub fn contract(package: &str) -> Result<Contract, ContractError> {
    let ours = inventory::iter::<RegisteredHub>().map(|registered| ((registered.hub)(), client(registered)));
    let ours: Vec<_> = ours.filter(|(hub, _)| hub.package == package).collect();
    if ours.is_empty() {
        let others: Vec<_> = packages().into_iter().map(|name| format!("`{name}`")).collect();
        let others = match others.as_slice() {
            [] => String::new(),
            _ => format!(" (there are hubs in {})", others.join(", ")),
        };
        return Err(ContractError::NoHub { package: package.to_owned(), others });
    }
    contract_of(package, &ours)
}

/// The packages that have a hub linked into this program, in order.
pub fn packages() -> BTreeSet<&'static str> {
    inventory::iter::<RegisteredHub>().map(|registered| (registered.hub)().package).collect()
}

/// A hub without a client interface has our own empty one.
fn client(registered: &RegisteredHub) -> Option<InterfaceDescriptor> {
    let client = (registered.client)();
    let none = client.methods.is_empty() && client.package == env!("CARGO_PKG_NAME");
    (!none).then_some(client)
}
