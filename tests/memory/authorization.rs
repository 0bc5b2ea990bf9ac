//! Who may connect and what they may call, as any user that a test likes to be.

use futures_util::StreamExt;
use hubs::{
    CallError, CloseReason, HubCallerContext, HubResult, HubStream, Hubs, InvokeError, NoClient, Principal, Require,
    client::ConnectError,
    hub, hub_type,
    testing::{TestClient, TestServer, with_default_timeout},
};

type Cx = HubCallerContext<NoClient>;

#[hub_type]
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the board is closed")]
struct Closed {}

#[hub]
trait BoardHub {
    async fn read(&self, cx: &Cx) -> HubResult<u32>;
    #[authorize]
    async fn write(&self, cx: &Cx, text: String) -> HubResult<u32>;
    #[authorize(role = "admin")]
    async fn admin_only(&self, cx: &Cx) -> HubResult<()>;
    #[authorize(roles = ["admin", "moderator"])]
    async fn watch(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    #[authorize(policy = "owner")]
    async fn wipe(&self, cx: &Cx, board: String, owner: Option<String>) -> HubResult<(), CallError<Closed>>;
    #[authorize(policy = "panics")]
    async fn panics(&self, cx: &Cx) -> HubResult<()>;
    #[authorize(policy = "unknown")]
    async fn unknown(&self, cx: &Cx) -> HubResult<()>;
    async fn close(&self, cx: &Cx, board: String) -> HubResult<(), CallError<Closed>>;
}

struct Boards;

impl BoardHub for Boards {
    async fn read(&self, _: &Cx) -> HubResult<u32> {
        Ok(1)
    }

    async fn write(&self, _: &Cx, _: String) -> HubResult<u32> {
        Ok(2)
    }

    async fn admin_only(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }

    async fn watch(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        Ok(HubStream::new(futures_util::stream::iter([7])))
    }

    async fn wipe(&self, _: &Cx, board: String, _: Option<String>) -> HubResult<(), CallError<Closed>> {
        if board == "closed" { Err(Closed {}.into()) } else { Ok(()) }
    }

    async fn panics(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }

    async fn unknown(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }

    async fn close(&self, cx: &Cx, board: String) -> HubResult<(), CallError<Closed>> {
        if board != "public" {
            cx.authorize(Require::User)?;
            cx.authorize(Require::AnyRole(&["admin", "moderator"]))?;
            cx.authorize(Require::Policy("named"))?;
        }
        Ok(())
    }
}

/// Everyone may ask, staff may answer.
#[hub]
#[authorize(role = "staff")]
trait DeskHub {
    #[allow_anonymous]
    async fn ask(&self, cx: &Cx) -> HubResult<u32>;
    async fn answer(&self, cx: &Cx) -> HubResult<u32>;
    #[authorize(role = "admin")]
    async fn delete(&self, cx: &Cx) -> HubResult<u32>;
}

/// Only staff may connect.
#[hub]
#[authorize(role = "staff", policy = "named")]
trait VaultHub {
    async fn open(&self, cx: &Cx) -> HubResult<u32>;
}

struct Desk;

impl DeskHub for Desk {
    async fn ask(&self, _: &Cx) -> HubResult<u32> {
        Ok(1)
    }

    async fn answer(&self, _: &Cx) -> HubResult<u32> {
        Ok(2)
    }

    async fn delete(&self, _: &Cx) -> HubResult<u32> {
        Ok(3)
    }
}

impl VaultHub for Desk {
    async fn open(&self, _: &Cx) -> HubResult<u32> {
        Ok(1)
    }
}

fn server() -> TestServer {
    let hubs = Hubs::new()
        .policy("owner", |access| {
            assert_eq!((access.method(), access.group()), (Some("Wipe"), None));
            let (board, owner) =
                (access.argument::<String>("board"), access.argument::<Option<String>>("owner").flatten());
            assert!(access.argument::<u32>("board").is_none() && access.argument::<String>("nothing").is_none());
            access.connection_id().is_some()
                && access.user().id().is_some_and(|user| owner.as_deref() == Some(user.as_str()))
                || board.as_deref() == Some("scratch")
        })
        .policy("panics", |_| panic!("as asked"))
        .policy("named", |access| access.user().id().is_some())
        .map("/boards", BoardHubContract, Boards)
        .map("/desk", DeskHubContract, Desk)
        .map("/vault", VaultHubContract, Desk);
    TestServer::new(hubs)
}

async fn board_as(server: &TestServer, user: Option<Principal>) -> TestClient<BoardHubContract> {
    let client = server.client();
    let client = user.map_or(server.client(), |user| client.user(user));
    with_default_timeout(client.connect(BoardHubContract, ())).await.expect("connects")
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, InvokeError>, method: &str) {
    let error = result.expect_err("it is refused");
    assert_eq!(error.to_string(), format!("Failed to invoke '{method}' because user is unauthorized"));
    assert!(matches!(error, InvokeError::Unauthorized(_)), "{error:?}");
    assert_eq!(error.client_text(), None);
}

#[tokio::test(start_paused = true)]
async fn methods_ask_for_users_and_roles() {
    let server = server();
    let stranger = board_as(&server, None).await;
    assert_eq!(stranger.hub().read().await.expect("open to everyone"), 1);
    refused(stranger.hub().write("a".to_owned()).await, "Write");
    refused(stranger.hub().admin_only().await, "AdminOnly");
    let ann = board_as(&server, Some(Principal::new("ann"))).await;
    assert_eq!(ann.hub().write("a".to_owned()).await.expect("a user"), 2);
    refused(ann.hub().admin_only().await, "AdminOnly");
    let guest = board_as(&server, Some(Principal::anonymous().with_role("admin"))).await;
    guest.hub().admin_only().await.expect("a role is enough");
    let metrics = server.hubs().metrics::<BoardHubContract>();
    assert_eq!(metrics.refused_calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_refused_as_a_call_is() {
    let server = server();
    let ann = board_as(&server, Some(Principal::new("ann").with_role("Moderator"))).await;
    let first = ann.hub().watch().await.expect("a stream begins before it is answered").next().await;
    let error = first.expect("an end").expect_err("it is refused").to_string();
    assert!(error.contains("Failed to invoke 'Watch' because user is unauthorized"), "{error}");
    let bob = board_as(&server, Some(Principal::new("bob").with_role("moderator"))).await;
    assert_eq!(bob.hub().watch().await.expect("it begins").next().await.expect("an item").expect("a number"), 7);
}

#[tokio::test(start_paused = true)]
async fn a_policy_sees_the_user_and_the_arguments() {
    let server = server();
    let ann = board_as(&server, Some(Principal::new("ann"))).await;
    let wipe =
        async |board: &str, owner: Option<&str>| ann.hub().wipe(board.to_owned(), owner.map(str::to_owned)).await;
    wipe("mine", Some("ann")).await.expect("the owner");
    refused(wipe("mine", Some("bob")).await, "Wipe");
    refused(wipe("mine", None).await, "Wipe");
    wipe("scratch", None).await.expect("open");
    let closed = wipe("closed", Some("ann")).await.expect_err("the method runs");
    assert_eq!(closed.decode::<Closed>(), Some(Closed {}));
    let stranger = board_as(&server, None).await;
    refused(stranger.hub().wipe("scratch".to_owned(), None).await, "Wipe");
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_panics_or_is_not_there_refuses() {
    let server = server();
    let ann = board_as(&server, Some(Principal::new("ann").with_role("admin"))).await;
    refused(ann.hub().panics().await, "Panics");
    refused(ann.hub().unknown().await, "Unknown");
    assert_eq!(ann.hub().read().await.expect("the connection goes on"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_method_can_check_by_itself() {
    let server = server();
    let close =
        async |user: Option<Principal>, board: &str| board_as(&server, user).await.hub().close(board.to_owned()).await;
    close(None, "public").await.expect("no check");
    refused(close(None, "private").await, "Close");
    refused(close(Some(Principal::new("ann")), "private").await, "Close");
    refused(close(Some(Principal::anonymous().with_role("admin")), "private").await, "Close");
    close(Some(Principal::new("ann").with_role("moderator")), "private").await.expect("all holds");
}

#[tokio::test(start_paused = true)]
async fn a_hub_with_open_methods_lets_everyone_connect() {
    let server = server();
    let desk =
        async |user: Principal| with_default_timeout(server.client().user(user).connect(DeskHubContract, ())).await;
    let stranger = with_default_timeout(server.connect(DeskHubContract, ())).await.expect("connects");
    assert_eq!(stranger.hub().ask().await.expect("exempt"), 1);
    refused(stranger.hub().answer().await, "Answer");
    let staff = desk(Principal::new("ann").with_role("staff")).await.expect("connects");
    assert_eq!(staff.hub().answer().await.expect("staff"), 2);
    refused(staff.hub().delete().await, "Delete");
    let admin = desk(Principal::new("bob").with_role("admin")).await.expect("connects");
    refused(admin.hub().delete().await, "Delete");
    let both = desk(Principal::new("cem").with_role("admin").with_role("staff")).await.expect("connects");
    assert_eq!(both.hub().delete().await.expect("both"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_hub_lets_in_whom_it_asks_for() {
    let server = server();
    let connect = async |user: Option<Principal>| {
        let client = user.map_or(server.client(), |user| server.client().user(user));
        with_default_timeout(client.connect(VaultHubContract, ())).await
    };
    for (user, status) in [(None, "401"), (Some(Principal::new("ann")), "403")] {
        let Err(ConnectError::Refused(text)) = connect(user).await else { panic!("it is refused") };
        assert!(text.starts_with(status), "{text}");
    }
    assert!(connect(Some(Principal::anonymous().with_role("staff"))).await.is_err(), "the policy refuses");
    let ann = connect(Some(Principal::new("ann").with_role("staff"))).await.expect("connects");
    assert_eq!(ann.hub().open().await.expect("it is open"), 1);
    assert_eq!(server.hubs().metrics::<VaultHubContract>().closes(CloseReason::ClosedByClient), 0);
}
