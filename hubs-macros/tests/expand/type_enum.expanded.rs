#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema
)]
#[serde(tag = "kind")]
#[serde(
    crate = "::hubs::__private::serde",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[schemars(crate = "::hubs::__private::schemars", rename = "Notice")]
#[schemars(extend("x-hubs-type" = "Notice"))]
#[schemars(extend("x-hubs-buffered" = true))]
pub enum Notice {
    Joined { user_name: String },
    Left,
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
    impl __hubs::HubField for Notice {}
    impl __hubs::Named for Notice {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("Notice", &[])
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
                #[ts(crate = "::hubs::__private::ts_rs", rename = "Notice")]
                #[serde(tag = "kind")]
                enum __Copy {
                    Joined { user_name: __hubs::Place<0usize> },
                    Left,
                }
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            layout.fill(0usize, || names.of::<String>());
            ::core::option::Option::Some(layout)
        }
        fn declared() -> ::core::option::Option<__hubs::Declared> {
            struct __Id;
            let names = __hubs::Names::new(&[]);
            let declared = __hubs::Declared::new::<Self, __Id>("Notice", &[]);
            ::core::option::Option::Some(__hubs::laid_out::<Notice>(declared, &names))
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<String>();
        }
    }
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "kind", deny_unknown_fields)]
#[serde(crate = "::hubs::__private::serde", rename_all_fields = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Shout")]
#[schemars(extend("x-hubs-type" = "Shout"))]
#[schemars(extend("x-hubs-buffered" = true))]
pub enum Shout {
    AllOfThem,
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
    impl __hubs::HubField for Shout {}
    impl __hubs::Named for Shout {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("Shout", &[])
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
                #[serde(rename_all_fields = "camelCase")]
                #[ts(crate = "::hubs::__private::ts_rs", rename = "Shout")]
                #[serde(
                    rename_all = "SCREAMING_SNAKE_CASE",
                    tag = "kind",
                    deny_unknown_fields
                )]
                enum __Copy {
                    AllOfThem,
                }
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            ::core::option::Option::Some(layout)
        }
        fn declared() -> ::core::option::Option<__hubs::Declared> {
            struct __Id;
            let names = __hubs::Names::new(&[]);
            let declared = __hubs::Declared::new::<Self, __Id>("Shout", &[]);
            ::core::option::Option::Some(__hubs::laid_out::<Shout>(declared, &names))
        }
        fn parts(parts: &mut __hubs::Parts) {}
    }
};
