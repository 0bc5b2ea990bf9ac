//! A method that its caller may cancel says it in the descriptor; a method beside it does not.

use hubs::{__private::Interface, HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait SearchHub {
    #[method(name = "Find", cancellable)]
    async fn search(&self, cx: &Cx, text: String) -> HubResult<Vec<String>>;
    async fn save(&self, cx: &Cx, text: String) -> HubResult<()>;
}

fn main() {
    let methods = SearchHubContract::DESCRIPTOR.methods;
    let cancellable: Vec<_> = methods.iter().map(|method| (method.name, method.cancellable)).collect();
    assert_eq!(cancellable, [("Find", true), ("Save", false)]);
}
