//! What one more method costs a user's build: expanded lines.

use super::expand_file;

/// Three lines of a client method are for `where Self: Sized`, one and a half for the test kit, and one of a hub method for
/// the rules of its arguments; all are compiled to nothing where they are not used. A third of the lines is what the printer
/// makes of paths such as `<String as __hubs::HubParam>::take`.
const HUB: usize = 38;
const CLIENT: usize = 43;

/// Lines that the second of two equal methods adds.
fn cost(attribute: &str, context: &str) -> usize {
    let method = |name: &str| format!("async fn {name}(&self, {context}room: String, text: String) -> HubResult<()>;");
    let one = format!("{attribute} pub trait ChatHub {{ {} }}", method("first_method"));
    let two = format!("{attribute} pub trait ChatHub {{ {} {} }}", method("first_method"), method("send_message"));
    expand_file(&two).lines().count() - expand_file(&one).lines().count()
}

#[test]
fn a_hub_method_with_two_arguments_stays_in_the_budget() {
    let lines = cost("#[hub(client = ChatClient)]", "cx: &Cx, ");
    assert!((10..=HUB).contains(&lines), "{lines} lines");
}

#[test]
fn a_client_method_with_two_arguments_stays_in_the_budget() {
    let lines = cost("#[client_interface]", "");
    assert!((10..=CLIENT).contains(&lines), "{lines} lines");
}
