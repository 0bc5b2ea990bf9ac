//! Errors that a method names: the caller gets them as data, and any other error as a general sentence.

use hubs::{
    CallError, HubCallerContext, HubError, HubResult, Hubs, NoClient, hub, hub_type,
    testing::{TestClient, TestServer, with_default_timeout},
};

#[hub_type]
#[derive(Debug, PartialEq, thiserror::Error)]
enum JoinError {
    #[error("the room is full: {limit} people are in it")]
    Full { limit: u32 },
    #[error("you are banned \u{1f600}")]
    Banned,
}

#[hub_type]
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("too late by {seconds} s")]
struct TooLate {
    seconds: f64,
}

type Cx = HubCallerContext<NoClient>;

#[hub]
trait RoomHub {
    async fn join(&self, cx: &Cx, room: String) -> HubResult<u32, CallError<JoinError>>;
    async fn vote(&self, cx: &Cx) -> HubResult<(), TooLate>;
}

struct Rooms;

impl RoomHub for Rooms {
    async fn join(&self, _cx: &Cx, room: String) -> HubResult<u32, CallError<JoinError>> {
        match room.as_str() {
            "full" => Err(JoinError::Full { limit: 100 })?,
            "banned" => return Err(CallError::Typed(JoinError::Banned)),
            "text" => return Err(HubError::client("say a number").into()),
            _ => {}
        }
        Ok(room.parse::<u32>()?)
    }

    async fn vote(&self, _cx: &Cx) -> HubResult<(), TooLate> {
        Err(TooLate { seconds: 2.0 })
    }
}

async fn connected() -> TestClient<RoomHubContract> {
    let server = TestServer::new(Hubs::new().map("/rooms", RoomHubContract, Rooms));
    with_default_timeout(server.connect(RoomHubContract, ())).await.expect("connects")
}

#[tokio::test(start_paused = true)]
async fn an_error_that_the_method_names_arrives_as_data_and_as_text() {
    let client = connected().await;
    let full = client.hub().join("full".to_owned()).await.unwrap_err();
    assert_eq!(full.decode::<JoinError>(), Some(JoinError::Full { limit: 100 }));
    let text = "An unexpected error occurred invoking 'Join' on the server. \
                HubException: the room is full: 100 people are in it";
    assert_eq!(full.to_string(), text);
    let banned = client.hub().join("banned".to_owned()).await.unwrap_err();
    assert_eq!(banned.decode::<JoinError>(), Some(JoinError::Banned));
    assert_eq!(banned.decode::<TooLate>(), None);
    assert_eq!(client.hub().join("7".to_owned()).await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn any_other_error_is_masked_and_has_no_data() {
    let client = connected().await;
    let masked = client.hub().join("x".to_owned()).await.unwrap_err();
    assert_eq!(masked.decode::<JoinError>(), None);
    assert_eq!(masked.to_string(), "An unexpected error occurred invoking 'Join' on the server.");
    let text = client.hub().join("text".to_owned()).await.unwrap_err();
    assert_eq!(text.decode::<JoinError>(), None);
    assert!(text.to_string().ends_with("HubException: say a number"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_method_may_fail_with_its_own_type_alone() {
    let client = connected().await;
    let late = client.hub().vote().await.unwrap_err();
    assert_eq!(late.decode::<TooLate>(), Some(TooLate { seconds: 2.0 }));
}
