trait AnswerHub: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn answer(
        &self,
        cx: &Cx,
        question: String,
    ) -> impl ::core::future::Future<
        Output = HubResult<HubStream<String>>,
    > + ::core::marker::Send;
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
///Names the contract [`AnswerHub`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
struct AnswerHubContract;
///Calls the methods of [`AnswerHub`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
struct AnswerHubProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("Answer", "answer")
            .takes(&[__hubs::param("question", <String as __hubs::HubParam>::DESCRIBED)])
            .gives(<HubResult<HubStream<String>> as __hubs::Gives>::GIVES)
            .with_resumption(),
    ];
    impl __hubs::Interface for AnswerHubContract {
        type Proxy<_S: __hubs::Addressing> = AnswerHubProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "AnswerHub",
            rust_path: ::core::concat!(::core::module_path!(), "::AnswerHub"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::HubInterface for AnswerHubContract {
        type Client = ::hubs::NoClient;
    }
    impl<_H: AnswerHub> __hubs::Dispatch<_H> for AnswerHubContract {
        type Context = __hubs::HubCallerContext<::hubs::NoClient>;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, cx, args| {
                let question = <String as __hubs::HubParam>::take(&mut *args)?;
                __hubs::validate!("question" question);
                <HubResult<
                    HubStream<String>,
                > as __hubs::Gives>::bind(async move {
                    _H::answer(&h, &cx, question).await
                })
            },
        ];
    }
    impl<_H: AnswerHub> __hubs::Lifecycle<_H> for AnswerHubContract {
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
    for AnswerHubProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> AnswerHubProxy<_S> {
        pub fn answer(
            &self,
            question: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<HubStream<String>>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<HubStream<String>>>,
        {
            __hubs::call_peer!(self.0, "Answer", & question => String)
        }
    }
    __hubs::register!(AnswerHubContract);
};
