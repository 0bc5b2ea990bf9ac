//! Policies for slow readers, of an interface and of its methods.

use hubs::{HubResult, client_interface, hub_type};

#[hub_type]
pub struct Price {
    pub symbol: String,
    pub value: u32,
}

#[client_interface(drop_oldest)]
pub trait Ticker {
    #[method(coalesce = "price.symbol")]
    async fn price(&self, price: Price) -> HubResult<()>;
    #[method(coalesce = "r#type")]
    async fn count(&self, r#type: u64, value: u32) -> HubResult<()>;
    #[method(name = "Moved", every = "2s")]
    async fn cursor(&self, x: i32) -> hubs::HubResult<()>;
    #[method(must)]
    async fn closed(&self) -> HubResult<()>;
    async fn log(&self, line: String) -> HubResult<()>;
    async fn ask(&self) -> HubResult<bool>;
}

async fn all(one: TickerProxy, many: TickerProxy<hubs::Many>) -> HubResult<()> {
    let price = || Price { symbol: "A".to_owned(), value: 1 };
    many.price(price()).await?;
    one.price(price()).await?;
    many.count(1, 2).await?;
    one.cursor(1).await?;
    many.closed().await?;
    many.log("x".to_owned()).await?;
    one.ask().await.map(drop)?;
    Ok(())
}

fn main() {
    let _ = all;
}
