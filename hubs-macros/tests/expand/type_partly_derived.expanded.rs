#[derive(::hubs::__private::serde::Deserialize, ::hubs::__private::schemars::JsonSchema)]
#[derive(serde::Serialize, Debug)]
#[derive(TS)]
#[serde(rename = "Line", rename_all(serialize = "kebab-case"), crate = "my_serde")]
#[ts(rename = "Line", export)]
#[schemars(crate = "::hubs::__private::schemars", rename = "Line")]
#[schemars(extend("x-hubs-type" = "Line"))]
pub struct r#ChatMessage {
    text: String,
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
    impl __hubs::HubField for r#ChatMessage {}
    impl __hubs::Named for r#ChatMessage {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("Line", &[])
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
                #[ts(crate = "::hubs::__private::ts_rs", rename = "Line")]
                #[serde(
                    rename = "Line",
                    rename_all(serialize = "kebab-case"),
                    crate = "my_serde"
                )]
                struct __Copy {
                    text: __hubs::Place<0usize>,
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
            let declared = __hubs::Declared::new::<Self, __Id>("Line", &[]);
            ::core::option::Option::Some(
                __hubs::laid_out::<r#ChatMessage>(declared, &names),
            )
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<String>();
        }
    }
};
