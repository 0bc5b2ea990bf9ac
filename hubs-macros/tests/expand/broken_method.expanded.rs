::core::compile_error! {
    "HUB020: a method of a hub is async\nhelp: `async fn not_async(&self, cx: &Cx, text: String) -> HubResult<()>;`\nmore: cargo hubs explain HUB020"
}
::core::compile_error! {
    "HUB021: a method of a hub has no type or const parameters\nhelp: take the type that is sent: `async fn generic(&self, cx: &Cx, text: String) -> HubResult<()>;`\nmore: cargo hubs explain HUB021"
}
::core::compile_error! {
    "HUB031: `generic` does not say what it returns\nhelp: `async fn generic(&self, cx: &Cx, text: String) -> HubResult<()>;`\nmore: cargo hubs explain HUB031"
}
pub trait ChatHub: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn not_async(&self, cx: &Cx) -> HubResult<()>
    where
        Self: ::core::marker::Sized;
    #[allow(async_fn_in_trait, reason = "a broken rule is enough")]
    async fn generic<T>(&self, value: &T)
    where
        Self: ::core::marker::Sized;
    fn fine(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
    /// Runs when a connection has opened, before its first call. `Err` closes it.
    fn on_connected(
        &self,
        cx: &::hubs::__private::HubCallerContext<
            <dyn ChatClient as ::hubs::__private::ClientInterface>::Contract,
        >,
    ) -> impl ::core::future::Future<
        Output = ::hubs::__private::HubResult<()>,
    > + ::core::marker::Send {
        let _ = cx;
        async { ::core::result::Result::Ok(()) }
    }
    /// Runs once when a connection is gone, if `on_connected` returned `Ok`. `None`: it closed cleanly.
    fn on_disconnected(
        &self,
        cx: &::hubs::__private::HubCallerContext<
            <dyn ChatClient as ::hubs::__private::ClientInterface>::Contract,
        >,
        error: ::core::option::Option<&::hubs::__private::DisconnectError>,
    ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
        let _ = (cx, error);
        async {}
    }
}
///Names the contract [`ChatHub`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct ChatHubContract;
///Calls the methods of [`ChatHub`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct ChatHubProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("Fine", "fine").gives(<HubResult<()> as __hubs::Gives>::GIVES),
    ];
    impl __hubs::Interface for ChatHubContract {
        type Proxy<_S: __hubs::Addressing> = ChatHubProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "ChatHub",
            rust_path: ::core::concat!(::core::module_path!(), "::ChatHub"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::HubInterface for ChatHubContract {
        type Client = <dyn ChatClient as ::hubs::__private::ClientInterface>::Contract;
    }
    impl<_H: ChatHub> __hubs::Dispatch<_H> for ChatHubContract {
        type Context = __hubs::HubCallerContext<
            <dyn ChatClient as ::hubs::__private::ClientInterface>::Contract,
        >;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, cx, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::fine(&h, &cx).await })
            },
        ];
    }
    impl<_H: ChatHub> __hubs::Lifecycle<_H> for ChatHubContract {
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
    for ChatHubProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> ChatHubProxy<_S> {
        pub fn fine(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Fine")
        }
    }
    __hubs::register!(ChatHubContract);
};
