//! The nodes of a cluster tell each other who is on them, so that each knows which rooms there are, and how many people are
//! in each.
//!
//! A node says all of it each time: after a change, and every second. So what was lost on the way is right again a second
//! later, and a node that is gone is known by its silence. Must not know what pages are told.

use std::{sync::Arc, time::Duration};

use hubs::backplane::{Backplane, Receive};
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval};

use crate::rooms::{Person, Rooms};

/// Where nodes say it.
const CHANNEL: &str = "chat:people";
/// How often they say it.
const EVERY: Duration = Duration::from_secs(1);
/// After this time without a word a node is gone, and the people on it.
const GONE_AFTER: Duration = Duration::from_secs(4);

/// What a node says.
#[derive(Serialize, Deserialize)]
struct Report {
    node: String,
    people: Vec<Person>,
}

/// Says who is on this node, and hears who is on others, for ever.
pub(crate) async fn share(backplane: Arc<dyn Backplane>, rooms: Arc<Rooms>) {
    let _subscription = backplane.subscribe(CHANNEL, hear(Arc::clone(&rooms)));
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => rooms.forget_silent(GONE_AFTER),
            () = rooms.changed_here() => {}
        }
        let report = Report { node: backplane.node().to_owned(), people: rooms.here() };
        let said = match serde_json::to_vec(&report) {
            Ok(report) => backplane.publish(CHANNEL, report.into()).await.map(drop).map_err(anyhow::Error::from),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = said {
            tracing::warn!(%error, "the other nodes were not told who is on this one");
        }
    }
}

fn hear(rooms: Arc<Rooms>) -> Receive {
    Arc::new(move |report| match serde_json::from_slice(&report) {
        Ok(Report { node, people }) => rooms.hear(&node, people),
        Err(error) => tracing::warn!(%error, "a node said something that this one does not understand"),
    })
}
