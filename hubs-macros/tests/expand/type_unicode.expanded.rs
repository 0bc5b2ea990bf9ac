#[allow(deprecated, reason = "generated")]
const _: () = {
    ::hubs::__private::field::<u32>();
    ::hubs::__private::field::<String>();
    ::hubs::__private::field::<String>();
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema,
    ::hubs::__private::ts_rs::TS
)]
#[serde(crate = "::hubs::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Größen")]
#[ts(crate = "::hubs::__private::ts_rs", rename = "Größen")]
pub struct Größen {
    pub größe: u32,
    #[serde(rename = "änderungsDatum")]
    pub änderungs_datum: String,
    #[serde(rename = "n")]
    pub 名前: String,
}
#[allow(deprecated, reason = "generated")]
const _: () = {
    ::hubs::__private::field::<u8>();
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema,
    ::hubs::__private::ts_rs::TS
)]
#[serde(
    crate = "::hubs::__private::serde",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[schemars(crate = "::hubs::__private::schemars", rename = "Ort")]
#[ts(crate = "::hubs::__private::ts_rs", rename = "Ort")]
pub enum Ort {
    #[serde(rename = "ärmel")]
    Ärmel { #[serde(rename = "öse")] öse: u8 },
    Hier,
}
