//! The hub that all clients use.

use std::future::pending;

use futures_util::{StreamExt, stream};
use hubs::{HubCallerContext, HubResult, HubStream, UploadStream, client_interface, hub};

#[client_interface]
pub(crate) trait HeapClient {
    async fn receive(&self, text: String) -> HubResult<()>;
}

pub(crate) type Cx = HubCallerContext<HeapClientContract>;

#[hub(client = HeapClient)]
pub(crate) trait HeapHub {
    async fn join(&self, cx: &Cx, group: String) -> HubResult<String>;
    async fn broadcast(&self, cx: &Cx, text: String) -> HubResult<()>;
    /// One item, and then none, without an end.
    async fn numbers(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    async fn sum(&self, cx: &Cx, numbers: UploadStream<u32>) -> HubResult<u32>;
}

pub(crate) struct Hub;

impl HeapHub for Hub {
    async fn join(&self, cx: &Cx, group: String) -> HubResult<String> {
        cx.groups().add(cx.connection_id(), "all").await?;
        cx.groups().add(cx.connection_id(), group.as_str()).await?;
        Ok(group)
    }

    async fn broadcast(&self, cx: &Cx, text: String) -> HubResult<()> {
        cx.clients().all().receive(text).await?;
        Ok(())
    }

    async fn numbers(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let rest = Box::pin(stream::once(pending()));
        Ok(HubStream::new(stream::iter([1]).chain(rest)))
    }

    async fn sum(&self, _: &Cx, mut numbers: UploadStream<u32>) -> HubResult<u32> {
        let mut total = 0;
        while let Some(number) = numbers.next().await {
            total += number?;
        }
        Ok(total)
    }
}
