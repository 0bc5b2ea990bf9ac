//! The rules of rooms, on the plain state.

use super::state::{Changes, Departure, MOST_ROOMS, MOST_ROOMS_EACH, State};

fn refusal<T: std::fmt::Debug>(result: hubs::HubResult<T>) -> String {
    result.unwrap_err().client_text().expect("shown to the person").to_owned()
}

#[test]
fn members_stand_in_the_order_they_came() {
    let mut state = State::new();
    assert!(state.enter("lobby", "1", "Ada").unwrap());
    assert!(state.enter("lobby", "2", "Grace").unwrap());
    let users: Vec<_> = state.members("lobby").into_iter().map(|member| member.user).collect();
    assert_eq!((users, state.members("nowhere")), (vec!["Ada".to_owned(), "Grace".to_owned()], vec![]));
}

#[test]
fn entering_again_only_changes_the_name() {
    let mut state = State::new();
    state.enter("lobby", "1", "Ada").unwrap();
    assert!(!state.enter("lobby", "1", "Countess").unwrap());
    assert_eq!(state.user("lobby", "1").unwrap(), "Countess");
    assert_eq!(state.busy(), (1, 1));
}

#[test]
fn a_room_goes_with_its_last_member_unless_it_is_a_standing_one() {
    let mut state = State::new();
    let standing = state.summaries().len();
    state.enter("lobby", "1", "Ada").unwrap();
    state.enter("notes", "1", "Ada").unwrap();
    assert_eq!(state.summaries().len(), standing + 1);
    let left = state.leave_all("1");
    let expected = ["lobby", "notes"].map(|room| Departure { room: room.to_owned(), user: "Ada".to_owned() });
    assert_eq!(left, expected);
    assert_eq!(state.summaries().len(), standing);
    assert_eq!(state.leave("lobby", "1"), None);
}

#[test]
fn strangers_to_a_room_can_do_nothing_in_it() {
    let mut state = State::new();
    state.enter("lobby", "1", "Ada").unwrap();
    assert_eq!(refusal(state.user("lobby", "2")), "You are not in #lobby. Please join it first.");
    assert_eq!(refusal(state.user("nowhere", "1")), "You are not in #nowhere. Please join it first.");
}

#[test]
fn rooms_are_limited_for_all_and_for_each() {
    let mut state = State::new();
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
    assert!(!state.enter(&names[0], "1", "Ada").unwrap(), "but it may enter again where it is");
}

#[test]
fn changes_are_told_once_and_together() {
    let mut state = State::new();
    assert_eq!(state.take_changes(), None);
    state.enter("notes", "1", "Ada").unwrap();
    state.enter("lobby", "1", "Ada").unwrap();
    state.leave("notes", "1");
    let Changes { rooms, members } = state.take_changes().unwrap();
    assert_eq!(rooms, state.summaries());
    assert_eq!(members.iter().map(|(room, who)| (room.as_str(), who.len())).collect::<Vec<_>>(), [("lobby", 1)]);
    assert_eq!(state.take_changes(), None);
}
