#[hub]
#[authorize]
pub trait BoardHub {
    async fn read(&self, cx: &Cx) -> HubResult<()>;
    #[authorize(role = "admin")]
    async fn wipe(&self, cx: &Cx) -> HubResult<()>;
    /// Closes a board.
    #[authorize(roles = ["admin", "moderator"], policy = "owner")]
    #[method(name = "Shut")]
    async fn close(&self, cx: &Cx, board: String) -> HubResult<()>;
}

#[hub]
#[authorize(role = "staff")]
pub trait DeskHub {
    #[allow_anonymous]
    async fn ask(&self, cx: &Cx) -> HubResult<()>;
    async fn answer(&self, cx: &Cx) -> HubResult<()>;
    #[authorize(role = "admin")]
    #[authorize(policy = "on_duty")]
    async fn delete(&self, cx: &Cx) -> HubResult<()>;
}
