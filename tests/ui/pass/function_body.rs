//! The macros work inside of function bodies, where nothing has a path.

#![deny(warnings)]

fn main() {
    use hubs::{HubCallerContext, HubResult, Interface, client_interface, hub, hub_type};

    #[hub_type]
    struct Line {
        text: String,
    }

    #[client_interface]
    trait ChatClient {
        async fn receive(&self, line: Line) -> HubResult<()>;
    }

    type Cx = HubCallerContext<ChatClientContract>;

    #[hub(client = ChatClient)]
    trait ChatHub {
        async fn send(&self, cx: &Cx, line: Line) -> HubResult<()>;
    }

    struct Chat;

    impl ChatHub for Chat {
        async fn send(&self, cx: &Cx, line: Line) -> HubResult<()> {
            let shouted = Line { text: line.text.to_uppercase() };
            Ok(cx.clients().caller().receive(shouted).await?)
        }
    }

    let _ = hubs::Hubs::new().map("/chat", ChatHubContract, Chat);
    assert_eq!(ChatHubContract::DESCRIPTOR.name, "ChatHub");
}
