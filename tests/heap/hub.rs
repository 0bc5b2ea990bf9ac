//! The hub that the crowd visits.

use std::future::pending;

use futures_util::{StreamExt, stream};
use hubs::{HubCallerContext, HubResult, HubStream, UploadStream, client_interface, hub};

#[client_interface]
pub(crate) trait Ear {
    async fn hear(&self, text: String) -> HubResult<()>;
}

pub(crate) type Cx = HubCallerContext<EarContract>;

#[hub(client = Ear)]
pub(crate) trait Hall {
    async fn join(&self, cx: &Cx, group: String) -> HubResult<String>;
    async fn tell_all(&self, cx: &Cx, text: String) -> HubResult<()>;
    /// One item, and then silence.
    async fn listen(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    async fn add_up(&self, cx: &Cx, numbers: UploadStream<u32>) -> HubResult<u32>;
}

pub(crate) struct Host;

impl Hall for Host {
    async fn join(&self, cx: &Cx, group: String) -> HubResult<String> {
        cx.groups().add(cx.connection_id(), "everybody").await?;
        cx.groups().add(cx.connection_id(), group.as_str()).await?;
        Ok(group)
    }

    async fn tell_all(&self, cx: &Cx, text: String) -> HubResult<()> {
        cx.clients().all().hear(text).await?;
        Ok(())
    }

    async fn listen(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let silence = Box::pin(stream::once(pending()));
        Ok(HubStream::new(stream::iter([1]).chain(silence)))
    }

    async fn add_up(&self, _: &Cx, mut numbers: UploadStream<u32>) -> HubResult<u32> {
        let mut sum = 0;
        while let Some(number) = numbers.next().await {
            sum += number?;
        }
        Ok(sum)
    }
}
