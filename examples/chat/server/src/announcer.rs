//! Sends announcements now and then: a background task that calls clients through a [`HubContext`].

use std::{env, sync::Arc, time::Duration};

use anyhow::Context;
use chat_contract::{ChatHubContract, Notice, NoticeKind};
use hubs::HubContext;

use crate::{clock, cluster::Cluster, rooms::Rooms};

/// How late an announcement may be before another node makes the next one.
const LATE: Duration = Duration::from_secs(30);

const TIPS: [&str; 3] = [
    "This was sent by a background task of the server, not by a person.",
    "Press Clear, and the server will ask your page before it forgets anything.",
    "Stop the server and start it again: this page comes back to its rooms by itself.",
];

/// How often: `HUBS_CHAT_ANNOUNCE_SECONDS`, or every 90 seconds.
///
/// # Errors
/// The variable holds no whole number from 1.
pub(crate) fn period() -> anyhow::Result<Duration> {
    let Ok(text) = env::var("HUBS_CHAT_ANNOUNCE_SECONDS") else { return Ok(Duration::from_secs(90)) };
    let seconds: std::num::NonZeroU32 = text
        .parse()
        .with_context(|| format!("HUBS_CHAT_ANNOUNCE_SECONDS is `{text}`; it must be a whole number from 1"))?;
    Ok(Duration::from_secs(seconds.get().into()))
}

/// Sends an announcement each period, without end, if there are readers. One node does it for all.
pub(crate) async fn announce(hub: HubContext<ChatHubContract>, rooms: Arc<Rooms>, cluster: Cluster, period: Duration) {
    let mut tips = TIPS.iter().cycle();
    loop {
        for news in [true, false] {
            tokio::time::sleep(period).await;
            let (people, busy) = rooms.busy();
            if people == 0 || !cluster.does("chat:announcements", period + LATE).await {
                continue;
            }
            let text =
                if news { whereabouts(people, busy) } else { tips.next().copied().unwrap_or_default().to_owned() };
            let notice = Notice { kind: NoticeKind::Announcement, room: None, text, sent_at: clock::now() };
            if let Err(error) = hub.clients().all().receive_notice(notice).await {
                tracing::warn!(%error, "an announcement was not sent");
            }
        }
    }
}

fn whereabouts(people: usize, rooms: usize) -> String {
    let people = if people == 1 { "1 person is".to_owned() } else { format!("{people} people are") };
    let rooms = if rooms == 1 { "1 room".to_owned() } else { format!("{rooms} rooms") };
    format!("{people} here right now, in {rooms}.")
}

#[cfg(test)]
mod tests {
    use super::whereabouts;

    #[test]
    fn whereabouts_are_english() {
        assert_eq!(whereabouts(1, 1), "1 person is here right now, in 1 room.");
        assert_eq!(whereabouts(3, 2), "3 people are here right now, in 2 rooms.");
    }
}
