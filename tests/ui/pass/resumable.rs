//! A method whose stream can be resumed says it in the descriptor; a method beside it does not.

use hubs::{__private::Interface, HubCallerContext, HubResult, HubStream, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait AnswerHub {
    #[method(resumable)]
    async fn answer(&self, cx: &Cx, question: String) -> HubResult<HubStream<String>>;
    async fn count(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>>;
}

fn main() {
    let methods = AnswerHubContract::DESCRIPTOR.methods;
    let resumable: Vec<_> = methods.iter().map(|method| (method.name, method.resumable)).collect();
    assert_eq!(resumable, [("Answer", true), ("Count", false)]);
}
