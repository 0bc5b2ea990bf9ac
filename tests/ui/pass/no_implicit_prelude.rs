//! The expansion of an interface names everything by its whole path. (`#[hub_type]` cannot: the derive of ts-rs needs
//! the prelude.)

#![no_implicit_prelude]
#![deny(warnings)]

#[::hubs::client_interface]
pub trait ChatClient {
    /// Receives.
    async fn receive(&self, text: ::std::string::String, times: u8) -> ::hubs::HubResult<()>;
    #[deprecated]
    async fn confirm(&self) -> ::hubs::HubResult<bool>;
}

#[::hubs::hub(client = ChatClient)]
pub trait ChatHub {
    async fn send(
        &self,
        cx: &::hubs::HubCallerContext<ChatClientContract>,
        text: ::std::string::String,
        times: u8,
    ) -> ::hubs::HubResult<()>;
    async fn quiet(&self, _cx: &::hubs::HubCallerContext<ChatClientContract>) -> ::hubs::HubResult<()> {
        ::std::result::Result::Ok(())
    }
}

#[::hubs::hub]
pub trait Lonely {}

fn main() {}
