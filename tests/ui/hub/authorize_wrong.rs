use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
trait ChatHub {
    #[authorize(role = admin)]
    async fn a(&self, cx: &Cx) -> HubResult<()>;
    #[authorize(roles = "admin")]
    async fn b(&self, cx: &Cx) -> HubResult<()>;
    #[authorize(role = " ")]
    async fn c(&self, cx: &Cx) -> HubResult<()>;
    #[authorize(rolle = "admin")]
    async fn d(&self, cx: &Cx) -> HubResult<()>;
    #[authorize()]
    async fn e(&self, cx: &Cx) -> HubResult<()>;
    #[authorize = "admin"]
    async fn f(&self, cx: &Cx) -> HubResult<()>;
}

fn main() {}
