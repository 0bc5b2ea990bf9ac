pub(crate) trait Ticker: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn price(
        &self,
        price: Price,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn log(
        &self,
        line: String,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn cursor(
        &self,
        x: i32,
        y: i32,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn closed(
        &self,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn status(
        &self,
        text: String,
    ) -> impl ::core::future::Future<Output = HubResult<()>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
    fn ask(
        &self,
    ) -> impl ::core::future::Future<Output = HubResult<bool>> + ::core::marker::Send
    where
        Self: ::core::marker::Sized;
}
///Names the contract [`Ticker`].
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
pub(crate) struct TickerContract;
///Calls the methods of [`Ticker`] on a peer.
#[allow(dead_code, reason = "generated")]
#[derive(::core::fmt::Debug, ::core::clone::Clone)]
pub(crate) struct TickerProxy<S = ::hubs::__private::Single>(
    ::hubs::__private::Proxy<S>,
)
where
    S: ::hubs::__private::Addressing;
#[allow(deprecated, dead_code, reason = "generated")]
const _: () = {
    use ::hubs::__private as __hubs;
    const __METHODS: &[__hubs::MethodDescriptor] = &[
        __hubs::method("Price", "price")
            .takes(
                &[
                    __hubs::value(
                        __hubs::param("price", <Price as __hubs::HubParam>::DESCRIBED),
                    ),
                ],
            )
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES))
            .with_delivery(
                __hubs::delivery::<
                    HubResult<()>,
                >(__hubs::Delivery::Coalesce("price.symbol")),
            ),
        __hubs::method("Log", "log")
            .takes(
                &[
                    __hubs::value(
                        __hubs::param("line", <String as __hubs::HubParam>::DESCRIBED),
                    ),
                ],
            )
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES))
            .with_delivery(
                __hubs::delivery::<HubResult<()>>(__hubs::Delivery::DropOldest),
            ),
        __hubs::method("Cursor", "cursor")
            .takes(
                &[
                    __hubs::value(
                        __hubs::param("x", <i32 as __hubs::HubParam>::DESCRIBED),
                    ),
                    __hubs::value(
                        __hubs::param("y", <i32 as __hubs::HubParam>::DESCRIBED),
                    ),
                ],
            )
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES))
            .with_delivery(
                __hubs::delivery::<
                    HubResult<()>,
                >(__hubs::Delivery::Every(__hubs::millis(100u64))),
            ),
        __hubs::method("Closed", "closed")
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES)),
        __hubs::method("Status", "status")
            .takes(
                &[
                    __hubs::value(
                        __hubs::param("text", <String as __hubs::HubParam>::DESCRIBED),
                    ),
                ],
            )
            .outputs(__hubs::answer(<HubResult<()> as __hubs::Gives>::GIVES))
            .with_delivery(__hubs::delivery::<HubResult<()>>(__hubs::Delivery::Latest)),
        __hubs::method("Ask", "ask")
            .outputs(__hubs::answer(<HubResult<bool> as __hubs::Gives>::GIVES)),
    ];
    impl __hubs::Interface for TickerContract {
        type Proxy<_S: __hubs::Addressing> = TickerProxy<_S>;
        const DESCRIPTOR: __hubs::InterfaceDescriptor = __hubs::InterfaceDescriptor {
            name: "Ticker",
            rust_path: ::core::concat!(::core::module_path!(), "::Ticker"),
            package: ::core::env!("CARGO_PKG_NAME"),
            docs: "",
            deprecated: ::core::option::Option::None,
            requirement: ::core::option::Option::None,
            methods: __METHODS,
            presence: ::core::option::Option::None,
        };
    }
    impl __hubs::ClientInterface for dyn Ticker {
        type Contract = TickerContract;
    }
    impl<_H: Ticker> __hubs::Dispatch<_H> for TickerContract {
        type Context = ();
        const CALLS: &'static [__hubs::Call<_H, Self::Context>] = &[
            |h, _, args| {
                let price = <Price as __hubs::HubParam>::take(&mut *args)?;
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::price(&h, price).await })
            },
            |h, _, args| {
                let line = <String as __hubs::HubParam>::take(&mut *args)?;
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::log(&h, line).await })
            },
            |h, _, args| {
                let (x, y) = (
                    <i32 as __hubs::HubParam>::take(&mut *args)?,
                    <i32 as __hubs::HubParam>::take(&mut *args)?,
                );
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::cursor(&h, x, y).await })
            },
            |h, _, _| {
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::closed(&h).await })
            },
            |h, _, args| {
                let text = <String as __hubs::HubParam>::take(&mut *args)?;
                <HubResult<
                    (),
                > as __hubs::Gives>::bind(async move { _H::status(&h, text).await })
            },
            |h, _, _| {
                <HubResult<
                    bool,
                > as __hubs::Gives>::bind(async move { _H::ask(&h).await })
            },
        ];
    }
    impl<_S: __hubs::Addressing> ::core::convert::From<__hubs::Proxy<_S>>
    for TickerProxy<_S> {
        fn from(proxy: __hubs::Proxy<_S>) -> Self {
            Self(proxy)
        }
    }
    impl<_S: __hubs::Addressing> TickerProxy<_S> {
        pub fn price(
            &self,
            price: Price,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(
                delivered(__hubs::Delivery::Coalesce("price.symbol"), price.symbol) self
                .0, "Price", & price => Price
            )
        }
        pub fn log(
            &self,
            line: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(
                delivered(__hubs::Delivery::DropOldest, ()) self.0, "Log", & line =>
                String
            )
        }
        pub fn cursor(
            &self,
            x: i32,
            y: i32,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(
                delivered(__hubs::Delivery::Every(__hubs::millis(100u64)), ()) self.0,
                "Cursor", & x => i32, & y => i32
            )
        }
        pub fn closed(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(self.0, "Closed")
        }
        pub fn status(
            &self,
            text: String,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<()>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<()>>,
        {
            __hubs::call_peer!(
                delivered(__hubs::Delivery::Latest, ()) self.0, "Status", & text =>
                String
            )
        }
        pub fn ask(
            &self,
        ) -> impl ::core::future::Future<
            Output = __hubs::Asked<_S, HubResult<bool>>,
        > + ::core::marker::Send + use<_S>
        where
            _S: __hubs::Answers<HubResult<bool>>,
        {
            __hubs::call_peer!(self.0, "Ask")
        }
    }
    __hubs::recorder! {
        pub (crate) TickerCalls for TickerContract; price next_price answer_price(Price)
        -> HubResult < () >; log next_log answer_log(String) -> HubResult < () >; cursor
        next_cursor answer_cursor(i32, i32) -> HubResult < () >; closed next_closed
        answer_closed() -> HubResult < () >; status next_status answer_status(String) ->
        HubResult < () >; ask next_ask answer_ask() -> HubResult < bool >;
    }
};
