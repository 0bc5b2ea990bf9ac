#[allow(deprecated, reason = "generated")]
const _: () = {
    ::hubs::__private::field::<String>();
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema,
    ::hubs::__private::ts_rs::TS
)]
#[serde(tag = "kind")]
#[serde(
    crate = "::hubs::__private::serde",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[schemars(crate = "::hubs::__private::schemars", rename = "Notice")]
#[schemars(extend("x-hubs-buffered" = true))]
#[ts(crate = "::hubs::__private::ts_rs", rename = "Notice")]
pub enum Notice {
    Joined { user_name: String },
    Left,
}
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema,
    ::hubs::__private::ts_rs::TS
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "kind", deny_unknown_fields)]
#[serde(crate = "::hubs::__private::serde", rename_all_fields = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Shout")]
#[schemars(extend("x-hubs-buffered" = true))]
#[ts(crate = "::hubs::__private::ts_rs", rename = "Shout")]
pub enum Shout {
    AllOfThem,
}
