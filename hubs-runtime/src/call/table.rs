//! From a method's name on the wire to its place in the contract. ASCII case does not count, as in SignalR.

use crate::contract::{Flow, MethodDescriptor};

#[derive(Debug)]
pub(crate) struct MethodTable {
    methods: &'static [MethodDescriptor],
    /// How many streams each takes.
    streams: Box<[usize]>,
}

impl MethodTable {
    pub(crate) fn new(methods: &'static [MethodDescriptor]) -> Self {
        let streams =
            |method: &MethodDescriptor| method.params.iter().filter(|param| param.flow == Flow::Stream).count();
        Self { methods, streams: methods.iter().map(streams).collect() }
    }

    /// How many of its parameters are streams.
    pub(crate) fn streams(&self, index: usize) -> usize {
        self.streams[index]
    }

    /// The place of a method in the descriptor and in `CALLS`.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let exact = self.methods.iter().position(|method| method.name == name);
        exact.or_else(|| self.methods.iter().position(|method| method.name.eq_ignore_ascii_case(name)))
    }

    pub(crate) fn get(&self, index: usize) -> &'static MethodDescriptor {
        &self.methods[index]
    }
}
