//! `assert_up_to_date!` on packages of this repository.

use std::path::PathBuf;

use hubs_codegen::testing::assert_up_to_date;

fn package(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn the_files_of_the_chat_are_up_to_date() {
    assert_up_to_date(&package("examples/chat/contract"), "chat-contract");
}

#[test]
fn the_files_of_a_hub_without_methods_are_up_to_date() {
    assert_up_to_date(&package("examples/notifications/contract"), "notifications-contract");
}

#[test]
#[should_panic(expected = "`hubs-macros` does not depend on hubs-runtime")]
fn a_package_without_hubs_fails() {
    assert_up_to_date(&package("hubs-macros"), "hubs-macros");
}

#[test]
#[should_panic(expected = "`hubs-codegen`")]
fn the_macro_names_its_own_package() {
    hubs_codegen::assert_up_to_date!();
}
