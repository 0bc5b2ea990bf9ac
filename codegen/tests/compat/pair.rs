//! A pair of contracts, and the macros that write one from two modules.

use hubs::{
    __private::{HubInterface, Interface},
    Hubs,
    contract::{Contract, contract_of},
};
use hubs_codegen::compat::{Direction, Verdict};

pub(crate) const LOOKS_BREAKING: &str = "change that looks breaking and is not";
pub(crate) const LOOKS_COMPATIBLE: &str = "change that looks compatible and is not";
pub(crate) const AS_IT_LOOKS: &str = "";

/// A contract before and after, and the server after.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) surprise: &'static str,
    pub(crate) old: Contract,
    pub(crate) new: Contract,
    /// Maps the new hub at the pair's name.
    pub(crate) serve: fn(Hubs) -> Hubs,
    /// Wire and source, by direction.
    pub(crate) expected: Vec<(Direction, (Verdict, Verdict))>,
    /// For pairs of types: a value of the old type, as an old page sends it.
    pub(crate) old_sample: Option<&'static str>,
    /// For pairs of methods: what an old page does, in TypeScript.
    pub(crate) page: &'static str,
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

/// Types: `name, surprise, { old T } "sample" => { new T } "sample", page 'wire' 'source', server 'wire' 'source';`
macro_rules! values {
    ($($name:ident, $surprise:ident, { $($old:tt)* } $old_sample:literal => { $($new:tt)* } $new_sample:literal,
       page $pw:literal $ps:literal, server $sw:literal $ss:literal;)*) => {
        $(mod $name {
            pub(super) mod old { crate::pair::hub_of!($old_sample; $($old)*); }
            pub(super) mod new { crate::pair::hub_of!($new_sample; $($new)*); }
            impl new::H for crate::server::Server {}
        })*

        pub(crate) fn pairs() -> Vec<crate::pair::Pair> {
            use crate::pair::{Pair, contract, verdict};
            use hubs_codegen::compat::Direction;
            vec![$(Pair {
                name: stringify!($name),
                surprise: crate::pair::$surprise,
                old: contract::<$name::old::HContract>(),
                new: contract::<$name::new::HContract>(),
                // All contracts have one name, so each hub gets one of its own.
                serve: |hubs| {
                    hubs.map_named(
                        stringify!($name),
                        concat!("/", stringify!($name)),
                        $name::new::HContract,
                        crate::server::Server,
                        hubs::HubOptions::default(),
                    )
                },
                expected: vec![
                    (Direction::PageSends, (verdict($pw), verdict($ps))),
                    (Direction::ServerSends, (verdict($sw), verdict($ss))),
                ],
                old_sample: Some($old_sample),
                page: "",
            }),*]
        }
    };
}

/// A hub that takes a `T`, and gives the sample.
macro_rules! hub_of {
    ($sample:literal; $($items:tt)*) => {
        #[allow(unused_imports, reason = "not every type needs them")]
        use std::collections::{BTreeMap, BTreeSet};

        $($items)*

        #[hubs::hub]
        pub trait H {
            async fn take(&self, cx: &hubs::HubCallerContext<hubs::NoClient>, value: T) -> hubs::HubResult<()> {
                crate::server::saw(cx, module_path!(), serde_json::json!({ "value": value }));
                Ok(())
            }
            async fn give(&self, _cx: &hubs::HubCallerContext<hubs::NoClient>) -> hubs::HubResult<T> {
                Ok(serde_json::from_str($sample)?)
            }
        }
    };
}

/// Methods: `name, surprise, direction 'wire' 'source', "page", { old } => { new };`, where old and new are what
/// [`side`] takes.
macro_rules! methods {
    ($($name:ident, $surprise:ident, $direction:ident $wire:literal $source:literal, $page:literal,
       { $($old:tt)* } => { $($new:tt)* };)*) => {
        $(mod $name {
            pub(super) mod old {
                #[allow(unused_imports, reason = "not every contract needs them")]
                use hubs::{HubStream, UploadStream};
                crate::pair::side!($($old)*);
            }
            pub(super) mod new {
                #[allow(unused_imports, reason = "not every contract needs them")]
                use hubs::{HubStream, UploadStream};
                crate::pair::side!($($new)*);
            }
            impl new::H for crate::server::Server {}
        })*

        pub(crate) fn pairs() -> Vec<crate::pair::Pair> {
            use crate::pair::{Pair, contract, verdict};
            use hubs_codegen::compat::Direction;
            vec![$(Pair {
                name: stringify!($name),
                surprise: crate::pair::$surprise,
                old: contract::<$name::old::HContract>(),
                new: contract::<$name::new::HContract>(),
                // All contracts have one name, so each hub gets one of its own.
                serve: |hubs| {
                    hubs.map_named(
                        stringify!($name),
                        concat!("/", stringify!($name)),
                        $name::new::HContract,
                        crate::server::Server,
                        hubs::HubOptions::default(),
                    )
                },
                expected: vec![(Direction::$direction, (verdict($wire), verdict($source)))],
                old_sample: None,
                page: $page,
            }),*]
        }
    };
}

/// A hub that writes down how it is called and answers with samples; or, after `client C CContract:`, a client
/// interface, and a hub that calls all of it when it is poked.
macro_rules! side {
    (client $client:ident $contract:ident: $($(#[$attribute:meta])* $name:ident($($param:ident: $type:ty),*) -> $output:ty;)*) => {
        #[hubs::client_interface]
        pub trait $client {
            $($(#[$attribute])* async fn $name(&self, $($param: $type),*) -> hubs::HubResult<$output>;)*
        }

        #[hubs::hub(client = $client)]
        pub trait H {
            async fn poke(&self, cx: &hubs::HubCallerContext<$contract>) -> hubs::HubResult<()> {
                $(cx.clients().caller().$name($(crate::server::Sample::sample(stringify!($param))),*).await?;)*
                Ok(())
            }
        }
    };
    ($($(#[$attribute:meta])* $name:ident($($param:ident: $type:ty),*) -> $output:ty;)*) => {
        #[hubs::hub]
        pub trait H {
            $($(#[$attribute])*
            async fn $name(&self, cx: &hubs::HubCallerContext<hubs::NoClient>, $($param: $type),*) -> hubs::HubResult<$output> {
                let arguments = [$((stringify!($param).to_owned(), crate::server::Seen::seen($param).await?)),*];
                crate::server::saw(cx, module_path!(), serde_json::Map::from_iter(arguments).into());
                Ok(crate::server::Sample::sample(stringify!($name)))
            })*
        }
    };
}

pub(crate) use {hub_of, methods, side, values};
