//! Calls by name, for hubs whose contract is not known.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::Stream;
use serde::{Serialize, de::DeserializeOwned};

use super::{HubConnection, IntoArguments, outlet::HubOutlet};
use crate::{
    call::{Fault, HubStream, ItemSource, OutgoingCall, Outlet},
    invocation::{InvokeError, SendError},
    protocol::{Payload, PayloadFormat},
};

/// A stream of values that is sent along with a call by name.
pub struct Upload(Box<dyn ItemSource>);

impl Upload {
    /// Sends the items of `stream`.
    pub fn new<S, T>(stream: S) -> Self
    where
        S: Stream<Item = T> + Send + 'static,
        T: Serialize + Send + 'static,
    {
        Self(Box::new(Items(Box::pin(stream))))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upload(..)")
    }
}

struct Items<S>(Pin<Box<S>>);

impl<S> ItemSource for Items<S>
where
    S: Stream<Item: Serialize> + Send,
{
    fn poll_item(
        &mut self,
        cx: &mut Context<'_>,
        format: PayloadFormat,
        out: &mut Vec<u8>,
    ) -> Poll<Option<Result<(), Fault>>> {
        self.0.as_mut().poll_next(cx).map(|next| next.map(|value| value.encode(format, out).map_err(Fault::Encode)))
    }
}

impl HubConnection {
    /// Calls `method` and waits for its answer. A method that gives nothing is asked for a `()`.
    ///
    /// ```no_run
    /// # async fn run(connection: hubs::client::HubConnection) -> Result<(), hubs::InvokeError> {
    /// let sum: i32 = connection.invoke("Sum", (1, 2)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the call cannot be sent, fails, or gives another type.
    pub async fn invoke<T: DeserializeOwned>(
        &self,
        method: &str,
        arguments: impl IntoArguments,
    ) -> Result<T, InvokeError> {
        self.upload(method, arguments, []).await
    }

    /// Calls `method` and does not wait for it: `Ok` means that the call is queued.
    ///
    /// # Errors
    /// If an argument cannot be written, or there is no connection.
    pub async fn send(&self, method: &str, arguments: impl IntoArguments) -> Result<(), SendError> {
        let sending = self.outlet_by_name().send(call(method, &arguments, []));
        sending.await
    }

    /// Calls `method` for a stream of values. Dropping the stream cancels it.
    ///
    /// # Errors
    /// If the call cannot be sent. Why a method fails is said by the stream.
    pub async fn stream<T: DeserializeOwned>(
        &self,
        method: &str,
        arguments: impl IntoArguments,
    ) -> Result<HubStream<T>, InvokeError> {
        self.upload_for_stream(method, arguments, []).await
    }

    /// As [`HubConnection::invoke`], with streams: they are the parameters of the method that are streams, in their order.
    ///
    /// ```no_run
    /// # use hubs::client::Upload;
    /// # async fn run(connection: hubs::client::HubConnection) -> Result<(), hubs::InvokeError> {
    /// let numbers = futures_util::stream::iter(1..=100);
    /// let total: i32 = connection.upload("Total", (), [Upload::new(numbers)]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`HubConnection::invoke`].
    pub async fn upload<T: DeserializeOwned>(
        &self,
        method: &str,
        arguments: impl IntoArguments,
        uploads: impl IntoIterator<Item = Upload> + Send,
    ) -> Result<T, InvokeError> {
        let answer = self.outlet_by_name().invoke(call(method, &arguments, uploads));
        answer.await?.decode().map_err(|error| InvokeError::UnexpectedType(error.to_string()))
    }

    /// As [`HubConnection::stream`], with streams: they are the parameters of the method that are streams, in their order.
    ///
    /// # Errors
    /// As [`HubConnection::stream`].
    pub async fn upload_for_stream<T: DeserializeOwned>(
        &self,
        method: &str,
        arguments: impl IntoArguments,
        uploads: impl IntoIterator<Item = Upload> + Send,
    ) -> Result<HubStream<T>, InvokeError> {
        let (reader, format) = self.outlet_by_name().stream(call(method, &arguments, uploads))?;
        Ok(HubStream::incoming(reader, format))
    }

    fn outlet_by_name(&self) -> HubOutlet {
        HubOutlet { alive: Arc::clone(&self.alive), deadline: None }
    }
}

fn call<'a>(
    method: &'a str,
    arguments: &'a impl IntoArguments,
    uploads: impl IntoIterator<Item = Upload>,
) -> OutgoingCall<'a> {
    let mut call = OutgoingCall::new(method);
    call.values = arguments.values();
    call.streams = uploads.into_iter().map(|upload| upload.0).collect();
    call
}
