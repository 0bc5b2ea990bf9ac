//! The macros do not interpret types: aliases and renamed imports mean what they mean to the compiler.

#![deny(warnings)]

use hubs::{HubCallerContext as Caller, HubResult as Outcome, client_interface as client, hub as server, hub_type as wire};

#[wire]
pub struct Line {
    pub text: Text,
}

pub type Text = String;
pub type Lines = Vec<Line>;
pub type Nothing = Outcome<()>;
pub type Cx = Caller<ChatClientContract>;
pub type CxRef<'a> = &'a Cx;

#[client]
pub trait ChatClient {
    async fn receive(&self, lines: Lines) -> Nothing;
}

#[server(client = self::ChatClient)]
pub trait ChatHub {
    async fn send(&self, caller: &Cx, text: Text) -> Outcome<Lines>;
    async fn written_out(&self, _: &hubs::HubCallerContext<ChatClientContract>) -> Result<(), hubs::HubError>;
}

pub struct Chat;

impl ChatHub for Chat {
    async fn send(&self, cx: CxRef<'_>, text: Text) -> Outcome<Lines> {
        cx.clients().all().receive(vec![Line { text: text.clone() }]).await?;
        Ok(vec![Line { text }])
    }
    async fn written_out(&self, _cx: &Cx) -> Nothing {
        Ok(())
    }
}

fn main() {
    let _ = hubs::Hubs::new().map("/chat", ChatHubContract, Chat);
}
