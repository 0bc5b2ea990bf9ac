#[client_interface]
pub trait r#Final {
    async fn r#match(&self, r#type: String, h: String, args: u8) -> HubResult<()>;
}
