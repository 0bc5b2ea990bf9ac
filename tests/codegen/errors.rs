//! Each thing that goes wrong, and what the command says about it: what it is, where, and what to do next.

use crate::project::Project;

const SOURCE: &str = "contract/src/lib.rs";

/// A crate with this source ends like this.
fn fails(test: &str, source: &str, says: &[&str]) {
    let project = Project::new("board", test);
    project.write(SOURCE, source);
    project.hubs(&["generate"]).expect(1, says);
    assert!(!project.file("contract/contract").exists(), "nothing is written");
}

#[test]
fn a_crate_that_does_not_compile() {
    fails(
        "broken",
        "pub fn broken() -> u8 { \"text\" }",
        &["error[E0308]: mismatched types", "src/lib.rs:1", "`board-contract` does not compile"],
    );
}

#[test]
fn a_crate_without_a_hub() {
    fails("no-hub", "pub fn nothing() {}", &["no hub found in package `board-contract`", "put `#[hub]` on a trait"]);
}

#[test]
fn two_types_of_one_name() {
    fails(
        "two-types",
        "use hubs::{HubResult, hub, hub_type, HubCallerContext, NoClient};
        pub mod a { #[hubs::hub_type] pub struct Note { pub a: u8 } }
        pub mod b { #[hubs::hub_type] pub struct Note { pub b: u8 } }
        #[hub_type] pub struct Notes { pub a: Option<a::Note>, pub b: Vec<b::Note> }
        #[hub] pub trait H { async fn all(&self, cx: &HubCallerContext<NoClient>) -> HubResult<Notes>; }",
        &["error: HUB101: two types are named `Note`: `board_contract::a::Note` and `board_contract::b::Note`"],
    );
}

#[test]
fn two_hubs_of_one_name() {
    fails(
        "two-hubs",
        "pub mod a { #[hubs::hub] pub trait H {} }
        pub mod b { #[hubs::hub] pub trait H {} }",
        &["error: HUB100: two interfaces are named `H`: `board_contract::a::H` and `board_contract::b::H`"],
    );
}

#[test]
fn names_that_typescript_cannot_have() {
    fails(
        "reserved",
        "use hubs::{HubResult, hub, hub_type, HubCallerContext, NoClient};
        #[hub_type] pub struct HubLink { pub a: u8 }
        #[hub] pub trait H {
            async fn send(&self, cx: &HubCallerContext<NoClient>) -> HubResult<HubLink>;
            async fn then(&self, cx: &HubCallerContext<NoClient>) -> HubResult<()>;
        }",
        &[
            "HUB110: `send` cannot be the name of a method in TypeScript (board_contract::H::send)",
            "HUB110: `then` cannot be the name of a method in TypeScript (board_contract::H::then)",
            "`#[method(name = \"Then\")]`",
            "HUB112: `HubLink` (board_contract::HubLink) cannot be a name",
        ],
    );
}

#[test]
fn types_that_typescript_cannot_say() {
    fails(
        "cannot-say",
        "use hubs::{HubResult, hub, hub_type, HubCallerContext, NoClient};
        #[hub_type] pub struct Note { pub a: Option<u8> }
        #[hub_type] pub struct NoteInput { pub b: u8 }
        #[hub_type] pub struct With<T> { pub id: u8, #[serde(flatten)] pub more: T }
        #[hub] pub trait H {
            async fn echo(&self, cx: &HubCallerContext<NoClient>, note: Note, other: NoteInput) -> HubResult<Note>;
            async fn with(&self, cx: &HubCallerContext<NoClient>) -> HubResult<With<Note>>;
        }",
        &[
            "HUB103: `With` (board_contract::With) has the fields of its parameter among its own",
            "HUB104: pages send `Note` (board_contract::Note) with other fields",
            "another type has that name (`board_contract::NoteInput`)",
        ],
    );
}

#[test]
fn keys_that_serde_cannot_read() {
    fails(
        "keys",
        "use hubs::{HubResult, hub, hub_type, HubCallerContext, NoClient};
        #[hub_type] pub struct Seats { pub by_row: std::collections::BTreeMap<u32, String> }
        #[hub_type] #[serde(tag = \"kind\")] pub enum Hall { Empty, Full { seats: Option<Seats> } }
        #[hub] pub trait H {
            async fn fine(&self, cx: &HubCallerContext<NoClient>, seats: Seats) -> HubResult<()>;
            async fn fails(&self, cx: &HubCallerContext<NoClient>, halls: Vec<Hall>) -> HubResult<()>;
        }",
        &["HUB105: `Hall.seats.byRow` (board_contract::Hall) has numbers as keys"],
    );
}

#[test]
fn numbers_that_no_page_can_hold() {
    fails(
        "too-wide",
        "use hubs::{HubResult, hub, hub_type, HubCallerContext, NoClient};
        #[hub_type] pub struct Note { pub id: u128 }
        #[hub] pub trait H {
            async fn all(&self, cx: &HubCallerContext<NoClient>, from: i128) -> HubResult<Vec<Note>>;
        }",
        &["HUB116: `Note.id` (board_contract::Note) has 128 bits", "HUB116: `from` (board_contract::H::all)"],
    );
}

#[test]
fn wrong_configuration_and_wrong_packages() {
    let project = Project::new("board", "configuration");
    project
        .hubs(&["generate", "-p", "bord"])
        .expect(1, &["error: no package `bord` in this workspace\nhelp: there is `board-contract`"]);
    project.hubs(&["generate", "--nonsense"]).expect(2, &["--nonsense"]);
    project.hubs(&["--help"]).expect(0, &["Exit codes:", "4    check: what was generated is stale"]);
    project.hubs(&["check", "--manifest-path", "nowhere/Cargo.toml"]).expect(1, &["nowhere/Cargo.toml"]);
    project.change("contract/Cargo.toml", "typescript =", "typscript =");
    project.hubs(&["generate"]).expect(
        1,
        &["error: Cargo.toml: [package.metadata.hubs]: there is no `typscript`\nhelp: did you mean `typescript`?"],
    );
}

#[test]
fn a_file_of_another_tool_is_in_the_way() {
    let project = Project::new("board", "in-the-way");
    project.write("web/src/hubs/index.ts", "export const mine = 1;\n");
    project.hubs(&["generate"]).expect(1, &["../web/src/hubs/index.ts is in the way"]);
    assert_eq!(project.read("web/src/hubs/index.ts"), "export const mine = 1;\n");
}

#[test]
fn a_package_without_hubs() {
    let project = Project::new("board", "no-dependency");
    let manifest = project.read("contract/Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("hubs-runtime")).unwrap().to_owned();
    project.change("contract/Cargo.toml", &line, "");
    project.write(SOURCE, "");
    project.hubs(&["check"]).expect(
        1,
        &[
            "`board-contract` does not depend on hubs-runtime",
            "help: run `cargo add hubs-runtime --package board-contract`",
        ],
    );
}
