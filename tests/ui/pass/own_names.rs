//! Types may be called what the standard library calls its own, and be used beside those; an alias is the type it means;
//! bounds may be on traits of one's own; a marker may be anything.

#![deny(warnings)]

use std::{marker::PhantomData, time::Duration as Wait};

use hubs::{HubCallerContext, HubResult, NoClient, hub, hub_type};

#[hub_type]
pub struct Option {
    pub label: String,
}

#[hub_type]
pub struct LinkedList {
    pub next: std::option::Option<Box<LinkedList>>,
}

#[hub_type]
pub enum Result {
    Some(Option),
    Vec(Vec<Option>),
}

#[hub_type]
pub struct Duration<T> {
    pub of: T,
    pub wait: Wait,
}

pub trait Entity {}

#[hub_type]
pub struct Row<T: Entity> {
    pub value: T,
}

#[hub_type]
pub struct Table<T>
where
    T: Entity,
{
    pub rows: Vec<Row<T>>,
    pub first: std::option::Option<Box<Row<T>>>,
}

impl Entity for Option {}

pub struct Meters;

#[hub_type]
pub struct Length<Unit> {
    pub value: f64,
    pub unit: PhantomData<Unit>,
    #[serde(skip)]
    pub skipped: PhantomData<Unit>,
}

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait PollHub {
    async fn options(&self, cx: &Cx, wait: Wait, list: std::collections::LinkedList<u8>) -> HubResult<Vec<Option>>;
    async fn list(&self, cx: &Cx, first: LinkedList) -> HubResult<Result>;
    async fn rows(&self, cx: &Cx, of: Duration<u8>) -> HubResult<Table<Option>>;
    async fn length(&self, cx: &Cx) -> HubResult<Length<Meters>>;
}

fn main() {}
