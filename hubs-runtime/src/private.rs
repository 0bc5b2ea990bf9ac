//! All that the expansions of the macros may name. Not part of the public API: it changes with the macros.

pub use std::sync::Arc;

pub use hubs_macros::SerdeAttributes;
#[cfg(feature = "contract")]
pub use inventory;
pub use schemars;
pub use serde;
pub use ts_rs;

#[cfg(feature = "garde")]
pub use crate::call::validation;
#[cfg(feature = "contract")]
pub use crate::contract::RegisteredHub;
#[cfg(feature = "testing")]
pub use crate::testing::{Recorded, Recorder};
pub use crate::{
    __call as call_peer, __recorder as recorder, __validate as validate,
    call::{
        Addressing, Answers, Asked, Bound, BoxFuture, Call, CallArguments, ClientInterface, Dispatch, HubInterface,
        HubOutput, HubParam, Interface, Lifecycle, MethodError, NoClient, OutgoingCall, Outlet, Proxy, Returns,
        ShowsPresence, Single,
    },
    contract::{
        Flow, InterfaceDescriptor, MethodDescriptor, OutputDescriptor, ParamDescriptor, Requirement, TypeDescriptor,
        defaults,
        field::{FieldOf, HubField, SchemaOf},
        flattened,
        named::{Declared, Layout, Named, Names, Param, Part, Parts, Place, laid_out},
    },
    hub::HubCallerContext,
    ids::{Delivery, DisconnectError, HubError, HubResult, RateLimit},
    invocation::StreamReader,
    protocol::ArgumentError,
    register,
};

/// What ts-rs' derive takes for granted: a module of the user may have other types of these names.
pub mod prelude {
    pub use ::std;
    pub use std::{
        borrow::ToOwned,
        convert::Into,
        iter::Iterator,
        option::Option::{self, None, Some},
        string::{String, ToString},
    };
}

/// Describes a parameter.
pub const fn param(name: &'static str, (flow, ty): (Flow, TypeDescriptor)) -> ParamDescriptor {
    ParamDescriptor { name, flow, ty }
}

/// The parameter of a client method, which is no stream: the protocol has none in this direction.
#[track_caller]
pub const fn value(param: ParamDescriptor) -> ParamDescriptor {
    assert!(
        matches!(param.flow, Flow::Value),
        "a client method takes values, streams are for hub methods: `async fn receive(&self, value: T) -> HubResult<()>;`"
    );
    param
}

/// What a method with this return type gives. Expansions name this trait wherever they need one of its parts, so that what
/// cannot be returned is said once.
#[diagnostic::on_unimplemented(
    message = "a hub method returns `HubResult<T>`, not `{Self}`",
    label = "expected `HubResult<..>`",
    note = "write `-> HubResult<()>` if there is nothing to return"
)]
pub trait Gives: Sized {
    /// The value, and the errors that callers get as data.
    const GIVES: (OutputDescriptor, Option<TypeDescriptor>);

    /// Binds a call: `method` is the method's future, its arguments already decoded.
    ///
    /// # Errors
    /// None. It is a `Result` because the decoding before it may fail.
    fn bind(method: impl Future<Output = Self> + Send + 'static) -> Result<Bound, ArgumentError>;
}

impl<R: Returns<Output: HubOutput>> Gives for R {
    const GIVES: (OutputDescriptor, Option<TypeDescriptor>) = (<R::Output as HubOutput>::OUTPUT, R::ERROR);

    fn bind(method: impl Future<Output = R> + Send + 'static) -> Result<Bound, ArgumentError> {
        Ok(Bound::new(method))
    }
}

/// The result of a client method, which is no stream.
#[track_caller]
pub const fn answer((output, error): (OutputDescriptor, Option<TypeDescriptor>)) -> OutputDescriptor {
    assert!(
        matches!(output.flow, Flow::Value),
        "a client method gives a value, streams are for hub methods: `async fn ask(&self) -> HubResult<T>;`"
    );
    assert!(error.is_none(), "a client method names no errors: `async fn ask(&self) -> HubResult<T>;`");
    output
}

/// Starts to describe a method without parameters and result.
pub const fn method(name: &'static str, rust_name: &'static str) -> MethodDescriptor {
    MethodDescriptor {
        name,
        rust_name,
        docs: "",
        deprecated: None,
        cancellable: false,
        requirement: None,
        resumable: false,
        idempotent: false,
        rate: None,
        delivery: Delivery::Must,
        params: &[],
        output: <() as HubOutput>::OUTPUT,
        error: None,
    }
}

impl MethodDescriptor {
    /// The same, with parameters.
    #[doc(hidden)]
    pub const fn takes(mut self, params: &'static [ParamDescriptor]) -> Self {
        self.params = params;
        self
    }

    /// The same, which gives this.
    #[doc(hidden)]
    pub const fn gives(mut self, (output, error): (OutputDescriptor, Option<TypeDescriptor>)) -> Self {
        self.output = output;
        self.error = error;
        self
    }

    /// The same, with the result of a client method.
    #[doc(hidden)]
    pub const fn outputs(mut self, output: OutputDescriptor) -> Self {
        self.output = output;
        self
    }

    /// The same, which its caller may cancel.
    #[doc(hidden)]
    pub const fn with_cancellation(mut self) -> Self {
        self.cancellable = true;
        self
    }

    /// The same, for callers who have this.
    #[doc(hidden)]
    pub const fn with_requirement(mut self, requirement: Requirement) -> Self {
        self.requirement = Some(requirement);
        self
    }

    /// The same, which one connection may call so often in so many seconds.
    #[doc(hidden)]
    pub const fn with_rate(mut self, calls: u32, seconds: u32) -> Self {
        self.rate = Some(RateLimit::new(calls, seconds));
        self
    }

    /// The same, whose stream a client that comes back can read on.
    #[doc(hidden)]
    #[track_caller]
    pub const fn with_resumption(mut self) -> Self {
        let streams = matches!(self.output.flow, Flow::Stream);
        assert!(streams, "`#[method(resumable)]` goes on a method that returns `HubResult<HubStream<T>>`");
        let values = !self.uploads();
        assert!(values, "a method with `#[method(resumable)]` takes no `UploadStream`: it could not be sent again");
        self.resumable = true;
        self
    }

    /// The same, which is called again when it is not known whether it ran.
    #[doc(hidden)]
    #[track_caller]
    pub const fn with_idempotency(mut self) -> Self {
        let value = matches!(self.output.flow, Flow::Value);
        assert!(
            value,
            "`#[method(idempotent)]` goes on a method that gives a value; a stream goes on with `resumable`"
        );
        let runs_on = !self.cancellable;
        assert!(runs_on, "a method is `idempotent` or `cancellable`: a call that is cancelled is not made again");
        let values = !self.uploads();
        assert!(values, "a method with `#[method(idempotent)]` takes no `UploadStream`: it could not be sent again");
        self.idempotent = true;
        self
    }

    /// The same, whose calls are delivered in this way.
    #[doc(hidden)]
    pub const fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    /// The same, with a doc comment.
    #[doc(hidden)]
    pub const fn with_docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// The same, deprecated; `note` may be empty.
    #[doc(hidden)]
    pub const fn with_deprecated(mut self, note: &'static str) -> Self {
        self.deprecated = Some(note);
        self
    }
}

/// What a method returns that has a policy of delivery: nothing.
#[diagnostic::on_unimplemented(
    message = "a call with a policy of delivery has no answer",
    label = "this method returns a value",
    note = "return `HubResult<()>`, or leave the policy out: a call that is waited for is neither lost nor kept"
)]
pub trait Unanswered {}

#[diagnostic::do_not_recommend]
impl Unanswered for HubResult<()> {}

/// The policy of a client method that returns `R`.
pub const fn delivery<R: Unanswered>(delivery: Delivery) -> Delivery {
    delivery
}

/// A number of milliseconds.
pub const fn millis(millis: u64) -> std::time::Duration {
    std::time::Duration::from_millis(millis)
}

/// The body of a proxy's method. The arguments are encoded and let go before the first wait, so that the future is
/// `Send` whatever they are.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    (cancellable $proxy:expr, $method:literal $(, $argument:expr => $ty:ty)*) => {
        $crate::__private::call_peer!(@ $proxy, $crate::__private::OutgoingCall::cancellable($method) $(, $argument => $ty)*)
    };
    (idempotent $proxy:expr, $method:literal $(, $argument:expr => $ty:ty)*) => {
        $crate::__private::call_peer!(@ $proxy, $crate::__private::OutgoingCall::idempotent($method) $(, $argument => $ty)*)
    };
    (delivered($delivery:expr, $key:expr) $proxy:expr, $method:literal $(, $argument:expr => $ty:ty)*) => {
        $crate::__private::call_peer!(
            @ $proxy,
            $crate::__private::OutgoingCall::delivered($method, $delivery, &$key)
            $(, $argument => $ty)*
        )
    };
    ($proxy:expr, $method:literal $(, $argument:expr => $ty:ty)*) => {
        $crate::__private::call_peer!(@ $proxy, $crate::__private::OutgoingCall::new($method) $(, $argument => $ty)*)
    };
    (@ $proxy:expr, $call:expr $(, $argument:expr => $ty:ty)*) => {{
        let proxy = ::core::clone::Clone::clone(&$proxy);
        async move {
            let answer = {
                #[allow(unused_mut, reason = "a method may take no arguments")]
                let mut call = $call;
                $(<$ty as $crate::__private::HubParam>::add_to($argument, &mut call);)*
                proxy.call(call)
            };
            answer.await
        }
    }};
}

/// Checks the arguments of a call that have been decoded: a call with one that breaks a rule of its type fails.
#[cfg(feature = "garde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __validate {
    ($($name:literal $argument:ident),*) => {
        #[allow(unused_imports, reason = "one of the two for each argument")]
        use $crate::__private::validation::{Unvalidated as _, Validated as _};
        $(
            if let ::core::option::Option::Some(failed) =
                (&$crate::__private::validation::Argument(&$argument)).hubs_check($name)
            {
                return ::core::result::Result::Ok(failed);
            }
        )*
    };
}

/// Checks nothing: without feature `garde` types have no rules.
#[cfg(not(feature = "garde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __validate {
    ($($arguments:tt)*) => {};
}

/// Lets a test record the calls of a client interface: a type with two methods for each method of the interface.
#[cfg(feature = "testing")]
#[doc(hidden)]
#[macro_export]
macro_rules! __recorder {
    ($vis:vis $calls:ident for $contract:ident; $(
        $(#[$cfg:meta])* $method:ident $next:ident $answer:ident($($argument:ty),*) -> $returns:ty;
    )*) => {
        /// The recorded calls, by method.
        #[derive(Debug, Clone)]
        $vis struct $calls($crate::__private::Recorder);

        impl ::core::convert::From<$crate::__private::Recorder> for $calls {
            fn from(recorder: $crate::__private::Recorder) -> Self {
                Self(recorder)
            }
        }

        impl $crate::__private::Recorded for $contract {
            type Calls = $calls;
        }

        #[allow(unused_parens, reason = "one argument is no tuple")]
        impl $crate::__private::Dispatch<$crate::__private::Recorder> for $contract {
            type Context = ();
            const CALLS: &'static [$crate::__private::Call<$crate::__private::Recorder, ()>] = &[$(
                $(#[$cfg])*
                |recorder, _, arguments| {
                    let _ = &arguments;
                    let taken = ($(<$argument as $crate::__private::HubParam>::take(arguments)?),*);
                    $crate::__private::Recorder::call::<($($argument),*), $returns>(
                        &recorder,
                        ::core::stringify!($method),
                        taken,
                    )
                },
            )*];
        }

        #[allow(unused_parens, reason = "one argument is no tuple")]
        impl $calls {$(
            $(#[$cfg])*
            /// Waits for the next call of this method and gives its arguments.
            $vis async fn $next(&self) -> ($($argument),*) {
                $crate::__private::Recorder::next(&self.0, ::core::stringify!($method)).await
            }

            $(#[$cfg])*
            /// Answers each call of this method from now on, in place of recording it.
            $vis fn $answer(
                &self,
                answer: impl ::core::ops::Fn(($($argument),*)) -> $returns
                    + ::core::marker::Send
                    + ::core::marker::Sync
                    + 'static,
            ) {
                $crate::__private::Recorder::answer(&self.0, ::core::stringify!($method), answer);
            }
        )*}
    };
}

/// Lets a test record the calls of a client interface: not in this build.
#[cfg(not(feature = "testing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __recorder {
    ($($interface:tt)*) => {};
}

/// Makes a hub known to `cargo hubs`.
#[cfg(feature = "contract")]
#[doc(hidden)]
#[macro_export]
macro_rules! register {
    ($contract:ty) => {
        $crate::__private::inventory::submit! {
            $crate::__private::RegisteredHub {
                hub: || <$contract as $crate::__private::Interface>::DESCRIPTOR,
                client: || {
                    <<$contract as $crate::__private::HubInterface>::Client as $crate::__private::Interface>::DESCRIPTOR
                },
            }
        }
    };
}

/// Makes a hub known to `cargo hubs`. Does nothing in a build without feature `contract`.
#[cfg(not(feature = "contract"))]
#[doc(hidden)]
#[macro_export]
macro_rules! register {
    ($contract:ty) => {};
}
