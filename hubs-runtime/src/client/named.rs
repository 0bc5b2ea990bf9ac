//! Handlers for the server's calls that were set by name.

use std::{
    collections::HashMap,
    fmt,
    sync::{LazyLock, Mutex, PoisonError},
};

use serde_json::Value;

use super::{FromArguments, HubConnectionBuilder, handlers::Handlers};
use crate::{
    call::{Bound, CallArguments, HubOutput},
    contract::{Flow, HubType, MethodDescriptor, ParamDescriptor, TypeDescriptor},
    ids::{Delivery, HubResult},
    protocol::ArgumentError,
};

/// The most arguments of a handler that takes any number.
const MOST: usize = 32;

static PARAMS: [ParamDescriptor; MOST] =
    [const { ParamDescriptor { name: "argument", flow: Flow::Value, ty: TypeDescriptor::of::<Value>() } }; MOST];

type Bind = Box<dyn Fn(&mut CallArguments<'_>) -> Result<Bound, ArgumentError> + Send + Sync>;
type BindAny = Box<dyn Fn(String, Vec<Value>) -> Bound + Send + Sync>;

/// The handlers of one client.
#[derive(Default)]
pub(super) struct NamedHandlers {
    named: Vec<(&'static MethodDescriptor, Bind)>,
    any: Option<BindAny>,
    /// The name of the method that was found last and has no handler of its own: it is bound next.
    unnamed: Mutex<String>,
}

impl HubConnectionBuilder {
    /// Runs `handler` for each call of `method` by the server, on a connection without a contract. What it returns is the
    /// answer, if the server waits for one.
    ///
    /// ```no_run
    /// # use hubs::client::HubConnection;
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let connection = HubConnection::builder("http://localhost:5000/chat")
    ///     .on("Receive", |(user, text): (String, String)| async move {
    ///         println!("{user}: {text}");
    ///         Ok(())
    ///     })
    ///     .on("Add", |(a, b): (i32, i32)| async move { Ok(a + b) })
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on<A, F, R, T>(mut self, method: &str, handler: F) -> Self
    where
        A: FromArguments,
        F: Fn(A) -> R + Send + Sync + 'static,
        R: Future<Output = HubResult<T>> + Send + 'static,
        T: HubType,
    {
        let bind: Bind = Box::new(move |arguments| Ok(Bound::new(handler(A::take(arguments)?))));
        self.named.named.push((descriptor(method, A::COUNT.unwrap_or(MOST)), bind));
        self
    }

    /// Runs `handler` for each call of the server that has no handler of its own, with the method's name and its arguments.
    pub fn on_any<F, R, T>(mut self, handler: F) -> Self
    where
        F: Fn(String, Vec<Value>) -> R + Send + Sync + 'static,
        R: Future<Output = HubResult<T>> + Send + 'static,
        T: HubType,
    {
        self.named.any = Some(Box::new(move |method, arguments| Bound::new(handler(method, arguments))));
        self
    }
}

impl Handlers for NamedHandlers {
    fn find(&self, target: &str) -> Option<usize> {
        let named = self.named.iter().position(|(method, _)| method.name.eq_ignore_ascii_case(target));
        named.or_else(|| {
            self.any.as_ref()?;
            target.clone_into(&mut self.unnamed.lock().unwrap_or_else(PoisonError::into_inner));
            Some(self.named.len())
        })
    }

    fn method(&self, index: usize) -> &'static MethodDescriptor {
        self.named.get(index).map_or_else(|| descriptor("*", MOST), |(method, _)| method)
    }

    /// Nothing is known of them.
    fn are_durable(&self) -> bool {
        false
    }

    fn bind(&self, index: usize, arguments: &mut CallArguments<'_>) -> Result<Bound, ArgumentError> {
        match (self.named.get(index), &self.any) {
            (Some((_, bind)), _) => bind(arguments),
            (None, Some(any)) => {
                let name = std::mem::take(&mut *self.unnamed.lock().unwrap_or_else(PoisonError::into_inner));
                Ok(any(name, FromArguments::take(arguments)?))
            }
            (None, None) => Ok(Bound::new(std::future::ready(HubResult::<()>::Ok(())))),
        }
    }
}

impl fmt::Debug for NamedHandlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.named.iter().map(|(method, _)| method.name)).finish()
    }
}

/// Describes a method of this name. Descriptions live as long as the process, as those that the macros make do: there is one
/// for each name that the program uses, and none for names that a server makes up.
fn descriptor(name: &str, count: usize) -> &'static MethodDescriptor {
    static KNOWN: LazyLock<Mutex<HashMap<(String, usize), &'static MethodDescriptor>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry((name.to_owned(), count)).or_insert_with(|| {
        let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
        Box::leak(Box::new(MethodDescriptor {
            name,
            rust_name: name,
            docs: "",
            deprecated: None,
            cancellable: false,
            resumable: false,
            idempotent: false,
            rate: None,
            requirement: None,
            delivery: Delivery::Must,
            params: &PARAMS[..count],
            output: <() as HubOutput>::OUTPUT,
            error: None,
        }))
    })
}
