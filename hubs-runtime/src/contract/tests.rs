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
    struct Numbered { seats: BTreeMap<u32, u8> }
    #[schemars(extend("x-hubs-buffered" = true))]
    #[serde(untagged)]
    enum Marked { A { inside: Vec<Numbered> }, B(BTreeMap<String, u8>) }
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

/// The names of an object's fields, in order.
fn fields(def: &TypeDef) -> Vec<&str> {
    let Some(Shape::Object(fields)) = &def.shape else { panic!("{:?}", def.shape) };
    fields.iter().map(|field| field.name.as_str()).collect()
}

fn descriptor(name: &'static str, path: &'static str, methods: &'static [MethodDescriptor]) -> InterfaceDescriptor {
    InterfaceDescriptor {
        name,
        rust_path: path,
        package: "demo",
        docs: " Docs.\n\n More.",
        deprecated: None,
        requirement: None,
        methods,
    }
}

const PARAMS: &[ParamDescriptor] =
    &[ParamDescriptor { name: "room", flow: Flow::Value, ty: TypeDescriptor::of::<String>() }];

const fn method(name: &'static str, output: TypeDescriptor) -> MethodDescriptor {
    MethodDescriptor {
        name,
        rust_name: name,
        docs: "",
        deprecated: None,
        cancellable: false,
        requirement: None,
        resumable: false,
        rate: None,
        delivery: crate::ids::Delivery::Must,
        params: PARAMS,
        output: OutputDescriptor { flow: Flow::Value, ty: output },
        error: None,
    }
}

#[test]
fn a_type_is_described_on_both_sides() {
    let types = types::<Message>().unwrap().named;
    assert_eq!(types.keys().collect::<Vec<_>>(), ["Member", "Message", "Name"]);
    let message = &types["Message"];
    assert_eq!(message.rust_path, "hubs::contract::tests::Message");
    assert_eq!(message.docs, "One line.");
    assert_eq!(fields(message), ["id", "sentAt", "by", "total", "name"]);
    let input = message.input.as_ref().unwrap();
    assert_eq!(input["required"], json!(["id", "sentAt", "total", "name"]));
    assert_eq!(message.output.as_ref().unwrap()["required"], json!(["id", "sentAt", "by", "total", "name"]));
    assert_eq!(input["properties"]["by"]["anyOf"][0]["$ref"], "#/types/Member");
    assert!(types["Name"].output.is_none(), "equal to the input");
}

#[test]
fn a_generic_type_is_declared_once_and_has_a_schema_for_each_instance() {
    let mut registry = TypeRegistry::new();
    let page = |of: &str| json!({"type": {"name": "Page", "args": [{"type": {"name": of}}]}});
    let shape = |ty: TypeRef| serde_json::to_value(ty.shape).unwrap();
    assert_eq!(shape(registry.visit::<Page<Message>>(Direction::Output)), page("Message"));
    assert_eq!(shape(registry.visit::<Vec<Page<Member>>>(Direction::Output)), json!({"list": page("Member")}));
    let types = registry.finish().unwrap().named;
    let pages: Vec<_> = types.values().filter(|def| def.name == "Page").collect();
    assert_eq!(pages.len(), 2);
    assert_eq!((&pages[0].shape, &pages[0].params), (&pages[1].shape, &pages[1].params));
    assert_eq!((pages[0].params.as_slice(), fields(pages[0])), (&["T".to_owned()][..], vec!["items", "next"]));
}

#[test]
fn types_without_a_name_are_written_out() {
    let types = types::<Door>().unwrap().named;
    assert_eq!(types.keys().collect::<Vec<_>>(), ["Door", "RoomId"]);
    assert_eq!((&types["RoomId"].input, &types["RoomId"].shape), (&None, &Some(Shape::String)));
    let door = types["Door"].input.as_ref().unwrap();
    assert_eq!(door["properties"]["room"]["type"], "string");
    assert_eq!(door["properties"]["span"]["properties"]["start"]["type"], "integer");
    let room = json!({"name": "room", "shape": {"type": {"name": "RoomId"}}});
    assert_eq!(serde_json::to_value(&types["Door"].shape).unwrap()["object"][0], room);
}

#[test]
fn enums_and_types_that_hold_themselves_pass() {
    assert!(types::<Tree>().unwrap().named.contains_key("Tree"));
    let kind = serde_json::to_value(&types::<Vec<Kind>>().unwrap().named["Kind"].shape).unwrap();
    assert_eq!(kind["union"][0], json!({"const": "joined"}));
    assert_eq!(kind["union"][2]["object"][0]["shape"], json!({"type": {"name": "Message"}}));
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
fn a_shape_names_types_of_the_document_only() {
    let types = types::<Vec<serde_json::Value>>().unwrap();
    assert!(types.named.is_empty(), "{:?}", types.named);
    let any =
        TypeRef { schema: json!(true), shape: Some(Shape::Type { name: "JsonValue".to_owned(), args: Vec::new() }) };
    assert_eq!(types.resolve(any, Direction::Input).unwrap().shape, None);
}

#[test]
fn keys_that_serde_cannot_read_are_refused() {
    let error = types::<Vec<Marked>>().unwrap_err().to_string();
    assert!(error.starts_with("HUB105: `Marked.inside.seats` (hubs::contract::tests::Marked) has numbers"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    let mut registry = TypeRegistry::new();
    registry.visit::<Marked>(Direction::Output);
    let named = registry.finish().unwrap().named;
    assert!(!serde_json::to_string(&named).unwrap().contains("x-hubs"));
}

#[test]
fn hubs_are_sorted_and_methods_stand_as_in_their_trait() {
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
    assert_eq!((methods[0].name.as_str(), methods[1].name.as_str()), ("Send", "Ask"));
    assert_eq!(methods[1].output.ty.as_ref().unwrap().schema["anyOf"][0]["$ref"], "#/types/Message");
    assert_eq!(methods[0].output, Output { flow: ContractFlow::None, ty: None });
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
    let error = contract("unknown").unwrap_err().to_string();
    assert!(error.starts_with("no hub found in package `unknown`"), "{error}");
}

#[test]
fn the_errors_that_a_method_names_are_in_the_document() {
    const METHODS: &[MethodDescriptor] = &[
        MethodDescriptor { error: Some(TypeDescriptor::of::<Member>()), ..method("Join", TypeDescriptor::of::<()>()) },
        method("Leave", TypeDescriptor::of::<()>()),
    ];
    let contract = contract_of("demo", &[(descriptor("Hub", "demo::Hub", METHODS), None)]).unwrap();
    let methods = &contract.hubs[0].methods;
    assert_eq!(methods[0].error.as_ref().unwrap().schema["$ref"], "#/types/Member");
    assert!(methods[1].error.is_none() && contract.types.contains_key("Member"));
}

#[test]
fn the_rate_of_a_method_is_in_the_document() {
    const METHODS: &[MethodDescriptor] =
        &[method("Find", TypeDescriptor::of::<()>()).with_rate(90, 60), method("Leave", TypeDescriptor::of::<()>())];
    let contract = contract_of("demo", &[(descriptor("Hub", "demo::Hub", METHODS), None)]).unwrap();
    let rates: Vec<_> = contract.hubs[0].methods.iter().map(|method| method.rate).collect();
    assert_eq!(rates, [Some(Rate { calls: 90, seconds: 60 }), None]);
    assert_eq!(contract.to_json().unwrap().matches("\"rate\"").count(), 1);
}

#[test]
#[should_panic(expected = "goes on a method that returns `HubResult<HubStream<T>>`")]
fn only_a_stream_can_be_resumed() {
    crate::__private::method("Answer", "answer").gives::<crate::HubResult<String>>().with_resumption();
}

#[test]
#[should_panic(expected = "takes no `UploadStream`: it could not be sent again")]
fn an_upload_cannot_be_resumed() {
    let words = [crate::__private::param::<crate::UploadStream<String>>("words")];
    let words: &'static [ParamDescriptor] = Box::leak(Box::new(words));
    crate::__private::method("Echo", "echo")
        .takes(words)
        .gives::<crate::HubResult<crate::HubStream<String>>>()
        .with_resumption();
}
