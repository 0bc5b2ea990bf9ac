::core::compile_error! {
    "HUB010: a hub has no type or const parameters\nhelp: write it for the types you mean: `#[hub(client = ChatClient)] pub trait ChatHub { .. }`\nmore: cargo hubs explain HUB010"
}
::core::compile_error! {
    "HUB012: a hub has no where clause\nhelp: leave it out: `#[hub(client = ChatClient)] pub trait ChatHub { .. }`; put bounds on the implementation, `impl .. for Chat<D> where D: Database`\nmore: cargo hubs explain HUB012"
}
::core::compile_error! {
    "HUB014: a hub is a plain trait\nhelp: leave the modifier out: `#[hub(client = ChatClient)] pub trait ChatHub { .. }`\nmore: cargo hubs explain HUB014"
}
::core::compile_error! {
    "HUB013: a hub has no supertraits besides `Send`, `Sync` and `'static`, which it has anyway\nhelp: leave it out: `#[hub(client = ChatClient)] pub trait ChatHub { .. }`; put bounds on the implementation\nmore: cargo hubs explain HUB013"
}
::core::compile_error! {
    "HUB015: a hub has no associated types\nhelp: name the type in the methods that use it: `async fn send_message(&self, cx: &Cx, text: String) -> HubResult<()>;`\nmore: cargo hubs explain HUB015"
}
pub unsafe trait ChatHub<
    T,
>: Clone + ::core::marker::Send + ::core::marker::Sync + 'static
where
    T: Send,
{
    type Item;
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
