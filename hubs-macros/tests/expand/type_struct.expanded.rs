#[allow(deprecated, reason = "generated")]
const _: () = {
    ::hubs::__private::field::<String>();
    ::hubs::__private::field::<Option<String>>();
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema,
    ::hubs::__private::ts_rs::TS
)]
/// One line of a conversation.
#[derive(Debug, Clone)]
#[serde(crate = "::hubs::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "ChatMessage")]
#[ts(crate = "::hubs::__private::ts_rs", rename = "ChatMessage")]
pub struct ChatMessage {
    /// Where it was said.
    pub room: String,
    #[serde(default)]
    #[schemars(default = "::hubs::__private::defaults::no_value")]
    pub sent_at: Option<String>,
}
#[allow(deprecated, reason = "generated")]
const _: () = {
    ::hubs::__private::field::<u32>();
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema,
    ::hubs::__private::ts_rs::TS
)]
#[serde(crate = "::hubs::__private::serde")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Seconds")]
#[ts(crate = "::hubs::__private::ts_rs", rename = "Seconds")]
pub struct Seconds(u32);
