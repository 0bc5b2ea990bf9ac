//! Kinds of types that users of such tools report: those that are taken, and those that are refused, each by its field.

use crate::project::Project;

const TAKEN: &str = r#"
use std::collections::{BTreeMap, HashSet};

use hubs::{HubCallerContext, HubResult, NoClient, client_interface, hub, hub_type};

type Cx = HubCallerContext<NoClient>;

#[hub_type]
pub struct Note {
    pub text: String,
}

#[hub_type]
pub struct Page<T = Note> {
    pub items: Vec<T>,
}

#[hub_type]
pub struct Grid<const N: usize> {
    pub cells: Vec<u8>,
}

#[hub_type]
pub struct Profile {
    pub name: String,
    #[serde(flatten)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

fn tags() -> HashSet<String> {
    panic!("a default is evaluated")
}

#[hub_type]
pub struct Draft {
    #[serde(default = "tags")]
    pub tags: HashSet<String>,
}

pub mod poll {
    #[hubs::hub_type]
    pub struct LinkedList {
        pub first: Option<Box<String>>,
    }

    #[hubs::hub_type]
    pub struct Ballot {
        pub list: LinkedList,
        pub chosen: Option<u8>,
    }
}

#[hub]
pub trait TakenHub {
    async fn notes(&self, cx: &Cx) -> HubResult<Page>;
    async fn numbers(&self, cx: &Cx) -> HubResult<Page<u8>>;
    async fn swap(&self, cx: &Cx, cells: Grid<2>) -> HubResult<Grid<8>>;
    async fn store(&self, cx: &Cx, profile: Profile) -> HubResult<Profile>;
    async fn save(&self, cx: &Cx, draft: Draft) -> HubResult<()>;
    async fn ballot(&self, cx: &Cx) -> HubResult<poll::Ballot>;
}

mod api {
    #[hubs::client_interface]
    pub trait RoomClient {
        async fn told(&self, text: String) -> hubs::HubResult<()>;
    }
}
use api::RoomClient as Listener;

#[hub(client = Listener)]
pub trait RoomHub {
    async fn say(&self, cx: &HubCallerContext<api::RoomClientContract>, text: String) -> HubResult<()>;
}

macro_rules! notify {
    ($hub:ident, $client:ident, $cx:ty, $item:ty) => {
        #[client_interface]
        pub trait $client {
            async fn changed(&self, item: $item) -> HubResult<()>;
        }
        #[hub(client = $client)]
        pub trait $hub {
            async fn put(&self, cx: $cx, item: $item) -> HubResult<()>;
        }
    };
}
notify! { ListHub, ListClient, &HubCallerContext<ListClientContract>, String }
"#;

const REFUSED: &str = r#"
use std::collections::{BTreeMap, HashMap};

use hubs::{HubCallerContext, HubResult, NoClient, hub, hub_type};

#[hub_type]
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub x: u8,
}

#[hub_type]
#[derive(PartialEq, Eq, Hash)]
pub enum Place {
    Nowhere,
    At { x: u8 },
}

#[hub_type]
pub struct Board {
    pub by_cell: BTreeMap<Cell, u8>,
    pub by_pair: BTreeMap<(u8, u8), u8>,
    pub by_list: BTreeMap<Vec<u8>, u8>,
    pub by_place: HashMap<Place, u8>,
}

#[hub_type]
#[serde(tag = "kind")]
pub enum Event {
    Said(String),
    Rated(u8),
    Closed,
}

#[hub_type]
pub struct Flat {
    pub id: u32,
    #[serde(flatten)]
    pub list: Vec<u8>,
    #[serde(flatten)]
    pub number: u8,
}

type Cx = HubCallerContext<NoClient>;

#[hub]
pub trait RefusedHub {
    async fn board(&self, cx: &Cx) -> HubResult<Board>;
    async fn last(&self, cx: &Cx) -> HubResult<Event>;
    async fn flat(&self, cx: &Cx) -> HubResult<Flat>;
    async fn direct(&self, cx: &Cx, cells: BTreeMap<Cell, u8>) -> HubResult<()>;
}
"#;

fn with(test: &str, source: &str) -> Project {
    let project = Project::new("board", test);
    project.write("contract/src/lib.rs", source);
    let manifest = project.read("contract/Cargo.toml");
    project.write("contract/Cargo.toml", &format!("{manifest}serde_json = \"1\"\n"));
    project
}

#[test]
fn what_looks_odd_and_is_right_is_taken() {
    let project = with("kinds-taken", TAKEN);
    project.hubs(&["generate"]).expect(0, &["Generated `board-contract`"]);
    project.hubs(&["check"]).expect(0, &["all up to date"]);
    let types = project.read("web/src/hubs/types.ts");
    for expected in [
        "export interface Page<T> {\n  items: Array<T>;\n}",
        "export interface Grid {\n  cells: Array<number>;\n}",
        "export type Profile = {\n  name: string;\n} & { [key in string]: unknown };",
        "export interface Draft {\n  tags?: Array<string>;\n}",
        "  list: LinkedList;\n  chosen: number | null;",
    ] {
        assert!(types.contains(expected), "{expected}\nis not in\n{types}");
    }
    let hub = project.read("web/src/hubs/taken-hub.ts");
    assert!(hub.contains("Page<Note>") && hub.contains("Page<number>"), "{hub}");
}

#[test]
fn what_serde_fails_at_with_every_value_is_refused_by_its_field() {
    let project = with("kinds-refused", REFUSED);
    project.hubs(&["generate"]).expect(
        1,
        &[
            "HUB106: `Board.byCell` (board_contract::Board)",
            "HUB106: `Board.byPair` (board_contract::Board)",
            "HUB106: `Board.byList` (board_contract::Board)",
            "HUB106: `Board.byPlace` (board_contract::Board)",
            "HUB106: `an argument or result`",
            "HUB107: `Event(said)` (board_contract::Event) is text",
            "HUB107: `Event(rated)` (board_contract::Event) is a number",
            "HUB107: `Flat.list` (board_contract::Flat) is a list",
            "HUB107: `Flat.number` (board_contract::Flat) is a number",
        ],
    );
}

/// ts-rs gives up with a panic at a flattened `Option`, which is caught.
#[test]
fn a_program_that_aborts_at_panics_has_a_contract() {
    let project = Project::new("lonely", "aborts");
    let manifest = project.read("contract/Cargo.toml");
    project.write("contract/Cargo.toml", &format!("{manifest}\n[profile.dev]\npanic = \"abort\"\n"));
    let types = "#[hubs::hub_type(crate = \"hubs\")]\npub struct Point {\n    pub x: u8,\n}\n\n\
                 #[hubs::hub_type(crate = \"hubs\")]\npub struct Perhaps {\n    #[serde(flatten)]\n    \
                 pub point: Option<Point>,\n}\n\n#[hub(";
    project.change("contract/src/main.rs", "#[hub(", types);
    project.change("contract/src/main.rs", "text: String) -> HubResult<String>", "text: Perhaps) -> HubResult<String>");
    project.hubs(&["generate"]).expect(0, &["Generated `lonely`"]);
}

/// The types of a page are not those of .NET's MessagePack: names, enums and dates are others.
#[test]
fn a_client_of_a_hub_with_dotnets_messagepack_speaks_json_only() {
    let project = Project::new("board", "dotnet");
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    let says = "This hub has .NET's form of MessagePack, which these types do not describe: use JSON.";
    assert!(!project.read("web/src/hubs/call.ts").contains(says));
    project.change("contract/Cargo.toml", "typescript = ", "dotnet-messagepack = true\ntypescript = ");
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    assert!(project.read("web/src/hubs/call.ts").contains(&format!("throw new Error(\n      \"{says}\",\n    );")));
}

#[test]
fn features_are_those_of_the_configuration_and_stand_in_the_files() {
    let project = Project::new("board", "features");
    let manifest =
        project.read("contract/Cargo.toml").replace("typescript = ", "features = [\"extra\"]\ntypescript = ");
    project.write("contract/Cargo.toml", &format!("{manifest}\n[features]\nextra = []\nmore = []\n"));
    project.hubs(&["generate"]).expect(0, &["wrote"]);
    let header = "// Features of board-contract: extra\n";
    assert!(project.read("web/src/hubs/types.ts").contains(header));
    project.hubs(&["check"]).expect(0, &["all up to date"]);
    project.hubs(&["check", "--features", "more"]).expect(4, &["Stale `board-contract`"]);
    project.change("contract/Cargo.toml", "[\"extra\"]", "[\"none\"]");
    project.hubs(&["generate"]).expect(1, &["none", "extra"]);
}
