#[hub]
trait Clock {
    async fn now(&self, cx: &Cx) -> HubResult<String>;
}
