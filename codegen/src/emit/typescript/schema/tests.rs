//! What one type becomes, in both directions, and what is refused.

#![allow(deprecated, reason = "deprecated types are part of the contracts here")]

use std::collections::BTreeMap;

use hubs::{
    Bytes,
    contract::{
        Contract, ContractFlow, Direction, FORMAT, HubContract, HubType, Method, Output, Param, Rate, TypeRegistry,
    },
    hub_type,
};

use super::Types;
use crate::emit::{Emitter as _, typescript::TypeScript};

macro_rules! wire {
    ($($item:item)*) => {
        $(#[hub_type] #[allow(dead_code, deprecated, reason = "only what it is called and made of counts")] $item)*
    };
}

wire! {
    struct Member { name: String, #[serde(default)] nick: String }
    struct Page<T> { items: Vec<T>, next: Option<String> }
    struct Gap { #[serde(skip_serializing_if = "Option::is_none")] note: Option<String> }
    struct Secret { #[serde(skip_serializing)] #[serde(default)] password: String }
    struct Holder { page: Page<Member> }
    struct MemberInput { a: u8 }
    struct With<T> { id: u8, #[serde(flatten)] more: T }
    #[serde(transparent)]
    struct RoomId(String);
    struct Door { room: RoomId, span: std::ops::Range<u32>, seats: BTreeMap<String, u32>, #[schemars(with = "u8")] any: u8 }
    enum Kind { Joined, Left { reason: String }, Said(Member) }
    struct Draft {
        #[serde(default = "panics")] at: u32,
        #[serde(default = "panics", skip_serializing_if = "is_zero")] by: u32,
    }
    #[serde(default)]
    struct Whole { at: u32, #[serde(skip_serializing_if = "is_zero")] by: u32 }
    struct Profile { name: String, #[serde(flatten)] extra: BTreeMap<String, serde_json::Value> }
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    struct Cell { x: u8 }
    struct Board { by_cell: BTreeMap<Cell, u8>, by_pair: BTreeMap<(u8, u8), u8> }
    #[serde(tag = "kind")]
    enum Event { Said(String), Rated(u8), Closed, Held(Member) }
    /// What it was.
    #[deprecated = "take `Member`"]
    struct Old { #[deprecated = "never read"] a: u8, /** Counted. */ b: u8 }
    enum Tone { /** The first. */ Low, #[deprecated = "too loud"] High, Middle, /** Holds. */ Other { hertz: u8 } }
    #[serde(tag = "kind")]
    enum Step { /** Goes. */ Go { far: u8 }, #[deprecated] Stop }
    struct Flat { id: u32, #[serde(flatten)] list: Vec<u8> }
    #[serde(transparent)]
    struct Count(u32);
    struct Counted { #[serde(flatten)] count: Count, #[serde(flatten)] maybe: Option<String> }
    enum Inside { A { #[serde(flatten)] #[schemars(with = "bool")] flag: Member } }
    enum Mood { Calm, Busy }
    #[serde(tag = "kind")]
    enum Maybe { A(Option<u8>), B(Mood), C(()) }
    struct Fine {
        #[serde(flatten)] mood: Mood,
        #[serde(flatten)] more: Option<Member>,
        #[serde(flatten)] rest: BTreeMap<String, String>,
    }
}

fn panics() -> u32 {
    panic!("a default is evaluated")
}

impl Default for Whole {
    fn default() -> Self {
        Self { at: panics(), by: panics() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it like this")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

fn refused<T: HubType>() -> String {
    let mut registry = TypeRegistry::new();
    registry.visit::<T>(Direction::Output);
    registry.finish().unwrap_err().to_string()
}

#[test]
fn no_default_is_evaluated() {
    for (found, name) in [(contract::<Draft>(BOTH), "Draft"), (contract::<Whole>(BOTH), "Whole")] {
        let (read, written) = (&found.types[name].input, &found.types[name].output);
        assert!(!found.to_json().unwrap().contains("\"default\""), "{found:?}");
        assert_eq!(read.as_ref().unwrap().get("required"), None);
        assert_eq!(written.as_ref().unwrap()["required"], serde_json::json!(["at"]));
    }
}

#[test]
fn whatever_other_fields_there_are_is_said() {
    let profile = "type Profile = { name: string } & { [key in string]: unknown };";
    assert_eq!(declared::<Profile>("Profile").0, profile);
}

#[test]
fn what_is_said_about_fields_and_variants_reaches_typescript() {
    let contract = contract::<(Old, Tone, Step)>(BOTH);
    let files = TypeScript::default().emit(&contract).unwrap();
    let types = &files.iter().find(|file| file.path == "types.ts").unwrap().text;
    for expected in [
        "/**\n * What it was.\n *\n * @deprecated take `Member`\n */\nexport interface Old {",
        "  /** @deprecated never read */\n  a: number;\n  /** Counted. */\n  b: number;",
        "/**\n * - `\"low\"`: The first.\n * - `\"high\"`: @deprecated too loud\n */\nexport type Tone =",
        "/** Holds. */\n      other: { hertz: number };",
        "/** Goes. */\n      kind: \"go\";",
        "/** @deprecated */\n      kind: \"stop\";",
    ] {
        assert!(types.contains(expected), "{expected}\nis not in\n{types}");
    }
}

#[test]
fn keys_without_a_text_are_refused() {
    let error = refused::<Board>();
    assert!(error.contains("HUB106: `Board.byCell` (hubs_codegen::"), "{error}");
    assert!(error.contains("is a map with tuples as keys"), "{error}");
}

#[test]
fn what_has_no_fields_cannot_stand_among_fields() {
    let error = refused::<Event>();
    assert!(error.contains("HUB107: `Event(said)` (hubs_codegen::"), "{error}");
    assert!(error.contains("is a number") && error.lines().count() == 2, "{error}");
    let error = refused::<Flat>();
    assert!(error.contains("HUB107: `Flat.list` (hubs_codegen::") && error.contains("is a list"), "{error}");
    let error = refused::<Counted>();
    assert!(error.contains("`Counted.count` (hubs_codegen::") && error.contains("is a number"), "{error}");
    assert!(error.contains("`Counted.maybe` (hubs_codegen::") && error.contains("is text"), "{error}");
    assert!(refused::<Inside>().contains("HUB107: `Inside(A).flag` (hubs_codegen::"));
    let error = refused::<Maybe>();
    assert!(error.contains("HUB107: `Maybe(a)` (hubs_codegen::") && error.lines().count() == 1, "{error}");
    contract::<Fine>(BOTH);
}

/// A contract in which `T` passes in these directions.
fn contract<T: HubType>(directions: &[Direction]) -> Contract {
    let mut registry = TypeRegistry::new();
    let roots: Vec<_> = directions.iter().map(|way| (*way, registry.visit::<T>(*way))).collect();
    let types = registry.finish().unwrap();
    let mut method = Method {
        name: "M".to_owned(),
        rust_name: "m".to_owned(),
        docs: String::new(),
        deprecated: None,
        cancellable: false,
        authorize: None,
        resumable: false,
        idempotent: false,
        rate: None,
        slow_readers: None,
        durable: false,
        params: Vec::new(),
        output: Output { flow: ContractFlow::None, ty: None },
        error: None,
    };
    for (direction, ty) in roots {
        let ty = types.resolve(ty, direction).unwrap();
        match direction {
            Direction::Input => method.params.push(Param { name: "p".to_owned(), flow: ContractFlow::Value, ty }),
            Direction::Output => method.output = Output { flow: ContractFlow::Value, ty: Some(ty) },
        }
    }
    let hub = HubContract {
        name: "H".to_owned(),
        rust_path: "demo::H".to_owned(),
        docs: String::new(),
        deprecated: None,
        authorize: None,
        methods: vec![method],
        client: None,
    };
    Contract {
        format: FORMAT,
        package: "demo".to_owned(),
        features: Vec::new(),
        dotnet_messagepack: false,
        hubs: vec![hub],
        types: types.named,
    }
}

#[test]
fn how_often_a_method_may_be_called_is_in_its_comment() {
    let mut contract = contract::<Member>(BOTH);
    contract.hubs[0].methods[0].rate = Some(Rate { calls: 90, seconds: 60 });
    let files = TypeScript::default().emit(&contract).expect("it is written");
    let text = "At most 90 calls per minute on one connection; further ones fail.";
    assert!(files.iter().any(|file| file.text.contains(text)), "{:?}", files.last());
}

const BOTH: &[Direction] = &[Direction::Input, Direction::Output];

/// The declaration of `name` in a contract with `T` in both directions, and the one for what pages send.
fn declared<T: HubType>(name: &str) -> (String, Option<String>) {
    Types::new(&contract::<T>(BOTH)).declaration_text(name).unwrap()
}

fn error<T: HubType>() -> String {
    Types::new(&contract::<T>(BOTH)).check().unwrap_err().to_string()
}

#[test]
fn what_is_read_has_a_type_of_its_own_where_it_differs() {
    assert_eq!(declared::<Gap>("Gap"), ("type Gap = { note?: string | null };".to_owned(), None));
    let (secret, input) = declared::<Vec<Secret>>("Secret");
    assert_eq!(secret, "type Secret = Record<string, never>;");
    assert_eq!(input.unwrap(), "type SecretInput = { password?: string };");
    let (holder, input) = declared::<Holder>("Holder");
    assert_eq!(holder, "type Holder = { page: Page<Member> };");
    assert_eq!(input.unwrap(), "type HolderInput = { page: PageInput<MemberInput> };");
    let (page, input) = declared::<Holder>("Page");
    assert_eq!(page, "type Page<T> = { items: Array<T>; next: string | null };");
    assert_eq!(input.unwrap(), "type PageInput<T> = { items: Array<T>; next?: string | null };");
}

#[test]
fn names_order_and_choices_are_those_of_rust() {
    let door = "type Door = { room: RoomId; span: { start: number; end: number }; seats: { [key in string]: number }; \
                any: number };";
    assert_eq!(declared::<Door>("Door").0, door);
    assert_eq!(declared::<Door>("RoomId").0, "type RoomId = string;");
    let kind = "type Kind = \"joined\" | { left: { reason: string } } | { said: Member };";
    assert_eq!(declared::<Kind>("Kind").0, kind);
}

#[test]
fn what_a_parameter_stands_for_is_said_by_the_schema() {
    let contract = contract::<(Page<BTreeMap<bool, u8>>, Page<Option<Bytes>>)>(&[Direction::Output]);
    let types = Types::new(&contract);
    let used = types.text(contract.hubs[0].methods[0].output.ty.as_ref().unwrap(), Direction::Output);
    assert_eq!(used, "[Page<{ [key in string]: number }>, Page<string | Uint8Array | null>]");
}

#[test]
fn a_type_of_one_direction_has_its_own_name_only() {
    let contract = contract::<Member>(&[Direction::Input]);
    let expected = ("type Member = { name: string; nick?: string };".to_owned(), None);
    assert_eq!(Types::new(&contract).declaration_text("Member"), Some(expected));
}

#[test]
fn an_input_needs_a_name_that_is_free() {
    let error = error::<(Member, MemberInput)>();
    assert!(error.starts_with("HUB104: pages send `Member` (hubs_codegen::"), "{error}");
    assert!(error.contains("schema::tests::MemberInput`)"), "{error}");
}

#[test]
fn a_flattened_parameter_is_refused() {
    let error = error::<With<Member>>();
    assert!(error.starts_with("HUB103: `With` (hubs_codegen::"), "{error}");
    assert!(error.contains("has the fields of its parameter"), "{error}");
}
