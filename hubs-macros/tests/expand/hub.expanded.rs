pub trait ChatHub: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn send_message(
        &self,
        cx: &Cx,
        room: String,
        text: String,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
    fn rooms(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<
        Output = HubResult<Vec<RoomSummary>>,
    > + ::core::marker::Send;
    fn clear_history(
        &self,
        _cx: &Cx,
        room: String,
    ) -> impl ::core::future::Future<Output = HubResult<bool>> + ::core::marker::Send;
    /// Runs when a connection has opened, before its first call. `Err` closes it.
    fn on_connected(
        &self,
        cx: &::hubs::__private::HubCallerContext<
            <dyn chat::ChatClient as ::hubs::__private::ClientInterface>::Contract,
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
            <dyn chat::ChatClient as ::hubs::__private::ClientInterface>::Contract,
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
        __hubs::method("SendMessage", "send_message")
            .takes(
                &[
                    __hubs::param("room", <String as __hubs::HubParam>::DESCRIBED),
                    __hubs::param("text", <String as __hubs::HubParam>::DESCRIBED),
                ],
            )
            .gives(<HubResult<()> as __hubs::Gives>::GIVES),
        __hubs::method("Rooms", "rooms")
            .gives(<HubResult<Vec<RoomSummary>> as __hubs::Gives>::GIVES),
        __hubs::method("ClearHistory", "clear_history")
            .takes(&[__hubs::param("room", <String as __hubs::HubParam>::DESCRIBED)])
            .gives(<HubResult<bool> as __hubs::Gives>::GIVES),
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
        type Client = <dyn chat::ChatClient as ::hubs::__private::ClientInterface>::Contract;
    }
    impl<_H: ChatHub> __hubs::Dispatch<_H> for ChatHubContract {
        type Context = __hubs::HubCallerContext<
            <dyn chat::ChatClient as ::hubs::__private::ClientInterface>::Contract,
        >;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, cx, args| {
                let (room, text) = (
                    <String as __hubs::HubParam>::take(&mut *args)?,
                    <String as __hubs::HubParam>::take(&mut *args)?,
                );
                __hubs::validate!("room" room, "text" text);
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move {
                    _H::send_message(&h, &cx, room, text).await
                })
            },
            |h, cx, _| {
                <HubResult<
                    Vec<RoomSummary>,
                > as __hubs::Gives>::bind(async move { _H::rooms(&h, &cx).await })
            },
            |h, cx, args| {
                let room = <String as __hubs::HubParam>::take(&mut *args)?;
                __hubs::validate!("room" room);
                <HubResult<
                    bool,
                > as __hubs::Gives>::bind(async move {
                    _H::clear_history(&h, &cx, room).await
                })
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
        pub fn send_message(
            &self,
            room: String,
            text: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "SendMessage", & room => String, & text => String)
        }
        pub fn rooms(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<Vec<RoomSummary>>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<Vec<RoomSummary>>>,
        {
            __hubs::call_peer!(self.0, "Rooms")
        }
        pub fn clear_history(
            &self,
            room: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<bool>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<bool>>,
        {
            __hubs::call_peer!(self.0, "ClearHistory", & room => String)
        }
    }
    __hubs::register!(ChatHubContract);
};
