//! What is deprecated warns at its uses alone; the contract carries the note.

#![deny(warnings)]

use hubs::{HubCallerContext, HubResult, Interface, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait ChatHub {
    #[deprecated(note = "use `post`")]
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
    async fn post(&self, cx: &Cx, text: String) -> HubResult<()>;
}

/// Superseded.
#[hub]
#[deprecated]
pub trait OldHub {
    async fn send(&self, cx: &Cx, text: String) -> HubResult<()>;
}

pub struct Chat;

impl ChatHub for Chat {
    async fn send(&self, _cx: &Cx, _text: String) -> HubResult<()> {
        Ok(())
    }
    async fn post(&self, _cx: &Cx, _text: String) -> HubResult<()> {
        Ok(())
    }
}

#[expect(deprecated)]
pub fn warned(hub: &ChatHubProxy) -> impl Future + use<> {
    hub.send(String::new())
}

#[expect(deprecated)]
type Warned = OldHubContract;

#[expect(deprecated)]
type WarnedToo = OldHubProxy;

fn main() {
    let notes: Vec<_> = ChatHubContract::DESCRIPTOR.methods.iter().map(|method| method.deprecated).collect();
    assert_eq!(notes, [Some("use `post`"), None]);
    assert_eq!(Warned::DESCRIPTOR.deprecated, Some(""));
    assert_eq!(Warned::DESCRIPTOR.docs, "Superseded.");
    let _ = std::mem::size_of::<WarnedToo>();
}
