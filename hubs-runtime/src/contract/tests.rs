//! What one visit of a type gives, and what it refuses.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use ts_rs::TS;

use super::*;

macro_rules! wire {
    ($($item:item)*) => {
        $(#[derive(Serialize, Deserialize, JsonSchema, TS)] $item)*
    };
}

wire! {
    /// One line.
    #[serde(rename_all = "camelCase")]
    struct Message { id: u32, sent_at: String, /** Who. */ by: Option<Member>, total: i64, name: Name }
    struct Name { first: String }
    struct Member { name: String, #[serde(default)] nick: String }
    struct Page<T> { items: Vec<T>, next: Option<String> }
    struct Tree { children: Vec<Tree> }
    #[serde(transparent)]
    struct RoomId(String);
    struct Door { room: RoomId, span: std::ops::Range<u32>, seats: BTreeMap<String, u32> }
    #[serde(rename_all = "camelCase")]
    enum Kind { Joined, Left { reason: String }, Said(Message) }
    struct Gap { #[serde(skip_serializing_if = "Option::is_none")] note: Option<String> }
    struct Filled { #[serde(default, skip_serializing_if = "Option::is_none")] note: Option<String> }
    struct Secret { #[allow(dead_code, reason = "only the wire reads it")] #[serde(skip_serializing)] #[serde(default)] password: String }
    struct Holder { page: Page<Member> }
    struct MemberInput { a: u8 }
    struct With<T> { id: u8, #[serde(flatten)] more: T }
    #[ts(rename = "Here")]
    #[schemars(rename = "There")]
    struct Split { a: u8 }
}

mod other {
    use super::{Deserialize, JsonSchema, Serialize, TS};
    wire! { pub(super) struct Message { text: String } }
}

fn types<T: Serialize + DeserializeOwned + JsonSchema + TS + Send + 'static>() -> Result<registry::Types, ContractError>
{
    let mut registry = TypeRegistry::new();
    registry.visit::<T>(Direction::Input);
    registry.visit::<T>(Direction::Output);
    registry.finish()
}

fn descriptor(name: &'static str, path: &'static str, methods: &'static [MethodDescriptor]) -> InterfaceDescriptor {
    InterfaceDescriptor { name, rust_path: path, package: "demo", docs: " Docs.\n\n More.", deprecated: None, methods }
}

const PARAMS: &[ParamDescriptor] =
    &[ParamDescriptor { name: "room", flow: Flow::Value, ty: TypeDescriptor::of::<String>() }];

const fn method(name: &'static str, output: TypeDescriptor) -> MethodDescriptor {
    MethodDescriptor {
        name,
        rust_name: name,
        docs: "",
        deprecated: None,
        params: PARAMS,
        output: OutputDescriptor { flow: Flow::Value, ty: output },
    }
}

#[test]
fn a_type_is_described_on_both_sides() {
    let types = types::<Message>().unwrap().named;
    assert_eq!(types.keys().collect::<Vec<_>>(), ["Member", "Message", "Name"]);
    let message = &types["Message"];
    assert_eq!(message.rust_path, "hubs::contract::tests::Message");
    assert_eq!(message.docs, "One line.");
    assert!(message.ts.starts_with("type Message = { id: number, sentAt: string, "), "{}", message.ts);
    assert!(message.ts.contains("by: Member | null, total: number, name: Name"), "{}", message.ts);
    let input = message.input.as_ref().unwrap();
    assert_eq!(input["required"], json!(["id", "sentAt", "total", "name"]));
    assert_eq!(message.output.as_ref().unwrap()["required"], json!(["id", "sentAt", "by", "total", "name"]));
    assert_eq!(input["properties"]["by"]["anyOf"][0]["$ref"], "#/types/Member");
    assert!(types["Name"].output.is_none(), "equal to the input");
}

#[test]
fn a_generic_type_is_declared_once_and_has_a_schema_for_each_instance() {
    let mut registry = TypeRegistry::new();
    assert_eq!(registry.visit::<Page<Message>>(Direction::Output).ts, "Page<Message>");
    assert_eq!(registry.visit::<Vec<Page<Member>>>(Direction::Output).ts, "Array<Page<Member>>");
    let types = registry.finish().unwrap().named;
    let pages: Vec<_> = types.values().filter(|def| def.name == "Page").collect();
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[0].ts, pages[1].ts);
    assert_eq!(pages[0].ts, "type Page<T> = { items: Array<T>, next: string | null, };");
}

#[test]
fn types_without_a_name_are_written_out() {
    let types = types::<Door>().unwrap().named;
    assert_eq!(types.keys().collect::<Vec<_>>(), ["Door", "RoomId"]);
    assert!(types["RoomId"].input.is_none());
    let door = types["Door"].input.as_ref().unwrap();
    assert_eq!(door["properties"]["room"]["type"], "string");
    assert_eq!(door["properties"]["span"]["properties"]["start"]["type"], "integer");
    assert_eq!(
        types["Door"].ts,
        "type Door = { room: RoomId, span: { start: number, end: number, }, seats: { [key in string]: number }, };"
    );
}

#[test]
fn enums_and_types_that_hold_themselves_pass() {
    assert!(types::<Tree>().unwrap().named.contains_key("Tree"));
    assert!(types::<Vec<Kind>>().unwrap().named["Kind"].ts.contains(r#"{ "left": { reason: string, }, }"#));
    assert!(types::<Filled>().unwrap().named["Filled"].ts.contains("note?: string | null"));
}

#[test]
fn two_types_of_one_name_are_both_named() {
    let mut registry = TypeRegistry::new();
    registry.visit::<other::Message>(Direction::Input);
    registry.visit::<Vec<Message>>(Direction::Output);
    let error = registry.finish().unwrap_err();
    assert_eq!(
        error,
        ContractError::TwoTypes {
            name: "Message".to_owned(),
            first: "hubs::contract::tests::Message".to_owned(),
            second: "hubs::contract::tests::other::Message".to_owned()
        }
    );
}

#[test]
fn a_name_that_only_one_side_knows_is_an_error() {
    let error = types::<Split>().unwrap_err().to_string();
    assert!(error.contains("`Here` (`hubs::contract::tests::Split`)"), "{error}");
    assert!(error.contains("`There` in JSON Schema"), "{error}");
}

#[test]
fn what_is_read_has_a_type_of_its_own_where_it_differs() {
    let types = |ts: &str, input: Option<&str>| (ts.to_owned(), input.map(str::to_owned));
    let of = |def: &TypeDef| (def.ts.clone(), def.ts_input.clone());
    let gap = self::types::<Gap>().unwrap().named;
    assert_eq!(of(&gap["Gap"]), types("type Gap = { note?: string | null, };", None));
    let secret = self::types::<Vec<Secret>>().unwrap().named;
    let input = "type SecretInput = { password?: string, };";
    assert_eq!(of(&secret["Secret"]), types("type Secret = Record<string, never>;", Some(input)));
    let holder = self::types::<Holder>().unwrap().named;
    let input = "type HolderInput = { page: PageInput<MemberInput>, };";
    assert_eq!(of(&holder["Holder"]), types("type Holder = { page: Page<Member>, };", Some(input)));
    let input = "type PageInput<T> = { items: Array<T>, next?: string | null, };";
    assert_eq!(of(&holder["Page"]).1.as_deref(), Some(input));
}

#[test]
fn a_type_of_one_direction_has_its_own_name_only() {
    let mut registry = TypeRegistry::new();
    registry.visit::<Member>(Direction::Input);
    let types = registry.finish().unwrap();
    assert_eq!(
        (types.named["Member"].ts.as_str(), &types.named["Member"].ts_input),
        ("type Member = { name: string, nick?: string, };", &None)
    );
}

#[test]
fn an_input_needs_a_name_that_is_free() {
    let mut registry = TypeRegistry::new();
    registry.visit::<(Member, MemberInput)>(Direction::Input);
    registry.visit::<Member>(Direction::Output);
    let error = registry.finish().unwrap_err().to_string();
    assert!(error.starts_with("HUB104: pages send `Member` (hubs::contract::tests::Member)"), "{error}");
    assert!(error.contains("(`hubs::contract::tests::MemberInput`)"), "{error}");
}

#[test]
fn a_flattened_parameter_is_refused() {
    let error = types::<With<Member>>().unwrap_err().to_string();
    assert!(
        error.starts_with("HUB103: `With` (hubs::contract::tests::With) has the fields of its parameter"),
        "{error}"
    );
}

#[test]
fn the_document_is_sorted_and_says_where_nothing_comes_back() {
    const HUB: &[MethodDescriptor] =
        &[method("Send", TypeDescriptor::of::<()>()), method("Ask", TypeDescriptor::of::<Option<Message>>())];
    const CLIENT: &[MethodDescriptor] = &[method("Receive", TypeDescriptor::of::<()>())];
    let b = (descriptor("B", "demo::B", HUB), Some(descriptor("Client", "demo::Client", CLIENT)));
    let a = (descriptor("A", "demo::A", &[]), Some(descriptor("Client", "demo::Client", CLIENT)));
    let contract = contract_of("demo", &[b, a]).unwrap();
    assert_eq!(contract, contract_of("demo", &[a, b]).unwrap());
    assert_eq!(contract.hubs.iter().map(|hub| hub.name.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    let methods = &contract.hubs[1].methods;
    assert_eq!(contract.hubs[1].docs, "Docs.\n\nMore.");
    assert_eq!((methods[0].name.as_str(), methods[1].name.as_str()), ("Ask", "Send"));
    assert_eq!(methods[0].output.ty.as_ref().unwrap().ts, "Message | null");
    assert_eq!(methods[1].output, Output { flow: ContractFlow::None, ty: None });
    let text = contract.to_json().unwrap();
    assert_eq!(serde_json::from_str::<Contract>(&text).unwrap(), contract);
}

#[test]
fn two_hubs_of_one_name_are_both_named() {
    let hub = |path| (descriptor("A", path, &[]), None);
    let error = contract_of("demo", &[hub("demo::one::A"), hub("demo::two::A")]).unwrap_err();
    assert!(error.to_string().contains("`demo::one::A` and `demo::two::A`"), "{error}");
}

#[test]
fn a_package_without_hubs_is_told_so() {
    let error = contract("nobody").unwrap_err().to_string();
    assert!(error.starts_with("no hub found in package `nobody`"), "{error}");
}
