pub(crate) trait ChatClient: Send + Sync + ::core::marker::Send + ::core::marker::Sync + 'static {
    fn receive_message(
        &self,
        message: ChatMessage,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn confirm(
        &self,
        question: String,
        seconds: u32,
    ) -> impl ::core::future::Future<Output = HubResult<bool>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn ping(
        &self,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
}
///Names the contract [`ChatClient`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub(crate) struct ChatClientContract;
///Calls the methods of [`ChatClient`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub(crate) struct ChatClientProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
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
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES)),
        __hubs::method("Confirm", "confirm")
            .takes(
                &[
                    __hubs::value(
                        __hubs::param(
                            "question",
                            <String as __hubs::HubParam>::DESCRIBED,
                        ),
                    ),
                    __hubs::value(
                        __hubs::param("seconds", <u32 as __hubs::HubParam>::DESCRIBED),
                    ),
                ],
            )
            .outputs(__hubs::answer(<HubResult<bool> as __hubs::Gives>::GIVES)),
        __hubs::method("Ping", "ping")
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES)),
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
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move {
                    _H::receive_message(&h, message).await
                })
            },
            |h, _, args| {
                let (question, seconds) = (
                    <String as __hubs::HubParam>::take(&mut *args)?,
                    <u32 as __hubs::HubParam>::take(&mut *args)?,
                );
                <HubResult<
                    bool,
                > as __hubs::Gives>::bind(async move {
                    _H::confirm(&h, question, seconds).await
                })
            },
            |h, _, _| {
                <HubResult<()> as __hubs::Gives>::bind(async move { _H::ping(&h).await })
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
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "ReceiveMessage", & message => ChatMessage)
        }
        pub fn confirm(
            &self,
            question: String,
            seconds: u32,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<bool>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<bool>>,
        {
            __hubs::call_peer!(self.0, "Confirm", & question => String, & seconds => u32)
        }
        pub fn ping(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Ping")
        }
    }
    __hubs::recorder! {
        pub (crate) ChatClientCalls for ChatClientContract; receive_message
        next_receive_message answer_receive_message(ChatMessage) -> HubResult < () >;
        confirm next_confirm answer_confirm(String, u32) -> HubResult < bool >; ping
        next_ping answer_ping() -> HubResult < () >;
    }
};
