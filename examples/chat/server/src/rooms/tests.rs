//! The rules of rooms, on the plain state.

use std::time::Duration;

use chat_contract::Member;
use tokio::time::Instant;

use super::{
    person::Person,
    state::{Changed, Changes, Departure, MOST_ROOMS, MOST_ROOMS_EACH, State},
};

fn refusal<T: std::fmt::Debug>(result: hubs::HubResult<T>) -> String {
    result.unwrap_err().client_text().expect("shown to the person").to_owned()
}

#[test]
fn members_stand_in_the_order_they_came() {
    let mut state = State::default();
    assert!(state.enter("lobby", "1", "Ada", 0).unwrap());
    assert!(state.enter("lobby", "2", "Grace", 0).unwrap());
    let users: Vec<_> = state.members("lobby").into_iter().map(|member| member.user).collect();
    assert_eq!((users, state.members("nowhere")), (vec!["Ada".to_owned(), "Grace".to_owned()], vec![]));
}

#[test]
fn entering_again_only_changes_the_name() {
    let mut state = State::default();
    state.enter("lobby", "1", "Ada", 0).unwrap();
    assert!(!state.enter("lobby", "1", "Countess", 0).unwrap());
    assert_eq!(state.user("lobby", "1").unwrap(), "Countess");
    assert_eq!(state.busy(), (1, 1));
}

#[test]
fn a_room_goes_with_its_last_member_unless_it_is_a_standing_one() {
    let mut state = State::default();
    let standing = state.summaries().len();
    state.enter("lobby", "1", "Ada", 0).unwrap();
    state.enter("notes", "1", "Ada", 0).unwrap();
    assert_eq!(state.summaries().len(), standing + 1);
    let left = state.disconnect("1");
    let expected = ["lobby", "notes"].map(|room| Departure { room: room.to_owned(), user: "Ada".to_owned() });
    assert_eq!(left, expected);
    assert_eq!(state.summaries().len(), standing);
    assert_eq!(state.leave("lobby", "1"), None);
}

#[test]
fn strangers_to_a_room_can_do_nothing_in_it() {
    let mut state = State::default();
    state.enter("lobby", "1", "Ada", 0).unwrap();
    assert_eq!(refusal(state.user("lobby", "2")), "You are not in #lobby. Please join it first.");
    assert_eq!(refusal(state.user("nowhere", "1")), "You are not in #nowhere. Please join it first.");
}

#[test]
fn rooms_are_limited_for_all_and_for_each() {
    let mut state = State::default();
    for n in state.summaries().len()..MOST_ROOMS {
        state.enter(&format!("room-{n}"), &format!("someone-{n}"), "Ada", 0).unwrap();
    }
    assert_eq!(
        refusal(state.enter("one-more", "1", "Ada", 0)),
        "There are enough rooms already. Please join one of them."
    );
    let names: Vec<String> = state.summaries().into_iter().map(|room| room.name).collect();
    for name in &names[..MOST_ROOMS_EACH] {
        state.enter(name, "1", "Ada", 0).unwrap();
    }
    let expected = "You are in many rooms already. Please leave one first.";
    assert_eq!(refusal(state.enter(&names[MOST_ROOMS_EACH], "1", "Ada", 0)), expected);
    assert!(!state.enter(&names[0], "1", "Ada", 0).unwrap(), "but it may enter again where it is");
}

#[test]
fn changes_are_told_once_and_together() {
    let mut state = State::default();
    assert_eq!(state.take_changes(), None);
    state.connect("1");
    state.enter("notes", "1", "Ada", 0).unwrap();
    state.enter("lobby", "1", "Ada", 0).unwrap();
    state.leave("notes", "1");
    let Changes { rooms, pages, changed } = state.take_changes().unwrap();
    assert_eq!((rooms, pages), (state.summaries(), vec!["1".to_owned()]));
    assert_eq!(changed, [changed_lobby(&["Ada"], &["1"])]);
    assert_eq!(state.take_changes(), None);
}

fn changed_lobby(users: &[&str], pages: &[&str]) -> Changed {
    let member = |(at, user): (usize, &&str)| Member { connection_id: (at + 1).to_string(), user: (*user).to_owned() };
    let pages = pages.iter().map(|page| (*page).to_owned()).collect();
    Changed { room: "lobby".to_owned(), members: users.iter().enumerate().map(member).collect(), pages }
}

fn person(connection: &str, user: &str, since: u64) -> Person {
    let [room, connection, user] = ["lobby", connection, user].map(str::to_owned);
    Person { room, connection, user, since }
}

#[test]
fn people_of_other_nodes_stand_among_those_of_this_one() {
    let (mut state, now) = (State::default(), Instant::now());
    state.connect("2");
    state.enter("lobby", "2", "Grace", 20).unwrap();
    let people = vec![person("1", "Ada", 10), person("3", "Bob", 30)];
    state.hear("other", people.clone(), now);
    assert_eq!(state.take_changes().unwrap().changed, [changed_lobby(&["Ada", "Grace", "Bob"], &["2"])]);
    assert_eq!((state.here(), state.busy()), (vec![person("2", "Grace", 20)], (3, 1)));
    assert!(state.user("lobby", "1").is_err(), "it may speak on its own node only");

    state.hear("other", people, now);
    assert_eq!(state.take_changes(), None, "the same again is no news");
    state.hear("other", vec![person("1", "Ada", 10)], now);
    assert_eq!(state.take_changes().unwrap().changed, [changed_lobby(&["Ada", "Grace"], &["2"])]);
    state.forget_silent(now);
    assert_eq!(state.take_changes(), None, "it was heard of just now");
    state.forget_silent(now + Duration::from_millis(1));
    assert_eq!(state.members("lobby"), [Member { connection_id: "2".to_owned(), user: "Grace".to_owned() }]);
}
