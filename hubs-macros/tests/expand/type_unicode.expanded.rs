#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema
)]
#[serde(crate = "::hubs::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Größen")]
#[schemars(extend("x-hubs-type" = "Größen"))]
pub struct Größen {
    pub größe: u32,
    #[serde(rename = "änderungsDatum")]
    pub änderungs_datum: String,
    #[serde(rename = "n")]
    pub 名前: String,
}
#[allow(
    deprecated,
    dead_code,
    non_camel_case_types,
    non_snake_case,
    reason = "generated"
)]
const _: () = {
    use ::hubs::__private as __hubs;
    impl __hubs::HubField for Größen {}
    impl __hubs::Named for Größen {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("Größen", &[])
        }
        fn layout(
            part: __hubs::Part,
            names: &__hubs::Names,
        ) -> ::core::option::Option<__hubs::Layout> {
            #[allow(unused_mut, reason = "a type may have no fields")]
            let mut layout = {
                #[allow(
                    unused_imports,
                    reason = "what ts-rs needs of it depends on the type"
                )]
                use __hubs::prelude::*;
                #[derive(__hubs::ts_rs::TS, __hubs::SerdeAttributes)]
                #[serde(rename_all = "camelCase")]
                #[ts(crate = "::hubs::__private::ts_rs", rename = "Größen")]
                struct __Copy {
                    größe: __hubs::Place<0usize>,
                    #[serde(rename = "änderungsDatum")]
                    änderungs_datum: __hubs::Place<1usize>,
                    #[serde(rename = "n")]
                    名前: __hubs::Place<2usize>,
                }
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            layout.fill(0usize, || names.of::<u32>());
            layout.fill(1usize, || names.of::<String>());
            layout.fill(2usize, || names.of::<String>());
            ::core::option::Option::Some(layout)
        }
        fn declared() -> ::core::option::Option<__hubs::Declared> {
            struct __Id;
            let names = __hubs::Names::new(&[]);
            let declared = __hubs::Declared::new::<Self, __Id>("Größen", &[]);
            ::core::option::Option::Some(__hubs::laid_out::<Größen>(declared, &names))
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<u32>();
            parts.add::<String>();
            parts.add::<String>();
        }
    }
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema
)]
#[serde(
    crate = "::hubs::__private::serde",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[schemars(crate = "::hubs::__private::schemars", rename = "Ort")]
#[schemars(extend("x-hubs-type" = "Ort"))]
pub enum Ort {
    #[serde(rename = "ärmel")]
    Ärmel { #[serde(rename = "öse")] öse: u8 },
    Hier,
}
#[allow(
    deprecated,
    dead_code,
    non_camel_case_types,
    non_snake_case,
    reason = "generated"
)]
const _: () = {
    use ::hubs::__private as __hubs;
    impl __hubs::HubField for Ort {}
    impl __hubs::Named for Ort {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("Ort", &[])
        }
        fn layout(
            part: __hubs::Part,
            names: &__hubs::Names,
        ) -> ::core::option::Option<__hubs::Layout> {
            #[allow(unused_mut, reason = "a type may have no fields")]
            let mut layout = {
                #[allow(
                    unused_imports,
                    reason = "what ts-rs needs of it depends on the type"
                )]
                use __hubs::prelude::*;
                #[derive(__hubs::ts_rs::TS, __hubs::SerdeAttributes)]
                #[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
                #[ts(crate = "::hubs::__private::ts_rs", rename = "Ort")]
                enum __Copy {
                    #[serde(rename = "ärmel")]
                    Ärmel { #[serde(rename = "öse")] öse: __hubs::Place<0usize> },
                    Hier,
                }
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            layout.fill(0usize, || names.of::<u8>());
            ::core::option::Option::Some(layout)
        }
        fn declared() -> ::core::option::Option<__hubs::Declared> {
            struct __Id;
            let names = __hubs::Names::new(&[]);
            let declared = __hubs::Declared::new::<Self, __Id>("Ort", &[]);
            ::core::option::Option::Some(__hubs::laid_out::<Ort>(declared, &names))
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<u8>();
        }
    }
};
