//! From a method's name on the wire to its place in the contract. ASCII case does not count, as in SignalR.

use crate::contract::MethodDescriptor;

#[derive(Debug, Clone, Copy)]
pub(crate) struct MethodTable(&'static [MethodDescriptor]);

impl MethodTable {
    pub(crate) fn new(methods: &'static [MethodDescriptor]) -> Self {
        Self(methods)
    }

    /// The place of a method in the descriptor and in `CALLS`.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let exact = self.0.iter().position(|method| method.name == name);
        exact.or_else(|| self.0.iter().position(|method| method.name.eq_ignore_ascii_case(name)))
    }

    pub(crate) fn get(&self, index: usize) -> &'static MethodDescriptor {
        &self.0[index]
    }
}
