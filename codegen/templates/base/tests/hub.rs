//! The hub as pages see it: clients in this process, no ports.

use hubs::{Hubs, testing::TestServer};

use {{crate}}::{
    contract::{ChatHubContract, Message},
    history::History,
    hub::Chat,
};

#[tokio::test]
async fn what_one_says_everybody_hears() -> Result<(), Box<dyn std::error::Error>> {
    let history = {{test-history}};
    let server = TestServer::new(Hubs::new().map("/chat", ChatHubContract, Chat::new(history)));
    let (ada, bob) = (server.record(ChatHubContract).await?, server.record(ChatHubContract).await?);

    ada.hub().say("Ada".to_owned(), " hello ".to_owned()).await?;
    let said = Message { id: 1, user: "Ada".to_owned(), text: "hello".to_owned() };
    assert_eq!(bob.next_receive().await, said);
    assert_eq!(ada.next_receive().await, said);
    assert_eq!(bob.hub().history().await?, [said]);

    assert!(bob.hub().say("Bob".to_owned(), "  ".to_owned()).await.is_err());
    Ok(())
}
