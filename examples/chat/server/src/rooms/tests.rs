//! The rules of rooms, on the plain state.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    person::Person,
    state::{Changes, MOST_ROOMS, MOST_ROOMS_EACH, State},
};

fn refusal<T: std::fmt::Debug>(result: hubs::HubResult<T>) -> String {
    result.unwrap_err().client_text().expect("shown to the person").to_owned()
}

#[test]
fn entering_again_only_changes_the_name() {
    let mut state = State::default();
    state.enter("lobby", "1", "Ada").unwrap();
    state.enter("lobby", "1", "Countess").unwrap();
    assert_eq!(state.user("lobby", "1").unwrap(), "Countess");
    assert_eq!(state.busy(), (1, 1));
}

#[test]
fn windows_with_one_name_are_one_person() {
    let mut state = State::default();
    for (connection, user) in [("1", "Ada"), ("2", "Ada"), ("3", "Grace")] {
        state.enter("notes", connection, user).unwrap();
    }
    let notes = state.summaries().into_iter().find(|room| room.name == "notes").unwrap();
    assert_eq!(notes.members, 2);
}

#[test]
fn a_room_goes_with_its_last_member_unless_it_is_a_standing_one() {
    let mut state = State::default();
    let standing = state.summaries().len();
    state.enter("lobby", "1", "Ada").unwrap();
    state.enter("notes", "1", "Ada").unwrap();
    assert_eq!(state.summaries().len(), standing + 1);
    state.disconnect("1");
    assert_eq!(state.summaries().len(), standing);
}

#[test]
fn strangers_to_a_room_can_do_nothing_in_it() {
    let mut state = State::default();
    state.enter("lobby", "1", "Ada").unwrap();
    assert_eq!(refusal(state.user("lobby", "2")), "You are not in #lobby. Please join it first.");
    assert_eq!(refusal(state.user("nowhere", "1")), "You are not in #nowhere. Please join it first.");
}

#[test]
fn rooms_are_limited_for_all_and_for_each() {
    let mut state = State::default();
    for n in state.summaries().len()..MOST_ROOMS {
        state.enter(&format!("room-{n}"), &format!("someone-{n}"), "Ada").unwrap();
    }
    assert_eq!(
        refusal(state.enter("one-more", "1", "Ada")),
        "There are enough rooms already. Please join one of them."
    );
    let names: Vec<String> = state.summaries().into_iter().map(|room| room.name).collect();
    for name in &names[..MOST_ROOMS_EACH] {
        state.enter(name, "1", "Ada").unwrap();
    }
    let expected = "You are in many rooms already. Please leave one first.";
    assert_eq!(refusal(state.enter(&names[MOST_ROOMS_EACH], "1", "Ada")), expected);
    state.enter(&names[0], "1", "Ada").expect("it may enter again where it is");
}

#[test]
fn changes_are_told_once_and_together() {
    let mut state = State::default();
    assert_eq!(state.take_changes(), None);
    state.connect("1");
    state.enter("notes", "1", "Ada").unwrap();
    state.enter("lobby", "1", "Ada").unwrap();
    state.leave("notes", "1");
    let Changes { rooms, pages } = state.take_changes().unwrap();
    assert_eq!((rooms, pages), (state.summaries(), vec!["1".to_owned()]));
    assert_eq!(state.take_changes(), None);
}

fn person(connection: &str, user: &str) -> Person {
    let [room, connection, user] = ["lobby", connection, user].map(str::to_owned);
    Person { room, connection, user }
}

#[test]
fn people_of_other_nodes_count_with_those_of_this_one() {
    let (mut state, now) = (State::default(), Instant::now());
    state.enter("lobby", "2", "Grace").unwrap();
    let people = vec![person("1", "Ada"), person("3", "Bob")];
    state.hear("other", people.clone(), now);
    assert!(state.take_changes().is_some());
    assert_eq!((state.here(), state.busy()), (vec![person("2", "Grace")], (3, 1)));
    assert!(state.user("lobby", "1").is_err(), "it may speak on its own node only");

    state.hear("other", people, now);
    assert_eq!(state.take_changes(), None, "the same again is no news");
    state.hear("other", vec![person("1", "Ada")], now);
    assert!(state.take_changes().is_some());
    state.forget_silent(now);
    assert_eq!(state.take_changes(), None, "it was heard of just now");
    state.forget_silent(now + Duration::from_millis(1));
    assert!(state.take_changes().is_some());
    assert_eq!(state.busy(), (1, 1));
}
