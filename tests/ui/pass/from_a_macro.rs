//! An interface may come out of a declarative macro, its context as one type.

#![deny(warnings)]

macro_rules! interface {
    ($name:ident, $method:ident, $param:ident: $ty:ty, $output:ty) => {
        #[hubs::hub]
        pub trait $name {
            async fn $method(
                &self,
                cx: &hubs::HubCallerContext<hubs::NoClient>,
                $param: $ty,
                times: u8,
            ) -> hubs::HubResult<$output>;
        }
    };
}

interface!(ChatHub, send, text: Option<String>, Vec<String>);

pub struct Chat;

impl ChatHub for Chat {
    async fn send(
        &self,
        _cx: &hubs::HubCallerContext<hubs::NoClient>,
        text: Option<String>,
        times: u8,
    ) -> hubs::HubResult<Vec<String>> {
        Ok(text.into_iter().cycle().take(times.into()).collect())
    }
}

macro_rules! notify {
    ($hub:ident, $client:ident, $cx:ty, $item:ty) => {
        #[hubs::client_interface]
        pub trait $client {
            async fn changed(&self, item: $item) -> hubs::HubResult<()>;
        }

        #[hubs::hub(client = $client)]
        pub trait $hub {
            async fn put(&self, cx: $cx, item: $item) -> hubs::HubResult<()>;
        }
    };
}

notify!(RoomHub, RoomClient, &hubs::HubCallerContext<RoomClientContract>, String);

fn main() {}
