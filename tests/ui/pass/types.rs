//! `#[hub_type]` says the same to serde, JSON Schema and TypeScript, and leaves what the user said alone.

#![deny(warnings)]

use std::collections::BTreeMap;

use hubs::{
    __private::{Named, Names, Parts},
    HubType, hub_type,
};
use serde_json::{json, to_value};

#[hub_type]
#[derive(Debug, Clone, PartialEq)]
pub struct ChatMessage {
    pub sent_at: Option<String>,
    #[serde(rename = "body")]
    pub plain_text: String,
}

#[hub_type]
#[serde(tag = "kind")]
pub enum Notice {
    JoinedRoom { user_name: String },
    LeftRoom,
}

#[hub_type]
pub enum Level {
    AlmostNothing,
    EverythingThereIs,
}

#[hub_type]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "kebab-case")]
pub enum Shout {
    LoudOne { how_loud: u8 },
}

#[hub_type]
#[serde(rename = "Line", deny_unknown_fields)]
#[derive(Debug)]
pub struct RawLine {
    pub text: String,
}

#[hub_type]
pub struct Page<T> {
    pub first_items: Vec<T>,
    pub by_name: BTreeMap<String, T>,
}

#[hub_type]
#[serde(transparent)]
pub struct Seconds(pub u64);

#[hub_type]
pub struct Nothing;

/// The derives that are there already are left out.
#[hub_type]
#[derive(Clone, hubs::__private::serde::Serialize)]
#[serde(default)]
#[derive(Default)]
pub struct PartlyDerived {
    pub some_field: u8,
}

fn names<T: HubType>() -> (String, String) {
    (T::declared().unwrap().name.to_owned(), T::schema_name().into_owned())
}

fn same(name: &str) -> (String, String) {
    (name.to_owned(), name.to_owned())
}

fn main() {
    let message = ChatMessage { sent_at: None, plain_text: "hello".to_owned() };
    assert_eq!(to_value(&message).unwrap(), json!({ "sentAt": null, "body": "hello" }));
    let declared = ChatMessage::declared().unwrap().text;
    assert_eq!(declared.as_deref(), Some("type ChatMessage = { sentAt: string | null, body: string, };"));
    let joined = Notice::JoinedRoom { user_name: "ann".to_owned() };
    assert_eq!(to_value(&joined).unwrap(), json!({ "kind": "joinedRoom", "userName": "ann" }));
    assert_eq!(to_value(Level::AlmostNothing).unwrap(), json!("almostNothing"));
    assert_eq!(to_value(Shout::LoudOne { how_loud: 3 }).unwrap(), json!({ "LOUD_ONE": { "how-loud": 3 } }));
    assert_eq!(to_value(Seconds(3)).unwrap(), json!(3));
    assert_eq!(to_value(PartlyDerived::default()).unwrap(), json!({ "someField": 0 }));
    let page = Page { first_items: vec![message.clone()], by_name: BTreeMap::new() };
    assert_eq!(to_value(page).unwrap(), json!({ "firstItems": [message], "byName": {} }));

    assert_eq!(names::<ChatMessage>(), same("ChatMessage"));
    assert_eq!(names::<RawLine>(), same("Line"));
    assert_eq!(names::<Notice>(), same("Notice"));
    assert_eq!(names::<Page<ChatMessage>>(), ("Page".to_owned(), "Page<ChatMessage>".to_owned()));
    assert_eq!(Names::default().of::<Page<ChatMessage>>(), "Page<ChatMessage>");
    <Page<ChatMessage>>::parts(&mut Parts::default());
    let _ = (Level::EverythingThereIs, Notice::LeftRoom, Nothing, RawLine { text: String::new() });
}
