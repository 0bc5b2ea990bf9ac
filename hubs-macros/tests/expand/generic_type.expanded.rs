#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema,
    ::hubs::__private::ts_rs::TS
)]
#[serde(crate = "::hubs::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Page<{T}, {N}>")]
#[ts(crate = "::hubs::__private::ts_rs", rename = "Page")]
pub struct Page<T, const N: usize> {
    items: Vec<T>,
}
