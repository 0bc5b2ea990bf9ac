//! Methods that change, with what the code of an old page does with them: C compatible, R risky, B breaking; on the
//! wire, then in the source.

use crate::pair::methods;

methods! {
    method_removed, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.b();",
        { a() -> (); b() -> (); } =>
        { a() -> (); };
    method_added, AS_IT_LOOKS, PageSends 'C' 'C', "await hub.a();",
        { a() -> (); } =>
        { a() -> (); b() -> (); };
    method_renamed, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a();",
        { a() -> (); } =>
        { b() -> (); };
    method_renamed_on_the_wire, LOOKS_COMPATIBLE, PageSends 'B' 'C', "await hub.a();",
        { a() -> (); } =>
        { #[method(name = "other")] a() -> (); };
    method_renamed_in_code, AS_IT_LOOKS, PageSends 'C' 'B', "await hub.a();",
        { a() -> (); } =>
        { #[method(name = "A")] b() -> (); };
    methods_reordered, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a(); await hub.b();",
        { a() -> (); b() -> (); } =>
        { b() -> (); a() -> (); };
    method_deprecated, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a();",
        { a() -> (); } =>
        { #[deprecated = "use b"] a() -> (); };
    parameter_added, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a();",
        { a() -> (); } =>
        { a(x: u8) -> (); };
    optional_parameter_added, AS_IT_LOOKS, PageSends 'C' 'C', "await hub.a();",
        { a() -> (); } =>
        { a(x: Option<u8>) -> (); };
    parameter_removed, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a(1);",
        { a(x: u8) -> (); } =>
        { a() -> (); };
    parameter_renamed, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a(1);",
        { a(x: u8) -> (); } =>
        { a(y: u8) -> (); };
    parameters_swapped, LOOKS_COMPATIBLE, PageSends 'B' 'R', "await hub.a(1, 2);",
        { a(x: u8, y: u8) -> (); } =>
        { a(y: u8, x: u8) -> (); };
    value_to_stream, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a(1);",
        { a(x: u8) -> (); } =>
        { a(x: UploadStream<u8>) -> (); };
    answer_to_stream, AS_IT_LOOKS, PageSends 'B' 'B', "const x: number = await hub.a(); console.log(x);",
        { a() -> u8; } =>
        { a() -> HubStream<u8>; };
    item_of_a_stream, AS_IT_LOOKS, ServerSends 'B' 'B', "for await (const x of hub.a()) { const y: number = x; console.log(y); }",
        { a() -> HubStream<u8>; } =>
        { a() -> HubStream<String>; };
    item_of_an_upload, AS_IT_LOOKS, PageSends 'B' 'B', "await hub.a((async function* () { yield 1; })());",
        { a(x: UploadStream<u8>) -> (); } =>
        { a(x: UploadStream<String>) -> (); };
    stream_resumes_now, LOOKS_BREAKING, PageSends 'C' 'C', "for await (const x of hub.a()) { const y: number = x; console.log(y); }",
        { a() -> HubStream<u8>; } =>
        { #[method(resumable)] a() -> HubStream<u8>; };
    stream_resumes_no_more, LOOKS_COMPATIBLE, PageSends 'B' 'C', "for await (const x of hub.a()) { const y: number = x; console.log(y); }",
        { #[method(resumable)] a() -> HubStream<u8>; } =>
        { a() -> HubStream<u8>; };
    stream_still_resumes, LOOKS_BREAKING, PageSends 'C' 'C', "for await (const x of hub.a()) { const y: number = x; console.log(y); }",
        { #[method(resumable)] a() -> HubStream<u8>; } =>
        { #[method(resumable)] #[deprecated = "use b"] a() -> HubStream<u8>; };
    call_becomes_idempotent, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a();",
        { a() -> (); } =>
        { #[method(idempotent)] a() -> (); };
    answer_added, LOOKS_BREAKING, PageSends 'C' 'C', "await hub.a();",
        { a() -> (); } =>
        { a() -> u8; };
    answer_removed, AS_IT_LOOKS, PageSends 'B' 'B', "const x: number = await hub.a(); console.log(x);",
        { a() -> u8; } =>
        { a() -> (); };
    event_removed, AS_IT_LOOKS, ServerSends 'B' 'B', "api.registerC(connection, { a() {}, b() {} });",
        { client C CContract: a() -> (); b() -> (); } =>
        { client C CContract: a() -> (); };
    event_added, LOOKS_COMPATIBLE, ServerSends 'C' 'B', "api.registerC(connection, { a() {} });",
        { client C CContract: a() -> (); } =>
        { client C CContract: a() -> (); b() -> (); };
    question_added, LOOKS_COMPATIBLE, ServerSends 'B' 'B', "api.registerC(connection, { a() {} });",
        { client C CContract: a() -> (); } =>
        { client C CContract: a() -> (); b() -> bool; };
    event_becomes_durable, LOOKS_BREAKING, ServerSends 'C' 'C', "api.registerC(connection, { a() {} });",
        { client C CContract: a() -> (); } =>
        { client C CContract: #[method(durable)] a() -> (); };
    event_renamed_on_the_wire, LOOKS_COMPATIBLE, ServerSends 'B' 'C', "api.registerC(connection, { a() {} });",
        { client C CContract: a() -> (); } =>
        { client C CContract: #[method(name = "other")] a() -> (); };
    event_parameters_swapped, LOOKS_COMPATIBLE, ServerSends 'B' 'R', "api.registerC(connection, { a(x: number, y: number) { console.log(x, y); } });",
        { client C CContract: a(x: u8, y: u8) -> (); } =>
        { client C CContract: a(y: u8, x: u8) -> (); };
    event_with_more, LOOKS_BREAKING, ServerSends 'C' 'C', "api.registerC(connection, { a() {} });",
        { client C CContract: a() -> (); } =>
        { client C CContract: a(x: u8) -> (); };
    event_with_less, AS_IT_LOOKS, ServerSends 'B' 'B', "api.registerC(connection, { a(x: number) { console.log(x); } });",
        { client C CContract: a(x: u8) -> (); } =>
        { client C CContract: a() -> (); };
    event_asks_now, AS_IT_LOOKS, ServerSends 'B' 'B', "api.registerC(connection, { a() {} });",
        { client C CContract: a() -> (); } =>
        { client C CContract: a() -> bool; };
    event_asks_no_more, LOOKS_COMPATIBLE, ServerSends 'C' 'B', "api.registerC(connection, { a: () => true });",
        { client C CContract: a() -> bool; } =>
        { client C CContract: a() -> (); };
    client_renamed, AS_IT_LOOKS, ServerSends 'C' 'B', "api.registerC(connection, { a() {} });",
        { client C CContract: a() -> (); } =>
        { client D DContract: a() -> (); };
}
