pub trait BoardHub: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn read(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
    fn wipe(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
    /// Closes a board.
    fn close(
        &self,
        cx: &Cx,
        board: String,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
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
///Names the contract [`BoardHub`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct BoardHubContract;
///Calls the methods of [`BoardHub`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct BoardHubProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("Read", "read").gives(<HubResult<()> as __hubs::Gives>::GIVES),
        __hubs::method("Wipe", "wipe")
            .gives(<HubResult<()> as __hubs::Gives>::GIVES)
            .with_requirement(__hubs::Requirement {
                roles: &[&["admin"]],
                policies: &[],
            }),
        __hubs::method("Shut", "close")
            .takes(&[__hubs::param("board", <String as __hubs::HubParam>::DESCRIBED)])
            .gives(<HubResult<()> as __hubs::Gives>::GIVES)
            .with_requirement(__hubs::Requirement {
                roles: &[&["admin", "moderator"]],
                policies: &["owner"],
            })
            .with_docs("Closes a board."),
    ];
    impl __hubs::Interface for BoardHubContract {
        type Proxy<_S: __hubs::Addressing> = BoardHubProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "BoardHub",
            rust_path: ::core::concat!(::core::module_path!(), "::BoardHub"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::Some(__hubs::Requirement {
                roles: &[],
                policies: &[],
            }),
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::HubInterface for BoardHubContract {
        type Client = ::hubs::NoClient;
    }
    impl<_H: BoardHub> __hubs::Dispatch<_H> for BoardHubContract {
        type Context = __hubs::HubCallerContext<::hubs::NoClient>;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, cx, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::read(&h, &cx).await })
            },
            |h, cx, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::wipe(&h, &cx).await })
            },
            |h, cx, args| {
                let board = <String as __hubs::HubParam>::take(&mut *args)?;
                __hubs::validate!("board" board);
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::close(&h, &cx, board).await })
            },
        ];
    }
    impl<_H: BoardHub> __hubs::Lifecycle<_H> for BoardHubContract {
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
    for BoardHubProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> BoardHubProxy<_S> {
        pub fn read(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Read")
        }
        pub fn wipe(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Wipe")
        }
        /// Closes a board.
        pub fn close(
            &self,
            board: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Shut", & board => String)
        }
    }
    __hubs::register!(BoardHubContract);
};
pub trait DeskHub: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn ask(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
    fn answer(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
    fn delete(
        &self,
        cx: &Cx,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send;
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
///Names the contract [`DeskHub`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub struct DeskHubContract;
///Calls the methods of [`DeskHub`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub struct DeskHubProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("Ask", "ask").gives(<HubResult<()> as __hubs::Gives>::GIVES),
        __hubs::method("Answer", "answer")
            .gives(<HubResult<()> as __hubs::Gives>::GIVES)
            .with_requirement(__hubs::Requirement {
                roles: &[&["staff"]],
                policies: &[],
            }),
        __hubs::method("Delete", "delete")
            .gives(<HubResult<()> as __hubs::Gives>::GIVES)
            .with_requirement(__hubs::Requirement {
                roles: &[&["staff"], &["admin"]],
                policies: &["on_duty"],
            }),
    ];
    impl __hubs::Interface for DeskHubContract {
        type Proxy<_S: __hubs::Addressing> = DeskHubProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "DeskHub",
            rust_path: ::core::concat!(::core::module_path!(), "::DeskHub"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::HubInterface for DeskHubContract {
        type Client = ::hubs::NoClient;
    }
    impl<_H: DeskHub> __hubs::Dispatch<_H> for DeskHubContract {
        type Context = __hubs::HubCallerContext<::hubs::NoClient>;
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, cx, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::ask(&h, &cx).await })
            },
            |h, cx, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::answer(&h, &cx).await })
            },
            |h, cx, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::delete(&h, &cx).await })
            },
        ];
    }
    impl<_H: DeskHub> __hubs::Lifecycle<_H> for DeskHubContract {
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
    for DeskHubProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> DeskHubProxy<_S> {
        pub fn ask(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Ask")
        }
        pub fn answer(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Answer")
        }
        pub fn delete(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Delete")
        }
    }
    __hubs::register!(DeskHubContract);
};
