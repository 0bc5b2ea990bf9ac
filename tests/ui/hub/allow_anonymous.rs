use hubs::{HubCallerContext, HubResult, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
trait OpenHub {
    #[allow_anonymous]
    async fn open(&self, cx: &Cx) -> HubResult<()>;
}

#[hub]
#[authorize]
trait ClosedHub {
    #[allow_anonymous]
    #[authorize(role = "admin")]
    async fn both(&self, cx: &Cx) -> HubResult<()>;
}

#[hub]
#[allow_anonymous]
trait AnyHub {
    async fn any(&self, cx: &Cx) -> HubResult<()>;
}

fn main() {}
