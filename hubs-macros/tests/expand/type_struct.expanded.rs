#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema
)]
/// One line of a conversation.
#[derive(Debug, Clone)]
#[serde(crate = "::hubs::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "ChatMessage")]
#[schemars(extend("x-hubs-type" = "ChatMessage"))]
pub struct ChatMessage {
    /// Where it was said.
    pub room: String,
    #[serde(default)]
    #[schemars(default = "::hubs::__private::defaults::no_value")]
    pub sent_at: Option<String>,
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
    impl __hubs::HubField for ChatMessage {}
    impl __hubs::Named for ChatMessage {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("ChatMessage", &[])
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
                #[ts(crate = "::hubs::__private::ts_rs", rename = "ChatMessage")]
                /// One line of a conversation.
                struct __Copy {
                    room: __hubs::Place<0usize>,
                    #[serde(default)]
                    sent_at: __hubs::Place<1usize>,
                }
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            layout.fill(0usize, || names.of::<String>());
            layout.fill(1usize, || names.of::<Option<String>>());
            ::core::option::Option::Some(layout)
        }
        fn declared() -> ::core::option::Option<__hubs::Declared> {
            struct __Id;
            let names = __hubs::Names::new(&[]);
            let declared = __hubs::Declared::new::<Self, __Id>("ChatMessage", &[]);
            ::core::option::Option::Some(
                __hubs::laid_out::<ChatMessage>(declared, &names),
            )
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<String>();
            parts.add::<Option<String>>();
        }
    }
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema
)]
#[serde(crate = "::hubs::__private::serde")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Seconds")]
#[schemars(extend("x-hubs-type" = "Seconds"))]
pub struct Seconds(u32);
#[allow(
    deprecated,
    dead_code,
    non_camel_case_types,
    non_snake_case,
    reason = "generated"
)]
const _: () = {
    use ::hubs::__private as __hubs;
    impl __hubs::HubField for Seconds {}
    impl __hubs::Named for Seconds {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("Seconds", &[])
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
                #[ts(crate = "::hubs::__private::ts_rs", rename = "Seconds")]
                struct __Copy(__hubs::Place<0usize>);
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            layout.fill(0usize, || names.of::<u32>());
            ::core::option::Option::Some(layout)
        }
        fn declared() -> ::core::option::Option<__hubs::Declared> {
            struct __Id;
            let names = __hubs::Names::new(&[]);
            let declared = __hubs::Declared::new::<Self, __Id>("Seconds", &[]);
            ::core::option::Option::Some(__hubs::laid_out::<Seconds>(declared, &names))
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<u32>();
        }
    }
};
