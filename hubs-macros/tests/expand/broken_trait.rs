#[hub(client = ChatClient)]
pub unsafe trait ChatHub<T>: Clone
where
    T: Send,
{
    type Item;
    async fn fine(&self, cx: &Cx) -> HubResult<()>;
}
