//! A client is asked by another node, and others answer for it, it answers twice, or with something else.

use hubs::{CloseReason, InvokeError, testing::with_default_timeout};
use hubs_tests::RedisServer;
use serde_json::{Value, json};

use crate::{Node, RoomHubContract, pair, raw::RawClient};

/// Asks a client from a node.
async fn ask(node: &Node, client: &str) -> Result<i32, InvokeError> {
    let asked = node.context().clients().client(client).guess(1);
    with_default_timeout(asked).await
}

fn refused(node: &Node) -> u64 {
    node.server.hubs().metrics::<RoomHubContract>().closes(CloseReason::ProtocolError)
}

/// Case 36, where the node that asks is not the client's.
#[tokio::test]
async fn case_36_no_client_answers_for_one_of_another_node() {
    let redis = RedisServer::start();
    let [north, south] = pair(&redis);
    let mut asked = RawClient::connect(&south).await;
    let id_of_asked = asked.id.clone();
    // One on the node of the client that is asked, and one on the node that asks.
    for node in [&south, &north] {
        let mut other = RawClient::connect(node).await;
        let (result, ()) = tokio::join!(ask(&north, &id_of_asked), async {
            let id = asked.question().await;
            for unknown in ["x", "0", "s1", "18446744073709551616", "-1"] {
                other.answer(unknown, json!(7)).await;
            }
            // Those are answers to nothing, and cost it nothing.
            other.send(&json!({ "type": 1, "invocationId": "mine", "target": "count", "arguments": [] })).await;
            assert_eq!(other.next(3).await.expect("it is still connected")["invocationId"], "mine");
            other.answer(&id, json!(7)).await;
            assert!(other.next(7).await.is_some(), "the one that answers for another is closed");
            asked.answer(&id, json!(42)).await;
        });
        assert_eq!(result.expect("the answer of the one that was asked"), 42);
    }
    assert_eq!((refused(&north), refused(&south)), (1, 1), "and it is counted");
}

/// Case 36, the answers of the client itself.
#[tokio::test]
async fn case_36_a_second_answer_is_to_nothing_and_one_of_a_wrong_type_is_an_error_of_the_asker() {
    let redis = RedisServer::start();
    let [north, south] = pair(&redis);
    let mut asked = RawClient::connect(&south).await;
    let id_of_asked = asked.id.clone();
    let mut answer = async |result: Value| {
        let (result, id) = tokio::join!(ask(&north, &id_of_asked), async {
            let id = asked.question().await;
            asked.answer(&id, result).await;
            id
        });
        // The second answer.
        asked.answer(&id, json!(43)).await;
        result
    };
    assert_eq!(answer(json!(1)).await.expect("an answer"), 1);
    let wrong = answer(json!("text")).await;
    assert!(matches!(&wrong, Err(InvokeError::UnexpectedType(_))), "{wrong:?}");
    let wrong = answer(Value::Null).await;
    assert!(wrong.is_err(), "{wrong:?}");
    assert_eq!(answer(json!(2)).await.expect("second answers are not taken for later ones"), 2);
    let metrics = north.server.hubs().metrics::<RoomHubContract>();
    assert_eq!((metrics.pending_client_results(), refused(&north), refused(&south)), (0, 0, 0));
}
