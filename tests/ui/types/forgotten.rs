//! A field's type without `#[hub_type]`: one error, at the field, and none of the derives or of what uses the type.

use std::collections::BTreeMap;

use hubs::{HubCallerContext, HubResult, NoClient, hub, hub_type};

pub struct Author {
    pub name: String,
}

pub struct Place;

#[hub_type]
pub struct Note {
    pub text: String,
    pub by: Author,
    pub answers: Vec<Note>,
}

#[hub_type]
#[serde(tag = "kind")]
pub enum Event {
    Moved { to: Option<Place> },
    Met { whom: BTreeMap<String, Author>, note: Note },
    Left,
}

#[hub_type]
pub struct Page<T> {
    pub items: Vec<T>,
    pub last: Author,
}

#[hub]
pub trait NoteHub {
    async fn post(&self, cx: &HubCallerContext<NoClient>, note: Note) -> HubResult<Page<Event>>;
}

fn main() {}
