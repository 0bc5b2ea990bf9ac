#[derive(::hubs::__private::serde::Deserialize, ::hubs::__private::schemars::JsonSchema)]
#[derive(serde::Serialize, Debug)]
#[derive(TS)]
#[serde(rename = "Line", rename_all(serialize = "kebab-case"), crate = "my_serde")]
#[ts(rename = "Line", export)]
#[schemars(crate = "::hubs::__private::schemars", rename = "Line")]
#[ts(crate = "::hubs::__private::ts_rs")]
pub struct r#ChatMessage {
    text: String,
}
