/// What a client may call.
///
///  - a list
///    in which spaces count
#[deprecated(since = "2.0", note = "use `News`")]
pub trait ChatClient: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Posts a line.
    ///
    /// Everybody in the room sees it.
    #[deprecated]
    #[must_use]
    fn receive_message(
        &self,
        message: ChatMessage,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    #[doc = include_str!("confirm.md")]
    #[doc(alias = "ask")]
    #[deprecated = "ask nothing"]
    fn confirm(
        &self,
        question: String,
    ) -> impl ::core::future::Future<Output = HubResult<bool>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
}
#[deprecated(since = "2.0", note = "use `News`")]
///Names the contract [`ChatClient`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct ChatClientContract;
#[deprecated(since = "2.0", note = "use `News`")]
///Calls the methods of [`ChatClient`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct ChatClientProxy<S = ::hubs::__private::Single>(
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
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES))
            .with_docs("Posts a line.\n\nEverybody in the room sees it.")
            .with_deprecated(""),
        __hubs::method("Confirm", "confirm")
            .takes(
                &[
                    __hubs::value(
                        __hubs::param(
                            "question",
                            <String as __hubs::HubParam>::DESCRIBED,
                        ),
                    ),
                ],
            )
            .outputs(__hubs::answer(<HubResult<bool> as __hubs::Gives>::GIVES))
            .with_docs(::core::concat!(include_str!("confirm.md"), "\n"))
            .with_deprecated("ask nothing"),
    ];
    impl __hubs::Interface for ChatClientContract {
        type Proxy<_S: __hubs::Addressing> = ChatClientProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "ChatClient",
            rust_path: ::core::concat!(::core::module_path!(), "::ChatClient"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "What a client may call.\n\n - a list\n   in which spaces count",
            deprecated: ::core::option::Option::Some("use `News`"),
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
                let question = <String as __hubs::HubParam>::take(&mut *args)?;
                <HubResult<
                    bool,
                > as __hubs::Gives>::bind(async move { _H::confirm(&h, question).await })
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
        /// Posts a line.
        ///
        /// Everybody in the room sees it.
        #[deprecated]
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
        #[doc = include_str!("confirm.md")]
        #[doc(alias = "ask")]
        #[deprecated = "ask nothing"]
        pub fn confirm(
            &self,
            question: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<bool>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<bool>>,
        {
            __hubs::call_peer!(self.0, "Confirm", & question => String)
        }
    }
    __hubs::recorder! {
        pub ChatClientCalls for ChatClientContract; receive_message next_receive_message
        answer_receive_message(ChatMessage) -> HubResult < () >; confirm next_confirm
        answer_confirm(String) -> HubResult < bool >;
    }
};
