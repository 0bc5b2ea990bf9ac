pub trait SearchHub: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn search(
        &self,
        cx: &Cx,
        text: String,
    ) -> impl ::core::future::Future<
        Output = HubResult<Vec<String>>,
    > + ::core::marker::Send;
    fn find_one(
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
///Names the contract [`SearchHub`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct SearchHubContract;
///Calls the methods of [`SearchHub`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct SearchHubProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("Search", "search")
            .takes(&[__hubs::param("text", <String as __hubs::HubParam>::DESCRIBED)])
            .gives(<HubResult<Vec<String>> as __hubs::Gives>::GIVES)
            .with_cancellation(),
        __hubs::method("Find", "find_one")
            .gives(<HubResult<String> as __hubs::Gives>::GIVES)
            .with_cancellation(),
    ];
    impl __hubs::Interface for SearchHubContract {
        type Proxy<_S: __hubs::Addressing> = SearchHubProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "SearchHub",
            rust_path: ::core::concat!(::core::module_path!(), "::SearchHub"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::HubInterface for SearchHubContract {
        type Client = ::hubs::NoClient;
    }
    impl<_H: SearchHub> __hubs::Dispatch<_H> for SearchHubContract {
        type Context = __hubs::HubCallerContext<::hubs::NoClient>;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, cx, args| {
                let text = <String as __hubs::HubParam>::take(&mut *args)?;
                __hubs::validate!("text" text);
                <HubResult<
                    Vec<String>,
                > as __hubs::Gives>::bind(async move { _H::search(&h, &cx, text).await })
            },
            |h, cx, _| {
                <HubResult<
                    String,
                > as __hubs::Gives>::bind(async move { _H::find_one(&h, &cx).await })
            },
        ];
    }
    impl<_H: SearchHub> __hubs::Lifecycle<_H> for SearchHubContract {
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
    for SearchHubProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> SearchHubProxy<_S> {
        pub fn search(
            &self,
            text: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<Vec<String>>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<Vec<String>>>,
        {
            __hubs::call_peer!(cancellable self.0, "Search", & text => String)
        }
        pub fn find_one(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<String>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<String>>,
        {
            __hubs::call_peer!(cancellable self.0, "Find")
        }
    }
    __hubs::register!(SearchHubContract);
};
