//! Asking one connection for a result.

use std::collections::HashSet;

use super::{connect_all, received, send_to};
use crate::lifetime::HubLifetimeManager;

pub(crate) async fn one_connection_is_reached_or_known_to_be_missing(manager: &dyn HubLifetimeManager) {
    assert!(!send_to(manager, "a", "early").await);
    let [a, b] = connect_all(manager, ["a", "b"]).await;
    assert!(send_to(manager, "a", "hi").await);
    assert_eq!(received(manager, &a).await, ["hi"]);
    assert_eq!(received(manager, &b).await, [""; 0]);
}

pub(crate) async fn a_result_id_is_read_by_the_manager_that_made_it(manager: &dyn HubLifetimeManager) {
    let numbers = [1, 2, 10, 11, u64::MAX];
    let ids = numbers.map(|number| manager.result_id(number));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    assert_eq!(ids.map(|id| manager.result_number(&id)), numbers.map(Some));
    // Clients number their own calls: those ids are no results.
    for foreign in ["", "0", "1", "a", "-1"] {
        assert_eq!(manager.result_number(foreign), None, "{foreign}");
    }
}
