//! A pair of contracts, and the macros that write one from two modules.

use hubs::{
    __private::{HubInterface, Interface},
    contract::{Contract, contract_of},
};
use hubs_codegen::compat::{Direction, Verdict};

pub(crate) const LOOKS_BREAKING: &str = "change that looks breaking and is not";
pub(crate) const LOOKS_COMPATIBLE: &str = "change that looks compatible and is not";
pub(crate) const AS_IT_LOOKS: &str = "";

/// A contract before and after.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) surprise: &'static str,
    pub(crate) old: Contract,
    pub(crate) new: Contract,
    /// Wire and source, by direction.
    pub(crate) expected: Vec<(Direction, (Verdict, Verdict))>,
    /// For pairs of types: samples, and who can read them.
    pub(crate) values: Option<Values>,
    /// For pairs of methods: what an old page does, in TypeScript.
    pub(crate) page: &'static str,
}

/// A type `T` before and after, as hub `H` takes and gives it.
#[derive(Clone)]
pub(crate) struct Values {
    pub(crate) old_sample: &'static str,
    pub(crate) new_sample: &'static str,
    pub(crate) old_reads: fn(&str) -> bool,
    pub(crate) new_reads: fn(&str) -> bool,
}

/// The contract of one hub.
pub(crate) fn contract<H: HubInterface>() -> Contract {
    let client = <H::Client as Interface>::DESCRIPTOR;
    let client = (!client.methods.is_empty()).then_some(client);
    contract_of("corpus", &[(H::DESCRIPTOR, client)]).unwrap()
}

pub(crate) const fn verdict(letter: char) -> Verdict {
    match letter {
        'C' => Verdict::Compatible,
        'R' => Verdict::Risky,
        _ => Verdict::Breaking,
    }
}

/// `name, surprise, { old T } "sample" => { new T } "sample", page 'wire' 'source', server 'wire' 'source';`
macro_rules! values {
    ($($name:ident, $surprise:ident, { $($old:tt)* } $old_sample:literal => { $($new:tt)* } $new_sample:literal,
       page $pw:literal $ps:literal, server $sw:literal $ss:literal;)*) => {
        $(mod $name {
            pub(super) mod old { crate::pair::hub_of!($($old)*); }
            pub(super) mod new { crate::pair::hub_of!($($new)*); }
        })*

        pub(crate) fn pairs() -> Vec<crate::pair::Pair> {
            use crate::pair::{Pair, Values, contract, verdict};
            use hubs_codegen::compat::Direction;
            vec![$(Pair {
                name: stringify!($name),
                surprise: crate::pair::$surprise,
                old: contract::<$name::old::HContract>(),
                new: contract::<$name::new::HContract>(),
                expected: vec![
                    (Direction::PageSends, (verdict($pw), verdict($ps))),
                    (Direction::ServerSends, (verdict($sw), verdict($ss))),
                ],
                values: Some(Values {
                    old_sample: $old_sample,
                    new_sample: $new_sample,
                    old_reads: |text| serde_json::from_str::<$name::old::T>(text).is_ok(),
                    new_reads: |text| serde_json::from_str::<$name::new::T>(text).is_ok(),
                }),
                page: "",
            }),*]
        }
    };
}

macro_rules! hub_of {
    ($($items:tt)*) => {
        #[allow(unused_imports, reason = "not every type needs them")]
        use std::collections::{BTreeMap, BTreeSet};

        $($items)*

        #[hubs::hub]
        pub trait H {
            async fn take(&self, cx: &hubs::HubCallerContext<hubs::NoClient>, value: T) -> hubs::HubResult<()>;
            async fn give(&self, cx: &hubs::HubCallerContext<hubs::NoClient>) -> hubs::HubResult<T>;
        }
    };
}

/// `name, surprise, direction 'wire' 'source', "page", { old } => { new };` with a hub `H` in each.
macro_rules! methods {
    ($($name:ident, $surprise:ident, $direction:ident $wire:literal $source:literal, $page:literal,
       { $($old:tt)* } => { $($new:tt)* };)*) => {
        $(mod $name {
            pub(super) mod old {
                #[allow(unused_imports, reason = "not every contract needs them")]
                use hubs::{HubCallerContext, HubResult, HubStream, NoClient, UploadStream, client_interface, hub};
                $($old)*
            }
            pub(super) mod new {
                #[allow(unused_imports, reason = "not every contract needs them")]
                use hubs::{HubCallerContext, HubResult, HubStream, NoClient, UploadStream, client_interface, hub};
                $($new)*
            }
        })*

        pub(crate) fn pairs() -> Vec<crate::pair::Pair> {
            use crate::pair::{Pair, contract, verdict};
            use hubs_codegen::compat::Direction;
            vec![$(Pair {
                name: stringify!($name),
                surprise: crate::pair::$surprise,
                old: contract::<$name::old::HContract>(),
                new: contract::<$name::new::HContract>(),
                expected: vec![(Direction::$direction, (verdict($wire), verdict($source)))],
                values: None,
                page: $page,
            }),*]
        }
    };
}

pub(crate) use {hub_of, methods, values};
