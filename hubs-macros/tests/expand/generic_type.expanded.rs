#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema
)]
#[serde(crate = "::hubs::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Page<{T}, {N}>")]
#[schemars(extend("x-hubs-type" = "Page"))]
pub struct Page<T, const N: usize> {
    items: Vec<T>,
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
    impl<T, const N: usize> __hubs::HubField for Page<T, N>
    where
        T: __hubs::HubField,
    {}
    impl<T, const N: usize> __hubs::Named for Page<T, N>
    where
        T: __hubs::Named,
    {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("Page", &[names.of::<T>()])
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
                #[ts(crate = "::hubs::__private::ts_rs", rename = "Page")]
                struct __Copy {
                    items: __hubs::Place<0usize>,
                }
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            layout.fill(0usize, || names.of::<Vec<T>>());
            ::core::option::Option::Some(layout)
        }
        fn declared() -> ::core::option::Option<__hubs::Declared> {
            struct __Id;
            let names = __hubs::Names::new(&["T"]);
            let declared = __hubs::Declared::new::<Self, __Id>("Page", &["T"]);
            ::core::option::Option::Some(
                __hubs::laid_out::<Page<__hubs::Param<0usize>, N>>(declared, &names),
            )
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<Vec<T>>();
            parts.add::<T>();
        }
    }
};
