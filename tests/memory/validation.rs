//! Arguments whose types have rules (`garde`).

use std::collections::BTreeMap;

use hubs::{
    HubCallerContext, HubResult, Hubs, NoClient, UploadStream, hub, hub_type,
    testing::{TestClient, TestServer, with_default_timeout},
};

type Cx = HubCallerContext<NoClient>;

#[hub_type]
#[derive(garde::Validate)]
struct Author {
    #[garde(ascii, length(min = 1))]
    name: String,
}

#[hub_type]
#[derive(garde::Validate)]
struct Post {
    #[garde(length(chars, max = 5))]
    text: String,
    #[garde(dive)]
    by: Author,
    #[garde(skip)]
    tags: BTreeMap<String, u32>,
}

/// Without rules.
#[hub_type]
struct Plain {
    text: String,
}

#[hub]
trait Wall {
    async fn post(&self, cx: &Cx, room: String, post: Post) -> HubResult<String>;
    async fn many(&self, cx: &Cx, posts: Vec<Post>) -> HubResult<usize>;
    async fn plain(&self, cx: &Cx, plain: Plain) -> HubResult<usize>;
    async fn upload(&self, cx: &Cx, first: Post, posts: UploadStream<u32>) -> HubResult<()>;
    #[authorize]
    async fn members(&self, cx: &Cx, post: Post) -> HubResult<()>;
}

struct TheWall;

impl Wall for TheWall {
    async fn post(&self, _: &Cx, room: String, post: Post) -> HubResult<String> {
        Ok(format!("{room}: {}", post.text))
    }

    async fn many(&self, _: &Cx, posts: Vec<Post>) -> HubResult<usize> {
        Ok(posts.len())
    }

    async fn plain(&self, _: &Cx, plain: Plain) -> HubResult<usize> {
        Ok(plain.text.len())
    }

    async fn upload(&self, _: &Cx, _: Post, _: UploadStream<u32>) -> HubResult<()> {
        Ok(())
    }

    async fn members(&self, _: &Cx, _: Post) -> HubResult<()> {
        Ok(())
    }
}

async fn connected() -> (TestServer, TestClient<WallContract>) {
    let server = TestServer::new(Hubs::new().map("/wall", WallContract, TheWall));
    let client = with_default_timeout(server.connect(WallContract, ())).await.expect("connects");
    (server, client)
}

fn post(text: &str, name: &str) -> Post {
    Post { text: text.to_owned(), by: Author { name: name.to_owned() }, tags: BTreeMap::new() }
}

#[tokio::test(start_paused = true)]
async fn an_argument_that_breaks_rules_fails_the_call_and_names_them_with_their_paths() {
    let (_server, client) = connected().await;
    assert_eq!(client.hub().post("a".to_owned(), post("short", "Ann")).await.unwrap(), "a: short");
    let failed = client.hub().post("a".to_owned(), post("too long", "")).await.unwrap_err();
    let text = failed.client_text().expect("the text is for the caller");
    assert!(text.contains("post.text: length is greater than 5"), "{text}");
    assert!(text.contains("post.by.name: length is lower than 1"), "{text}");
    assert!(
        failed.to_string().starts_with("An unexpected error occurred invoking 'Post' on the server. HubException: ")
    );
}

#[tokio::test(start_paused = true)]
async fn lists_are_checked_item_by_item_and_few_rules_are_named() {
    let (_server, client) = connected().await;
    assert_eq!(client.hub().many(vec![post("a", "Ann"), post("b", "Ann")]).await.unwrap(), 2);
    let one = client.hub().many(vec![post("a", "Ann"), post("too long", "Ann")]).await.unwrap_err();
    assert_eq!(one.client_text(), Some("posts[1].text: length is greater than 5"));
    let many = (0..20).map(|_| post("too long", "Ann")).collect();
    let many = client.hub().many(many).await.unwrap_err();
    let text = many.client_text().unwrap();
    assert!(text.ends_with("; and 12 more"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn types_without_rules_pass_and_so_do_streams() {
    let (_server, client) = connected().await;
    assert_eq!(client.hub().plain(Plain { text: "any length".to_owned() }).await.unwrap(), 10);
    let upload = |text: &str| client.hub().upload(post(text, "Ann"), UploadStream::new(futures_util::stream::empty()));
    upload("short").await.unwrap();
    let failed = upload("too long").await.unwrap_err();
    assert_eq!(failed.client_text(), Some("first.text: length is greater than 5"));
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_may_not_call_learns_no_rules() {
    let (_server, client) = connected().await;
    let refused = client.hub().members(post("too long", "")).await.unwrap_err();
    assert_eq!(refused.to_string(), "Failed to invoke 'Members' because user is unauthorized");
}

#[test]
fn rules_are_in_the_schema_of_their_type() {
    let schema = hubs::__private::schemars::schema_for!(Post);
    assert_eq!(schema.pointer("/properties/text/maxLength"), Some(&5.into()), "{schema:?}");
}
