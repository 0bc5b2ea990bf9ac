#[client_interface(latest)]
pub(crate) trait Ticker {
    #[method(coalesce = "price.symbol")]
    async fn price(&self, price: Price) -> HubResult<()>;
    #[method(name = "Log", drop_oldest)]
    async fn log(&self, line: String) -> HubResult<()>;
    #[method(every = "100ms")]
    async fn cursor(&self, x: i32, y: i32) -> HubResult<()>;
    #[method(must)]
    async fn closed(&self) -> HubResult<()>;
    async fn status(&self, text: String) -> HubResult<()>;
    async fn ask(&self) -> HubResult<bool>;
}
