//! What is on the channels of nodes and comes from no node of theirs: bytes that nothing can read, and another
//! application on the same Redis.

use std::time::Duration;

use hubs::{InvokeError, testing::with_default_timeout};
use hubs_tests::RedisServer;

use crate::{
    Guest, Node, pair,
    redis::{channels, publish},
    told,
};

/// A call of `hear` with the text `hi`, as any node sends it: JSON alone.
fn call() -> Vec<u8> {
    let json = "{\"type\":1,\"target\":\"hear\",\"arguments\":[\"hi\"]}\u{1e}";
    let length = u8::try_from(json.len()).expect("short");
    [b"\x92\x90\x81\xa4json\xc4", &[length][..], json.as_bytes()].concat()
}

/// What no node can read, on any channel.
fn garbage() -> Vec<Vec<u8>> {
    let call = call();
    let mut garbage: Vec<Vec<u8>> = (0..call.len()).map(|length| call[..length].to_vec()).collect();
    // Lengths that are a lie, and shapes of another version.
    let lies: [&[u8]; 9] = [
        b"\xc0",
        b"hello",
        b"\x93\xc0\xc0\xc0",
        b"\x91\x90",
        b"\xdd\xff\xff\xff\xff",
        b"\x92\xdd\xff\xff\xff\xff",
        b"\x92\x90\xdf\xff\xff\xff\xff",
        b"\x92\x90\x81\xa4json\xc6\xff\xff\xff\xff",
        b"\x82\xa7version\x02\xa4kind\xa4call",
    ];
    garbage.extend(lies.map(<[u8]>::to_vec));
    // Huge: nested arrays, one text, and zeros.
    garbage.extend([
        vec![0x91; 1 << 20],
        [&b"\xdb\x00\x20\x00\x00"[..], &vec![b'x'; 2 << 20]].concat(),
        vec![0; 1 << 20],
    ]);
    garbage
}

/// Everything works from one node for a guest of the other.
async fn works(node: &Node, guest: &Guest) {
    let (context, id) = (node.context(), guest.connection_id().clone());
    with_default_timeout(context.groups().add(id.clone(), "red")).await.expect("joined");
    context.clients().group("red").hear("group".into()).await.expect("sent");
    context.clients().user("ann").hear("user".into()).await.expect("sent");
    context.clients().all().hear("all".into()).await.expect("sent");
    assert_eq!(told(node, guest).await, ["group", "user", "all"]);
    assert_eq!(with_default_timeout(context.clients().client(id).guess(1)).await.expect("an answer"), 7);
    assert_eq!(with_default_timeout(context.disconnect_user("bob")).await.expect("all nodes answer"), 0);
}

/// Whether nodes send envelopes there.
fn has_envelopes(channel: &str) -> bool {
    let rest = channel.strip_prefix("RoomHub:").unwrap_or_default();
    let of_clients = ["all", "connection:", "group:", "user:"].iter().any(|start| rest.starts_with(start));
    of_clients || ["internal:groups", "internal:ack:", "internal:return:"].iter().any(|start| rest.starts_with(start))
}

/// Case 68, on every channel that the nodes have: each is counted and skipped, and the next message is taken.
#[tokio::test(flavor = "multi_thread")]
async fn case_68_what_no_node_can_read_is_counted_and_skipped() {
    let redis = RedisServer::start();
    let [north, south] = pair(&redis);
    let (guest, _other) = (south.guest("ann").await, north.guest("cem").await);
    guest.answer_guess(|_| Ok(7));
    works(&north, &guest).await;
    let channels = channels(&redis);
    for kind in ["all", "connection:", "group:", "user:", "internal:groups", "internal:ack:", "internal:return:"] {
        assert!(channels.iter().any(|channel| channel.starts_with(&format!("RoomHub:{kind}"))), "{kind}: {channels:?}");
    }
    let mut dropped = 0;
    for channel in &channels {
        for payload in garbage() {
            let nodes = publish(&redis, channel, &payload);
            dropped += if has_envelopes(channel) { nodes as u64 } else { 0 };
        }
        // Redis closes connections that have too much to read.
        let counted = async {
            while north.dropped() + south.dropped() < dropped {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        with_default_timeout(counted).await;
    }
    println!("{dropped} payloads on {} channels", channels.len());
    works(&north, &guest).await;
    assert_eq!(north.dropped() + south.dropped(), dropped, "nothing else was dropped");
}

/// Case 68: a later version may say more than this one reads.
#[tokio::test]
async fn case_68_a_call_of_a_later_version_is_taken() {
    let redis = RedisServer::start();
    let [north, south] = pair(&redis);
    let guest = south.guest("ann").await;
    let [_, _, _, known @ ..] = &call()[..] else { panic!("a call") };
    let later = [b"\x93\x90\x82\xa4cbor\xc4\x01\x00", known, b"\x81\xa5trace\x01"].concat();
    publish(&redis, "RoomHub:all", &later);
    publish(&redis, "RoomHub:all", &call());
    assert_eq!(told(&north, &guest).await, ["hi", "hi"]);
    assert_eq!(south.dropped(), 0);
}

/// Case 68: the same program runs twice on one Redis, for two purposes.
#[tokio::test]
async fn case_68_applications_with_different_prefixes_do_not_hear_each_other() {
    let redis = RedisServer::start();
    let mut apps = Vec::new();
    for prefix in ["", "shop:", "shop:2:"] {
        let node = |name| Node::with(&redis, name, |redis| redis.channel_prefix(prefix), |options| options);
        let [north, south] = ["north", "south"].map(node);
        let guest = south.guest("ann").await;
        guest.answer_guess(|_| Ok(7));
        apps.push((north, south, guest));
    }
    // Each hears what is sent in its own application, and nothing else.
    for (north, _, guest) in &apps {
        works(north, guest).await;
    }
    for (north, _, guest) in &apps {
        assert_eq!(told(north, guest).await, [""; 0], "another application's message");
    }
    let (_, _, other) = &apps[1];
    let asked = apps[0].0.context().clients().client(other.connection_id().clone()).guess(1);
    let asked = with_default_timeout(asked).await;
    assert!(matches!(asked, Err(InvokeError::NoSuchConnection(_))), "{asked:?}");
    assert_eq!(with_default_timeout(apps[0].0.context().disconnect_user("ann")).await.expect("all nodes answer"), 1);
    with_default_timeout(apps[0].2.connection().closed()).await;
    for (north, _, guest) in &apps[1..] {
        works(north, guest).await;
    }
}
