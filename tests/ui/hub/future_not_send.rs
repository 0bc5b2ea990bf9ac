//! A method that holds something over an await that must stay on one thread.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
}

pub struct Chat;

impl ChatHub for Chat {
    async fn send(&self, _cx: &Cx, text: String) -> HubResult<()> {
        let text = std::rc::Rc::new(text);
        std::future::ready(()).await;
        drop(text);
        Ok(())
    }
}

fn main() {}
