//! Methods that change: what happens to a page that does what `page` says.

use crate::pair::methods;

type Cx = hubs::HubCallerContext<hubs::NoClient>;

methods! {
    method_removed, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.b();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; async fn b(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    method_added, AS_IT_LOOKS, PageSends 'C' 'C', "await hub.a();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; async fn b(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    method_renamed, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn b(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    method_renamed_on_the_wire, LOOKS_COMPATIBLE, PageSends 'B' 'C', "await hub.a();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { #[method(name = "other")] async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    method_renamed_in_code, AS_IT_LOOKS, PageSends 'C' 'B', "await hub.a();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { #[method(name = "A")] async fn b(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    methods_reordered, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a(); await hub.b();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; async fn b(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn b(&self, cx: &crate::methods::Cx) -> HubResult<()>; async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    method_deprecated, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { #[deprecated = "use b"] async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    parameter_added, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, x: u8) -> HubResult<()>; } };
    optional_parameter_added, LOOKS_COMPATIBLE, PageSends 'C' 'B', "await hub.a();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, x: Option<u8>) -> HubResult<()>; } };
    parameter_removed, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a(1);",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, x: u8) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    parameter_renamed, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a(1);",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, x: u8) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, y: u8) -> HubResult<()>; } };
    parameters_swapped, LOOKS_COMPATIBLE, PageSends 'B' 'R', "await hub.a(1, 2);",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, x: u8, y: u8) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, y: u8, x: u8) -> HubResult<()>; } };
    value_to_stream, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a(1);",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, x: u8) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx, x: UploadStream<u8>) -> HubResult<()>; } };
    answer_to_stream, AS_IT_LOOKS, PageSends 'B' 'B', "const x: number = await hub.a(); console.log(x);",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<u8>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<HubStream<u8>>; } };
    item_of_a_stream, AS_IT_LOOKS, ServerSends 'B' 'B', "for await (const x of hub.a()) { const y: number = x; console.log(y); }",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<HubStream<u8>>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<HubStream<String>>; } };
    answer_added, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a();",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<u8>; } };
    answer_removed, AS_IT_LOOKS, PageSends 'B' 'B', "const x: number = await hub.a(); console.log(x);",
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<u8>; } } =>
        { #[hub] pub trait H { async fn a(&self, cx: &crate::methods::Cx) -> HubResult<()>; } };
    event_removed, LOOKS_COMPATIBLE, ServerSends 'C' 'B', "api.registerC(connection, { a() {}, b() {} });",
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; async fn b(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} } =>
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} };
    event_added, LOOKS_COMPATIBLE, ServerSends 'C' 'B', "api.registerC(connection, { a() {} });",
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} } =>
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; async fn b(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} };
    question_added, LOOKS_COMPATIBLE, ServerSends 'B' 'B', "api.registerC(connection, { a() {} });",
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} } =>
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; async fn b(&self) -> HubResult<bool>; } #[hub(client = C)] pub trait H {} };
    event_with_more, LOOKS_BREAKING, ServerSends 'C' 'C', "api.registerC(connection, { a() {} });",
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} } =>
        { #[client_interface] pub trait C { async fn a(&self, x: u8) -> HubResult<()>; } #[hub(client = C)] pub trait H {} };
    event_with_less, AS_IT_LOOKS, ServerSends 'B' 'B', "api.registerC(connection, { a(x: number) { console.log(x); } });",
        { #[client_interface] pub trait C { async fn a(&self, x: u8) -> HubResult<()>; } #[hub(client = C)] pub trait H {} } =>
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} };
    event_asks_now, AS_IT_LOOKS, ServerSends 'B' 'B', "api.registerC(connection, { a() {} });",
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} } =>
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<bool>; } #[hub(client = C)] pub trait H {} };
    event_asks_no_more, LOOKS_COMPATIBLE, ServerSends 'C' 'B', "api.registerC(connection, { a: () => true });",
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<bool>; } #[hub(client = C)] pub trait H {} } =>
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} };
    client_renamed, AS_IT_LOOKS, ServerSends 'C' 'B', "api.registerC(connection, { a() {} });",
        { #[client_interface] pub trait C { async fn a(&self) -> HubResult<()>; } #[hub(client = C)] pub trait H {} } =>
        { #[client_interface] pub trait D { async fn a(&self) -> HubResult<()>; } #[hub(client = D)] pub trait H {} };
}
