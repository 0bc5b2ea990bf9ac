//! A method that is not compiled is in no table; the descriptor and the calls stay in step.

#![deny(warnings)]

use hubs::{HubCallerContext, HubResult, Interface, NoClient, __private::Dispatch, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn first(&self, cx: &Cx) -> HubResult<()>;
    #[cfg(any())]
    async fn gone(&self, cx: &Cx, value: NoSuchType) -> HubResult<()>;
    #[cfg(any())]
    async fn either(&self, cx: &Cx, value: NoSuchType) -> HubResult<()>;
    #[cfg(all())]
    async fn either(&self, cx: &Cx) -> HubResult<()>;
    #[cfg_attr(all(), cfg(any()))]
    async fn gone_too(&self, cx: &Cx, value: NoSuchType) -> HubResult<()>;
    async fn last(&self, cx: &Cx) -> HubResult<()>;
}

#[hub]
#[cfg(any())]
pub trait NoHub {
    async fn first(&self, cx: &NoSuchType) -> HubResult<()>;
}

pub struct Chat;

impl ChatHub for Chat {
    async fn first(&self, _cx: &Cx) -> HubResult<()> {
        Ok(())
    }
    async fn either(&self, _cx: &Cx) -> HubResult<()> {
        Ok(())
    }
    async fn last(&self, _cx: &Cx) -> HubResult<()> {
        Ok(())
    }
}

fn main() {
    let names: Vec<_> = ChatHubContract::DESCRIPTOR.methods.iter().map(|method| method.name).collect();
    assert_eq!(names, ["First", "Either", "Last"]);
    assert_eq!(<ChatHubContract as Dispatch<Chat>>::CALLS.len(), 3);
}
