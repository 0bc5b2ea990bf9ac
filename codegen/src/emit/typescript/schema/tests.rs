//! What one type becomes, in both directions, and what is refused.

use std::collections::BTreeMap;

use hubs::{
    Bytes,
    contract::{Contract, ContractFlow, Direction, FORMAT, HubContract, HubType, Method, Output, Param, TypeRegistry},
    hub_type,
};

use super::Types;

macro_rules! wire {
    ($($item:item)*) => {
        $(#[hub_type] #[allow(dead_code, reason = "only what it is called and made of counts")] $item)*
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
        methods: vec![method],
        client: None,
    };
    Contract { format: FORMAT, package: "demo".to_owned(), hubs: vec![hub], types: types.named }
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
