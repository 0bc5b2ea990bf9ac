#[hub(client = ChatClient)]
pub trait ChatHub {
    fn not_async(&self, cx: &Cx) -> HubResult<()>;
    #[method(name = "Generic")]
    async fn generic<T>(&self, value: &T);
    async fn fine(&self, cx: &Cx) -> HubResult<()>;
}
