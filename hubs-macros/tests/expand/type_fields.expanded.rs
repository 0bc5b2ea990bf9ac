#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema
)]
#[serde(crate = "::hubs::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Job")]
#[schemars(extend("x-hubs-type" = "Job"))]
pub struct Job {
    #[serde(
        bound = "for < 'field > Option < Duration > : :: hubs :: __private :: FieldOf < Job , 0usize >"
    )]
    #[schemars(
        with = ":: hubs :: __private :: SchemaOf < Option < Duration > , Job , 0usize >"
    )]
    pub length: Option<Duration>,
    #[serde(
        bound = "for < 'field > std :: collections :: VecDeque < (u8 , SystemTime) > : :: hubs :: __private :: FieldOf < Job , 1usize >"
    )]
    #[schemars(
        with = ":: hubs :: __private :: SchemaOf < std :: collections :: VecDeque < (u8 , SystemTime) > , Job , 1usize >"
    )]
    pub queue: std::collections::VecDeque<(u8, SystemTime)>,
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub at: Moment,
    pub heap: BinaryHeap<u8>,
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
    impl __hubs::FieldOf<Job, 0usize> for Option<Duration> {}
    impl __hubs::FieldOf<Job, 1usize> for std::collections::VecDeque<(u8, SystemTime)> {}
    impl __hubs::HubField for Job {}
    impl __hubs::Named for Job
    where
        for<'field> Option<Duration>: __hubs::FieldOf<Job, 0usize>,
        for<'field> std::collections::VecDeque<
            (u8, SystemTime),
        >: __hubs::FieldOf<Job, 1usize>,
    {
        fn name(names: &__hubs::Names) -> ::std::string::String {
            names.generic("Job", &[])
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
                #[ts(crate = "::hubs::__private::ts_rs", rename = "Job")]
                struct __Copy {
                    length: __hubs::Place<0usize>,
                    queue: __hubs::Place<1usize>,
                    #[serde(with = "as_text")]
                    #[ts(as = "__hubs::Place<2>")]
                    at: __hubs::Place<2usize>,
                    heap: __hubs::Place<3usize>,
                }
                __hubs::Layout::of::<__Copy>(part)
            };
            let _ = names;
            layout.fill(0usize, || names.of::<Option<Duration>>());
            layout
                .fill(
                    1usize,
                    || names.of::<std::collections::VecDeque<(u8, SystemTime)>>(),
                );
            layout.fill(2usize, || names.of::<String>());
            layout.fill(3usize, || names.of::<Vec<u8>>());
            ::core::option::Option::Some(layout)
        }
        fn declared() -> ::core::option::Option<__hubs::Declared> {
            struct __Id;
            let names = __hubs::Names::new(&[]);
            let declared = __hubs::Declared::new::<Self, __Id>("Job", &[]);
            ::core::option::Option::Some(__hubs::laid_out::<Job>(declared, &names))
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<Option<Duration>>();
            parts.add::<std::collections::VecDeque<(u8, SystemTime)>>();
            parts.add::<String>();
            parts.add::<Vec<u8>>();
        }
    }
};
