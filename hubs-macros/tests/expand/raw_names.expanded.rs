pub trait r#Final: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn r#match(
        &self,
        r#type: String,
        h: String,
        args: u8,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
}
///Names the contract [`Final`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct FinalContract;
///Calls the methods of [`Final`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct FinalProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("Match", "match")
            .takes(
                &[
                    __hubs::value(
                        __hubs::param("type", <String as __hubs::HubParam>::DESCRIBED),
                    ),
                    __hubs::value(
                        __hubs::param("h", <String as __hubs::HubParam>::DESCRIBED),
                    ),
                    __hubs::value(
                        __hubs::param("args", <u8 as __hubs::HubParam>::DESCRIBED),
                    ),
                ],
            )
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES)),
    ];
    impl __hubs::Interface for FinalContract {
        type Proxy<_S: __hubs::Addressing> = FinalProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "Final",
            rust_path: ::core::concat!(::core::module_path!(), "::Final"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::ClientInterface for dyn r#Final {
        type Contract = FinalContract;
    }
    impl<_H: r#Final> __hubs::Dispatch<_H> for FinalContract {
        type Context = ();
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, _, args| {
                let (r#type, h, args) = (
                    <String as __hubs::HubParam>::take(&mut *args)?,
                    <String as __hubs::HubParam>::take(&mut *args)?,
                    <u8 as __hubs::HubParam>::take(&mut *args)?,
                );
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move {
                    _H::r#match(&h, r#type, h, args).await
                })
            },
        ];
    }
    impl<_S: __hubs::Addressing> ::core::convert::From<__hubs::Proxy<_S>>
    for FinalProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> FinalProxy<_S> {
        pub fn r#match(
            &self,
            r#type: String,
            h: String,
            args: u8,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(
                self.0, "Match", & r#type => String, & h => String, & args => u8
            )
        }
    }
    __hubs::recorder! {
        pub FinalCalls for FinalContract; r#match next_match answer_match(String, String,
        u8) -> HubResult < () >;
    }
};
