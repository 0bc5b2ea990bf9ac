//! What one visit of a type gives, and what it refuses.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::hub_type;

macro_rules! wire {
    ($($item:item)*) => {
        $(#[hub_type] #[allow(dead_code, reason = "types are described, and no values made")] $item)*
    };
}

wire! {
    /// One line.
    struct Message { id: u32, sent_at: String, /** Who. */ by: Option<Member>, total: i64, name: Name }
    struct Name { first: String }
    struct Member { name: String, #[serde(default)] nick: String }
    struct Page<T> { items: Vec<T>, next: Option<String> }
    struct Tree { children: Vec<Tree> }
    #[serde(transparent)]
    struct RoomId(String);
    struct Door { room: RoomId, span: std::ops::Range<u32>, seats: BTreeMap<String, u32> }
    enum Kind { Joined, Left { reason: String }, Said(Message) }
    enum Never {}
    struct Numbered { seats: BTreeMap<u32, u8> }
    #[serde(untagged)]
    enum Marked { A { inside: Vec<Numbered> }, B(BTreeMap<String, u8>) }
}

mod other {
    use crate::hub_type;
    wire! { pub(super) struct Message { text: String } }
}

/// Names that the standard library has, too, and other names for what it has.
mod named_like_others {
    use std::{marker::PhantomData, time::Duration as Wait};

    use crate::hub_type;
    wire! {
        pub(super) struct Option { label: String }
        pub(super) struct LinkedList { next: std::option::Option<Box<LinkedList>> }
        pub(super) struct Duration<T> { of: T }
        pub(super) struct SystemTime { zone: u8, at: std::time::SystemTime }
        pub(super) struct String { wait: Wait, waits: std::collections::VecDeque<Wait> }
        pub(super) struct Poll { options: Vec<Option>, list: LinkedList, of: Duration<u8>, time: SystemTime, text: String }
        pub(super) struct Id<T> { raw: u64, #[serde(skip)] of: PhantomData<T>, too: PhantomData<T> }
    }
    /// Has no `#[hub_type]`.
    pub(super) struct Unknown;
}

trait Kept {}

wire! {
    struct Row<T: Kept> { value: T, name: String }
    struct Table<K, T> where T: Kept, K: Ord { rows: Vec<Row<T>>, by: BTreeMap<String, (K, T)>, name: String, #[serde(flatten)] last: T }
}

impl Kept for Member {}

fn types<T: HubType>() -> Result<registry::Types, ContractError> {
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
        presence: None,
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
        idempotent: false,
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
fn the_compiler_decides_which_type_a_field_has() {
    use named_like_others::{Id, Poll, Unknown};
    let types = types::<(Poll, Id<Unknown>, Id<u8>)>().unwrap().named;
    assert_eq!(
        types.keys().collect::<Vec<_>>(),
        ["Duration<uint8>", "Id", "LinkedList", "Option", "Poll", "String", "SystemTime"]
    );
    let shape = |name: &str| serde_json::to_value(&types[name].shape).unwrap();
    let field = |name: &str, shape| json!({"name": name, "shape": shape});
    let own = |name: &str| json!({"type": {"name": name}});
    let duration = json!({"type": {"name": "Duration", "args": ["number"]}});
    let poll = [
        field("options", json!({"list": own("Option")})),
        field("list", own("LinkedList")),
        field("of", duration),
        field("time", own("SystemTime")),
        field("text", own("String")),
    ];
    assert_eq!(shape("Poll"), json!({"object": poll}));
    assert_eq!(types["Duration<uint8>"].params, ["T"]);
    assert!(types["Id"].params.is_empty(), "no value of it crosses the wire");
    assert_eq!(shape("Id"), json!({"object": [field("raw", json!("number")), field("too", json!("null"))]}));
    let wait = &types["String"].input.as_ref().unwrap()["properties"]["wait"];
    assert_eq!(wait["required"], json!(["secs", "nanos"]));
    let time = &types["SystemTime"].input.as_ref().unwrap()["properties"];
    assert_eq!(time["at"]["required"], json!(["secs_since_epoch", "nanos_since_epoch"]), "{time}");
}

#[test]
fn parameters_with_bounds_of_ones_own_stay_parameters() {
    let table = |types: registry::Types| {
        let (_, table) = types.named.into_iter().find(|(_, def)| def.name == "Table").unwrap();
        (table.params, serde_json::to_value(table.shape).unwrap())
    };
    let (params, shape) = table(types::<Table<u8, Member>>().unwrap());
    assert_eq!(params, ["K", "T"]);
    let param = |name: &str| json!({"type": {"name": name}});
    let own = [
        json!({"name": "rows", "shape": {"list": {"type": {"name": "Row", "args": [param("T")]}}}}),
        json!({"name": "by", "shape": {"map": {"keys": "string", "values": {"tuple": [param("K"), param("T")]}}}}),
        json!({"name": "name", "shape": "string"}),
    ];
    assert_eq!(shape, json!({"all": [{"object": own}, param("T")]}));
}

#[test]
fn an_enum_without_variants_has_no_values() {
    let types = types::<Option<Never>>().unwrap().named;
    assert_eq!((&types["Never"].input, &types["Never"].shape), (&Some(json!(false)), &Some(Shape::Never)));
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
    crate::__private::method("Answer", "answer")
        .gives(<crate::HubResult<String> as crate::__private::Gives>::GIVES)
        .with_resumption();
}

#[test]
#[should_panic(expected = "takes no `UploadStream`: it could not be sent again")]
fn an_upload_cannot_be_resumed() {
    let ty = TypeDescriptor::of::<String>();
    let words = [ParamDescriptor { name: "words", flow: Flow::Stream, ty }];
    let words: &'static [ParamDescriptor] = Box::leak(Box::new(words));
    crate::__private::method("Echo", "echo")
        .takes(words)
        .gives(<crate::HubResult<crate::HubStream<String>> as crate::__private::Gives>::GIVES)
        .with_resumption();
}
