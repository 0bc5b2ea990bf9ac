//! The recorded session of the official JavaScript client whose socket was cut: what its server said is what ours says.

use serde_json::Value;

use super::*;

const RECORDING: &str = include_str!("../../../../../tests/fixtures/golden/json.jsonl");
const SCENARIO: &str = "stateful reconnect: the socket is cut";

fn recorded() -> Vec<Value> {
    let lines = RECORDING.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["scenario"] == SCENARIO).collect()
}

/// The only message of a recorded frame.
fn message(line: &Value) -> Option<&str> {
    line["text"].as_str().map(|text| text.strip_suffix('\u{1e}').unwrap())
}

#[tokio::test]
async fn the_recorded_session_that_was_cut() {
    let server = Running::start(options()).await;
    let mut client = Client::connect(&server).await;
    // `Client::connect` has sent the handshake, and read the answer.
    let recorded = recorded();
    let handshake = [r#"{"protocol":"json","version":2}"#, "{}"];
    assert_eq!([message(&recorded[1]).unwrap(), message(&recorded[2]).unwrap()], handshake);
    let (mut sockets, mut said) = (1, 0);
    for line in &recorded[3..] {
        match (line["from"].as_str().unwrap(), message(line)) {
            ("client", Some(text)) => client.socket.send(text).await,
            (_, Some(text)) => {
                assert_eq!(client.socket.next_but_ping().await, text);
                said += 1;
            }
            ("client", None) if line["open"].is_string() => {
                let next = Socket::open(&server, &client.target, "").await.unwrap();
                std::mem::replace(&mut client.socket, next).cut();
                server.talker.go_on.notify_one();
                sockets += 1;
            }
            // The client's own closes follow from what it sent, or from the cut.
            ("client", None) => {}
            (_, None) if line["close"] == 1000 => {
                // In this session the recorded server was late with it; in most others it came.
                assert_eq!(client.socket.next_but_ping().await, r#"{"type":7}"#);
                assert_eq!(client.socket.next_but_ping().await, "closed 1000");
            }
            // The cut comes with the next socket.
            (_, None) => assert_eq!(line["close"], 1006),
        }
    }
    assert_eq!((sockets, said), (2, 7), "the recording has changed");
}
