pub trait ChatHub: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn send_message(
        &self,
        cx: &Cx,
        room: String,
        text: String,
    ) -> impl ::core::future::Future<
        Output = my::rt::HubResult<()>,
    > + ::core::marker::Send;
    /// Runs when a connection has opened, before its first call. `Err` closes it.
    fn on_connected(
        &self,
        cx: &my::rt::__private::HubCallerContext<
            <dyn ChatClient as my::rt::__private::ClientInterface>::Contract,
        >,
    ) -> impl ::core::future::Future<
        Output = my::rt::__private::HubResult<()>,
    > + ::core::marker::Send {
        let _ = cx;
        async { ::core::result::Result::Ok(()) }
    }
    /// Runs once when a connection is gone, if `on_connected` returned `Ok`. `None`: it closed cleanly.
    fn on_disconnected(
        &self,
        cx: &my::rt::__private::HubCallerContext<
            <dyn ChatClient as my::rt::__private::ClientInterface>::Contract,
        >,
        error: ::core::option::Option<&my::rt::__private::DisconnectError>,
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
pub struct ChatHubProxy<S = my::rt::__private::Single>(
    my::rt::__private::Proxy<S>,
)
where
    S: my::rt::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use my::rt::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("SendMessage", "send_message")
            .takes(
                &[
                    __hubs::param("room", <String as __hubs::HubParam>::DESCRIBED),
                    __hubs::param("text", <String as __hubs::HubParam>::DESCRIBED),
                ],
            )
            .gives(<my::rt::HubResult<()> as __hubs::Gives>::GIVES),
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
        type Client = <dyn ChatClient as my::rt::__private::ClientInterface>::Contract;
    }
    impl<_H: ChatHub> __hubs::Dispatch<_H> for ChatHubContract {
        type Context = __hubs::HubCallerContext<
            <dyn ChatClient as my::rt::__private::ClientInterface>::Contract,
        >;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, cx, args| {
                let (room, text) = (
                    <String as __hubs::HubParam>::take(&mut *args)?,
                    <String as __hubs::HubParam>::take(&mut *args)?,
                );
                __hubs::validate!("room" room, "text" text);
                <my::rt::HubResult<
                    (),
                > as __hubs::Gives>::bind(async move {
                    _H::send_message(&h, &cx, room, text).await
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
            Output = __hubs::Asked<_S, my::rt::HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<my::rt::HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "SendMessage", & room => String, & text => String)
        }
    }
    __hubs::register!(ChatHubContract);
};
pub trait Lonely: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Runs when a connection has opened, before its first call. `Err` closes it.
    fn on_connected(
        &self,
        cx: &crate::my::__private::HubCallerContext<crate::my::NoClient>,
    ) -> impl ::core::future::Future<
        Output = crate::my::__private::HubResult<()>,
    > + ::core::marker::Send {
        let _ = cx;
        async { ::core::result::Result::Ok(()) }
    }
    /// Runs once when a connection is gone, if `on_connected` returned `Ok`. `None`: it closed cleanly.
    fn on_disconnected(
        &self,
        cx: &crate::my::__private::HubCallerContext<crate::my::NoClient>,
        error: ::core::option::Option<&crate::my::__private::DisconnectError>,
    ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
        let _ = (cx, error);
        async {}
    }
}
///Names the contract [`Lonely`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct LonelyContract;
///Calls the methods of [`Lonely`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct LonelyProxy<S = crate::my::__private::Single>(
    crate::my::__private::Proxy<S>,
)
where
    S: crate::my::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use crate::my::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[];
    impl __hubs::Interface for LonelyContract {
        type Proxy<_S: __hubs::Addressing> = LonelyProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "Lonely",
            rust_path: ::core::concat!(::core::module_path!(), "::Lonely"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::HubInterface for LonelyContract {
        type Client = crate::my::NoClient;
    }
    impl<_H: Lonely> __hubs::Dispatch<_H> for LonelyContract {
        type Context = __hubs::HubCallerContext<crate::my::NoClient>;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[];
    }
    impl<_H: Lonely> __hubs::Lifecycle<_H> for LonelyContract {
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
    for LonelyProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> LonelyProxy<_S> {}
    __hubs::register!(LonelyContract);
};
pub trait ChatClient: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn receive_message(
        &self,
        message: ChatMessage,
    ) -> impl ::core::future::Future<
        Output = my::rt::HubResult<()>,
    > + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
}
///Names the contract [`ChatClient`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct ChatClientContract;
///Calls the methods of [`ChatClient`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct ChatClientProxy<S = ::my::__private::Single>(
    ::my::__private::Proxy<S>,
)
where
    S: ::my::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::my::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("ReceiveMessage", "receive_message")
            .takes(
                &[
                    __hubs::value(
                        __hubs::param(
                            "message",
                            <ChatMessage as __hubs::HubParam>::DESCRIBED,
                        ),
                    ),
                ],
            )
            .outputs(__hubs::answer(<my::rt::HubResult<()> as __hubs::Gives>::GIVES)),
    ];
    impl __hubs::Interface for ChatClientContract {
        type Proxy<_S: __hubs::Addressing> = ChatClientProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "ChatClient",
            rust_path: ::core::concat!(::core::module_path!(), "::ChatClient"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::ClientInterface for dyn ChatClient {
        type Contract = ChatClientContract;
    }
    impl<_H: ChatClient> __hubs::Dispatch<_H> for ChatClientContract {
        type Context = ();
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, _, args| {
                let message = <ChatMessage as __hubs::HubParam>::take(&mut *args)?;
                <my::rt::HubResult<
                    (),
                > as __hubs::Gives>::bind(async move {
                    _H::receive_message(&h, message).await
                })
            },
        ];
    }
    impl<_S: __hubs::Addressing> ::core::convert::From<__hubs::Proxy<_S>>
    for ChatClientProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> ChatClientProxy<_S> {
        pub fn receive_message(
            &self,
            message: ChatMessage,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, my::rt::HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<my::rt::HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "ReceiveMessage", & message => ChatMessage)
        }
    }
    __hubs::recorder! {
        pub ChatClientCalls for ChatClientContract; receive_message next_receive_message
        answer_receive_message(ChatMessage) -> my::rt::HubResult < () >;
    }
};
#[derive(
    my::rt::__private::serde::Serialize,
    my::rt::__private::serde::Deserialize,
    my::rt::__private::schemars::JsonSchema
)]
#[serde(crate = "my::rt::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "my::rt::__private::schemars", rename = "ChatMessage")]
#[schemars(extend("x-hubs-type" = "ChatMessage"))]
pub struct ChatMessage {
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
    use my::rt::__private as __hubs;
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
                #[ts(crate = "my::rt::__private::ts_rs", rename = "ChatMessage")]
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
            let declared = __hubs::Declared::new::<Self, __Id>("ChatMessage", &[]);
            ::core::option::Option::Some(
                __hubs::laid_out::<ChatMessage>(declared, &names),
            )
        }
        fn parts(parts: &mut __hubs::Parts) {
            parts.add::<String>();
        }
    }
};
