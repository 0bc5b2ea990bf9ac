//! A client that records what the hub calls on it, and waits for it: a test names no enum and opens no channel.

use std::{
    any::{Any, TypeId, type_name},
    collections::{HashMap, VecDeque},
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;

use super::{TestClient, with_default_timeout};
use crate::{
    call::{Bound, Dispatch, HubInterface, HubOutput, Interface, Returns, Single},
    ids::{ConnectionId, HubError},
    protocol::ArgumentError,
};

/// A client interface whose calls can be recorded. `#[client_interface]` implements it.
pub trait Recorded: Interface + Dispatch<Recorder, Context = ()> {
    /// Has a method `next_receive_message` for each method `receive_message` of the interface, and a method
    /// `answer_receive_message`.
    type Calls: From<Recorder>;
}

/// What the hub has called on one client, by method. Cheap to clone: all clones are one.
#[derive(Clone, Default)]
pub struct Recorder {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The arguments of calls that no test has taken, a `VecDeque<A>` for each method.
    calls: Mutex<HashMap<&'static str, VecDeque<Box<dyn Any + Send>>>>,
    arrived: Notify,
    answers: Mutex<HashMap<&'static str, Arc<dyn Any + Send + Sync>>>,
}

/// What answers the calls of one method.
type Answer<A, T> = Box<dyn Fn(A) -> Result<T, HubError> + Send + Sync>;

impl Recorder {
    /// Runs a call: the answer that the test has set gets the arguments; without one they are recorded.
    #[doc(hidden)]
    pub fn call<A, R>(&self, method: &'static str, arguments: A) -> Result<Bound, ArgumentError>
    where
        A: Send + 'static,
        R: Returns<Output: HubOutput> + 'static,
    {
        let answer = lock(&self.shared.answers).get(method).cloned();
        let result = match answer.as_deref().and_then(|answer| answer.downcast_ref::<Answer<A, R::Output>>()) {
            Some(answer) => answer(arguments),
            None => {
                lock(&self.shared.calls).entry(method).or_default().push_back(Box::new(arguments));
                self.shared.arrived.notify_waiters();
                nothing(method)
            }
        };
        Ok(Bound::new(std::future::ready(result)))
    }

    /// Waits for the next recorded call of `method`.
    #[doc(hidden)]
    pub async fn next<A: 'static>(&self, method: &'static str) -> A {
        let next = async {
            loop {
                let arrived = self.shared.arrived.notified();
                let call = lock(&self.shared.calls).get_mut(method).and_then(VecDeque::pop_front);
                if let Some(call) = call.and_then(|call| call.downcast::<A>().ok()) {
                    return *call;
                }
                arrived.await;
            }
        };
        with_default_timeout(next).await
    }

    /// Answers the calls of `method` from now on.
    #[doc(hidden)]
    pub fn answer<A: 'static, R: Returns<Output: 'static>>(
        &self,
        method: &'static str,
        answer: impl Fn(A) -> R + Send + Sync + 'static,
    ) {
        let answer: Answer<A, R::Output> = Box::new(move |arguments| answer(arguments).into_result());
        lock(&self.shared.answers).insert(method, Arc::new(answer));
    }
}

/// The result of a call that has no answer: only of nothing is there one.
fn nothing<T: 'static>(method: &str) -> Result<T, HubError> {
    let unit: Option<Box<dyn Any>> = (TypeId::of::<T>() == TypeId::of::<()>()).then(|| Box::new(()) as _);
    let unit = unit.and_then(|unit| unit.downcast().ok()).map(|unit| *unit);
    unit.ok_or_else(|| {
        HubError::client(format!("set an answer first: `client.answer_{method}(..)` gives a {}", type_name::<T>()))
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = lock(&self.shared.calls);
        f.debug_map().entries(calls.iter().map(|(method, calls)| (method, calls.len()))).finish()
    }
}

/// A client of hub `C` that records what the hub calls on it.
///
/// Dereferences to the recorder that `#[client_interface]` has generated: for each method `receive_message` it has
///
/// - `next_receive_message().await`: waits for the next call and gives its arguments, alone or as a tuple. It panics
///   after the time of [`with_default_timeout`].
/// - `answer_receive_message(|arguments| ..)`: runs a closure for each call from now on, in place of recording it. A
///   method that gives a value has to have an answer.
pub struct RecordingClient<C: HubInterface<Client: Recorded>> {
    client: TestClient<C>,
    calls: <C::Client as Recorded>::Calls,
}

impl<C: HubInterface<Client: Recorded>> RecordingClient<C> {
    pub(super) fn new(client: TestClient<C>, recorder: Recorder) -> Self {
        Self { client, calls: recorder.into() }
    }

    /// Calls the hub.
    pub fn hub(&self) -> C::Proxy<Single> {
        self.client.hub()
    }

    /// The name of this connection, as the hub sees it.
    pub fn connection_id(&self) -> &ConnectionId {
        self.client.connection_id()
    }

    /// The connection, to be ended or waited for.
    pub fn connection(&self) -> &TestClient<C> {
        &self.client
    }
}

impl<C: HubInterface<Client: Recorded>> Deref for RecordingClient<C> {
    type Target = <C::Client as Recorded>::Calls;

    fn deref(&self) -> &Self::Target {
        &self.calls
    }
}

impl<C: HubInterface<Client: Recorded>> fmt::Debug for RecordingClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingClient").field("client", &self.client).finish_non_exhaustive()
    }
}
