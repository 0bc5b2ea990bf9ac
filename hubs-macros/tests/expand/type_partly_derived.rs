#[hub_type]
#[derive(serde::Serialize, Debug)]
#[derive(TS)]
#[serde(rename = "Line", rename_all(serialize = "kebab-case"), crate = "my_serde")]
#[ts(rename = "Line", export)]
pub struct r#ChatMessage {
    text: String,
}
