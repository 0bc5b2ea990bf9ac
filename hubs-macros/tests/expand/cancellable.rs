#[hub]
pub trait SearchHub {
    #[method(cancellable)]
    async fn search(&self, cx: &Cx, text: String) -> HubResult<Vec<String>>;
    #[method(name = "Find", cancellable)]
    async fn find_one(&self, cx: &Cx) -> HubResult<String>;
}
