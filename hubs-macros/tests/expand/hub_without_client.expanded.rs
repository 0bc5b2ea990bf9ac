trait Clock: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn now(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<Output = HubResult<String>> + ::core::marker::Send;
    /// Runs when a connection has opened, before its first call. `Err` closes it.
    fn on_connected(
        &self,
        cx: &::hubs::__private::HubCallerContext<::hubs::NoClient>,
    ) -> impl ::core::future::Future<
        Output = ::hubs::__private::HubResult<()>,
    > + ::core::marker::Send {
        let _ = cx;
        async { ::core::result::Result::Ok(()) }
    }
    /// Runs once when a connection is gone, if `on_connected` returned `Ok`. `None`: it closed cleanly.
    fn on_disconnected(
        &self,
        cx: &::hubs::__private::HubCallerContext<::hubs::NoClient>,
        error: ::core::option::Option<&::hubs::__private::DisconnectError>,
    ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
        let _ = (cx, error);
        async {}
    }
}
///Names the contract [`Clock`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
struct ClockContract;
///Calls the methods of [`Clock`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
struct ClockProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("Now", "now").gives(<HubResult<String> as __hubs::Gives>::GIVES),
    ];
    impl __hubs::Interface for ClockContract {
        type Proxy<_S: __hubs::Addressing> = ClockProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "Clock",
            rust_path: ::core::concat!(::core::module_path!(), "::Clock"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::HubInterface for ClockContract {
        type Client = ::hubs::NoClient;
    }
    impl<_H: Clock> __hubs::Dispatch<_H> for ClockContract {
        type Context = __hubs::HubCallerContext<::hubs::NoClient>;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, cx, _| {
                <HubResult<
                    String,
                > as __hubs::Gives>::bind(async move { _H::now(&h, &cx).await })
            },
        ];
    }
    impl<_H: Clock> __hubs::Lifecycle<_H> for ClockContract {
        fn on_connected(
            hub: __hubs::Arc<_H>,
            cx: Self::Context,
        ) -> __hubs::BoxFuture<__hubs::HubResult<()>> {
            ::std::boxed::Box::pin(async move { _H::on_connected(&hub, &cx).await })
        }
        fn on_disconnected(
            hub: __hubs::Arc<_H>,
            cx: Self::Context,
            error: ::core::option::Option<__hubs::DisconnectError>,
        ) -> __hubs::BoxFuture<()> {
            ::std::boxed::Box::pin(async move {
                _H::on_disconnected(&hub, &cx, error.as_ref()).await
            })
        }
    }
    impl<_S: __hubs::Addressing> ::core::convert::From<__hubs::Proxy<_S>>
    for ClockProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> ClockProxy<_S> {
        pub fn now(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<String>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<String>>,
        {
            __hubs::call_peer!(self.0, "Now")
        }
    }
    __hubs::register!(ClockContract);
};
