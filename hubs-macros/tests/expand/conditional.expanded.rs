#[cfg(feature = "chat")]
pub trait ChatHub: ::core::marker::Send + ::core::marker::Sync + 'static {
    #[cfg(feature = "history")]
    fn history(
        &self,
        cx: &Cx,
        room: String,
    ) -> impl ::core::future::Future<
        Output = HubResult<Vec<ChatMessage>>,
    > + ::core::marker::Send;
    #[cfg(not(feature = "history"))]
    fn history(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
    #[cfg_attr(feature = "small", cfg(any()), deprecated, must_use)]
    fn rooms(
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
#[cfg(feature = "chat")]
///Names the contract [`ChatHub`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct ChatHubContract;
#[cfg(feature = "chat")]
///Calls the methods of [`ChatHub`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct ChatHubProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[cfg(feature = "chat")]
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        #[cfg(feature = "history")]
        __hubs::method("History", "history")
            .takes(&[__hubs::param("room", <String as __hubs::HubParam>::DESCRIBED)])
            .gives(<HubResult<Vec<ChatMessage>> as __hubs::Gives>::GIVES),
        #[cfg(not(feature = "history"))]
        __hubs::method("History", "history")
            .gives(<HubResult<()> as __hubs::Gives>::GIVES),
        #[cfg_attr(feature = "small", cfg(any()))]
        __hubs::method("Rooms", "rooms").gives(<HubResult<()> as __hubs::Gives>::GIVES),
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
            #[cfg(feature = "history")]
            |h, cx, args| {
                let room = <String as __hubs::HubParam>::take(&mut *args)?;
                __hubs::validate!("room" room);
                <HubResult<
                    Vec<ChatMessage>,
                > as __hubs::Gives>::bind(async move {
                    _H::history(&h, &cx, room).await
                })
            },
            #[cfg(not(feature = "history"))]
            |h, cx, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::history(&h, &cx).await })
            },
            #[cfg_attr(feature = "small", cfg(any()))]
            |h, cx, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::rooms(&h, &cx).await })
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
        #[cfg(feature = "history")]
        pub fn history(
            &self,
            room: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<Vec<ChatMessage>>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<Vec<ChatMessage>>>,
        {
            __hubs::call_peer!(self.0, "History", & room => String)
        }
        #[cfg(not(feature = "history"))]
        pub fn history(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "History")
        }
        #[cfg_attr(feature = "small", cfg(any()), deprecated)]
        pub fn rooms(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Rooms")
        }
    }
    __hubs::register!(ChatHubContract);
};
