//! A connection whose token is renewed before it ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use hubs::{
    HubOptions, Hubs, JwtBearer, TransportKind,
    client::{HubConnection, RetryPolicy},
};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use tokio::{net::TcpListener, sync::watch};

use crate::hub::{Lab, LabHubContract, Screen, within};

const SECRET: &[u8] = &[7; 32];

fn token(user: &str, seconds: u64) -> String {
    let until = (SystemTime::now() + Duration::from_secs(seconds)).duration_since(SystemTime::UNIX_EPOCH);
    let claims = json!({"sub": user, "exp": until.expect("after 1970").as_secs()});
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).expect("it is signed")
}

/// The address of a hub that renews tokens.
async fn serve() -> String {
    let jwt = JwtBearer::secret(SECRET).expect("a long secret").leeway(Duration::ZERO);
    let options = HubOptions::default().authentication_refresh(true);
    let hubs = Hubs::new().options(options).jwt(jwt).map("/lab", LabHubContract, Lab::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("http://{}/lab", listener.local_addr().expect("an address"));
    tokio::spawn(axum::serve(listener, hubs.router::<()>()).into_future());
    url
}

/// Each token is good for four seconds. By the time that a third is asked for, the first has ended.
#[tokio::test]
async fn a_connection_goes_on_with_new_tokens() {
    let kinds = [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling];
    let renewed = async |kind| {
        let (asked, mut seen) = watch::channel(0);
        let builder = HubConnection::builder(&serve().await).transports([kind]).access_token_provider(move || {
            asked.send_modify(|asked| *asked += 1);
            async { std::io::Result::Ok(token("ann", 4)) }
        });
        let screen = Screen(tokio::sync::mpsc::unbounded_channel().0);
        let lab = within(builder.connect(LabHubContract, screen)).await.expect("it connects");
        let id = lab.id().await.expect("it answers");
        within(seen.wait_for(|asked| *asked >= 3)).await.expect("it is renewed");
        assert_eq!(lab.id().await.expect("it is still there"), id, "{kind}");
        assert_eq!(lab.user().await.expect("it answers").as_deref(), Some("ann"));
        within(lab.connection().stop()).await;
    };
    futures_util::future::join_all(kinds.map(renewed)).await;
}

/// The token of another user is refused, so the connection ends with its own and the next one is the other user's.
#[tokio::test]
async fn another_user_gets_another_connection() {
    let asked = AtomicUsize::new(0);
    let (connected, mut again) = watch::channel(0);
    let builder = HubConnection::builder(&serve().await)
        .access_token_provider(move || {
            let user = if asked.fetch_add(1, Ordering::SeqCst) == 0 { "ann" } else { "bob" };
            async move { std::io::Result::Ok(token(user, 3)) }
        })
        .reconnect(RetryPolicy::exponential(Duration::from_millis(10), Duration::from_secs(1)))
        .on_reconnected(move |_| {
            connected.send_modify(|times| *times += 1);
            async {}
        });
    let screen = Screen(tokio::sync::mpsc::unbounded_channel().0);
    let lab = Arc::new(within(builder.connect(LabHubContract, screen)).await.expect("it connects"));
    assert_eq!(lab.user().await.expect("it answers").as_deref(), Some("ann"));
    within(again.wait_for(|times| *times > 0)).await.expect("it connects again");
    assert_eq!(lab.user().await.expect("it answers").as_deref(), Some("bob"));
    within(lab.connection().stop()).await;
}
