//! Tokens by themselves, with paused time.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::time::advance;

use super::*;
use crate::{lifetime::ConnectionCounts, server::SigningKeys};

const TIMEOUT: Duration = Duration::from_secs(15);

fn keys(byte: u8) -> SigningKeys {
    SigningKeys::new([byte; 32])
}

fn signed_with(keys: &SigningKeys, options: &HubOptions) -> Tokens {
    Tokens::new(options, Signer::new(keys, "Chat", "/chat"))
}

fn tokens(options: &HubOptions) -> Tokens {
    signed_with(&keys(1), options)
}

fn issued(tokens: &Tokens, user: Option<&str>) -> (ConnectionId, String) {
    let Identity { id, token } = tokens.issue(1, false, user.map(UserId::from).as_ref()).expect("random bytes");
    (id, token.as_str().to_owned())
}

fn attach(tokens: &Tokens, token: &str) -> Result<Attachment, Unfound> {
    let found = tokens.find(token, None)?;
    let open = |_| (Line::WebSocket(None), ());
    tokens.attach(token, &found.claims, None, counted(), open).map(|(attachment, ())| attachment)
}

/// Whether a token was signed here.
fn known(signer: &Signer, token: &str) -> bool {
    Token::decode(token).is_some_and(|token| signer.read(&token).is_some())
}

fn counted() -> Counted {
    let counts = Arc::new(ConnectionCounts::new(HubOptions::default().connection_limits()));
    counts.count(None, None).expect("there is room")
}

fn post(tokens: &Tokens, token: &str) -> Result<Feed, Unfound> {
    let found = tokens.find(token, None)?;
    tokens.early_feed(&found.claims, None)
}

/// Whether the connection waits for its transport; `None` if it is unknown.
fn waits(tokens: &Tokens, token: &str) -> Option<bool> {
    tokens.find(token, None).ok().map(|found| matches!(found.line, Line::Unused | Line::Posted(_)))
}

#[tokio::test(start_paused = true)]
async fn a_token_opens_one_connection_and_is_known_while_it_lives() {
    let tokens = tokens(&HubOptions::default());
    assert_eq!(waits(&tokens, "a"), None);
    let (id, token) = issued(&tokens, None);
    assert_eq!(waits(&tokens, &token), Some(true));
    let attachment = attach(&tokens, &token).expect("it waits");
    assert_eq!(*attachment.id(), id);
    assert_eq!(waits(&tokens, &token), Some(false));
    assert_eq!(attach(&tokens, &token).unwrap_err(), Unfound::AlreadyAttached);
    advance(TIMEOUT / 2).await;
    let (_, other) = issued(&tokens, None);
    let ended = attach(&tokens, &other).expect("it waits");
    drop(ended);
    assert_eq!(attach(&tokens, &other).unwrap_err(), Unfound::Unknown, "it was used, although it has not expired");
    assert_eq!(tokens.shared.state.lock().used.len(), 1);
    advance(TIMEOUT).await;
    assert_eq!(waits(&tokens, &token), Some(false), "only those that wait expire");
    drop(attachment);
    assert_eq!(waits(&tokens, &token), None);
    let state = tokens.shared.state.lock();
    assert_eq!((state.connections.len(), state.used.len()), (0, 0), "what has expired is not remembered");
}

#[tokio::test(start_paused = true)]
async fn a_negotiation_leaves_nothing() {
    let tokens = tokens(&HubOptions::default().maximum_pending_connections(1_usize));
    let issued: HashSet<String> = (0..2_000).map(|_| issued(&tokens, Some("ann")).1).collect();
    assert_eq!(issued.len(), 2_000, "no token comes twice");
    let state = tokens.shared.state.lock();
    assert_eq!((state.connections.len(), state.early.len(), state.used.len()), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_used_expires() {
    let tokens = tokens(&HubOptions::default());
    let (_, a) = issued(&tokens, None);
    advance(TIMEOUT / 2).await;
    let (_, b) = issued(&tokens, None);
    let early = post(&tokens, &b).expect("there is room");
    advance(TIMEOUT / 2 - Duration::from_millis(1)).await;
    assert_eq!(waits(&tokens, &a), Some(true));
    advance(Duration::from_millis(1)).await;
    assert_eq!(attach(&tokens, &a).unwrap_err(), Unfound::Unknown);
    assert_eq!(waits(&tokens, &b), Some(true));
    advance(TIMEOUT).await;
    assert_eq!(waits(&tokens, &b), None);
    let body = futures_util::stream::empty::<Result<bytes::Bytes, ()>>();
    assert_eq!(early.take_all(body).await, Err(crate::transport::NotTaken::Gone { partly: false }));
    let state = tokens.shared.state.lock();
    assert_eq!((state.connections.len(), state.early.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn only_so_many_send_before_their_transport() {
    let tokens = tokens(&HubOptions::default().maximum_pending_connections(2_usize));
    let [a, b, c, d] = std::array::from_fn(|_| issued(&tokens, None).1);
    assert!(post(&tokens, &a).is_ok() && post(&tokens, &b).is_ok());
    assert!(post(&tokens, &a).is_ok(), "it has its place");
    assert_eq!(post(&tokens, &c).unwrap_err(), Unfound::TooMany);
    let _opened = attach(&tokens, &c).expect("one that has sent nothing takes no place");
    let _attached = attach(&tokens, &a).expect("it waits");
    assert!(post(&tokens, &d).is_ok(), "an attached connection does not wait");
    let [e, f] = std::array::from_fn(|_| issued(&tokens, None).1);
    assert_eq!(post(&tokens, &e).unwrap_err(), Unfound::TooMany);
    tokens.forget(&tokens.find(&d, None).expect("it waits").claims);
    assert!(post(&tokens, &f).is_ok(), "one that is done does not wait");
}

#[tokio::test(start_paused = true)]
async fn a_token_belongs_to_the_user_who_negotiated() {
    let tokens = tokens(&HubOptions::default());
    let [ann, bob] = ["ann", "bob"].map(UserId::from);
    let (_, token) = issued(&tokens, Some("ann"));
    let error = |user: Option<&UserId>| tokens.find(&token, user).err();
    assert_eq!(
        (error(Some(&ann)), error(Some(&bob)), error(None)),
        (None, Some(Unfound::OtherUser), Some(Unfound::OtherUser))
    );
    let (_, token) = issued(&tokens, None);
    let found = tokens.find(&token, Some(&ann)).expect("it belongs to no user yet");
    let line = |_| (Line::WebSocket(None), ());
    let _attachment = tokens.attach(&token, &found.claims, Some(ann.clone()), counted(), line).expect("it waits");
    let error = |user: Option<&UserId>| tokens.find(&token, user).err();
    assert_eq!(
        (error(Some(&ann)), error(Some(&bob)), error(None)),
        (None, Some(Unfound::OtherUser), Some(Unfound::OtherUser))
    );
}

/// Section 2 of the tests for identity: forged tokens. The comparison is `Mac::verify_slice`, which takes the same time
/// whatever differs.
#[tokio::test(start_paused = true)]
async fn b3_02_no_changed_token_is_accepted() {
    let tokens = tokens(&HubOptions::default());
    for user in [None, Some("ann")] {
        let (a, b) = (issued(&tokens, user).1, issued(&tokens, user).1);
        let bytes = URL_SAFE_NO_PAD.decode(&a).expect("base64");
        let known = |token: &str| known(&tokens.shared.signer, token);
        assert!(known(&a) && known(&b));
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!known(&URL_SAFE_NO_PAD.encode(flipped)), "bit {bit}");
        }
        for length in 0..a.len() {
            assert!(!known(&a[..length]), "the first {length} characters");
            assert!(
                !known(&format!("{}{}", &a[..length], &b[length..]))
                    || a[..length] == b[..length]
                    || a[length..] == b[length..]
            );
        }
        for longer in [format!("{a}A"), format!("{a}="), format!("A{a}"), format!("{a}{b}"), format!(" {a}")] {
            assert!(!known(&longer), "{longer}");
        }
    }
    let mut many = HashSet::new();
    for _ in 0..100_000 {
        assert!(many.insert(crate::transport::negotiate::random().expect("random bytes")), "a nonce came twice");
    }
}

/// The same for the token of a connection that later requests name, whose signature is not computed again.
#[tokio::test(start_paused = true)]
async fn no_changed_token_names_an_open_connection() {
    let tokens = tokens(&HubOptions::default());
    for user in [None, Some(UserId::from("ann"))] {
        let (_, token) = issued(&tokens, user.as_ref().map(UserId::as_str));
        let found = tokens.find(&token, user.as_ref()).expect("it waits");
        let open = |feed| (Line::Events(feed), ());
        let attached = tokens.attach(&token, &found.claims, user.clone(), counted(), open).expect("it waits");
        let find = |token: &str| tokens.find(token, user.as_ref()).map(|found| matches!(found.line, Line::Events(_)));
        assert_eq!(find(&token), Ok(true));
        assert_eq!(tokens.find(&token, Some(&"bob".into())).err(), Some(Unfound::OtherUser));
        let bytes = URL_SAFE_NO_PAD.decode(&token).expect("base64");
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(find(&URL_SAFE_NO_PAD.encode(flipped)), Err(Unfound::Unknown), "bit {bit}");
        }
        for other in [&token[1..], &token[..token.len() - 1], &format!("{token}A"), &format!("{token}AAAA")] {
            assert_eq!(find(other), Err(Unfound::Unknown), "{other}");
        }
        drop(attached);
        assert_eq!(find(&token), Err(Unfound::Unknown), "it has ended");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_hubs_and_paths_tell_tokens_apart() {
    let options = HubOptions::default();
    let here = tokens(&options);
    let (_, token) = issued(&here, Some("ann"));
    let read = |keys: SigningKeys, hub: &str, path: &str| known(&Signer::new(&keys, hub, path), &token);
    assert!(read(keys(1), "Chat", "/chat"));
    assert!(!read(keys(2), "Chat", "/chat") && !read(keys(1), "Other", "/chat") && !read(keys(1), "Chat", "/other"));
    assert!(!read(keys(1), "Cha", "t/chat"), "names do not run into each other");
    let rotated = signed_with(&keys(2).or_accept([1; 32]), &options);
    assert!(rotated.find(&token, Some(&"ann".into())).is_ok(), "a key that was in use is accepted");
    assert_eq!(rotated.find(&token, Some(&"bob".into())).err(), Some(Unfound::OtherUser));
    assert_eq!(here.find(&issued(&rotated, None).1, None).err(), Some(Unfound::Unknown), "the current key signs");
}

#[tokio::test(start_paused = true)]
async fn before_version_1_the_id_is_the_token() {
    let tokens = tokens(&HubOptions::default());
    let Identity { id, token } = tokens.issue(0, false, None).expect("random bytes");
    assert_eq!(id.as_str(), token.as_str());
    assert_eq!(*attach(&tokens, token.as_str()).expect("it waits").id(), id);
    let (id, token) = issued(&tokens, None);
    assert_eq!(id.as_str().len(), 22);
    assert_eq!(waits(&tokens, id.as_str()), None, "an id is public");
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
}

/// Memory stays bounded, and still no token opens two connections.
#[tokio::test(start_paused = true)]
async fn only_so_many_used_tokens_are_remembered() {
    let mut tokens = tokens(&HubOptions::default());
    Arc::get_mut(&mut tokens.shared).expect("there is one").maximum_used = 20;
    let (_, first) = issued(&tokens, None);
    drop(attach(&tokens, &first).expect("it waits"));
    let (_, waiting) = issued(&tokens, None);
    advance(Duration::from_secs(1)).await;
    let mut last = String::new();
    for _ in 0..20 {
        last = issued(&tokens, None).1;
        drop(attach(&tokens, &last).expect("it waits"));
    }
    assert_eq!(tokens.shared.state.lock().used.len(), 20);
    for token in [&first, &last] {
        assert_eq!(attach(&tokens, token).unwrap_err(), Unfound::Unknown);
    }
    assert_eq!(waits(&tokens, &waiting), None, "it is as old as the one that was forgotten");
    assert_eq!(waits(&tokens, &issued(&tokens, None).1), Some(true));
}
