#[allow(deprecated, reason = "generated")]
const _: () = {
    ::hubs::__private::field::<Option<()>>();
    ::hubs::__private::field::<::std::vec::Vec<(u8, ())>>();
};
#[derive(
    ::hubs::__private::serde::Serialize,
    ::hubs::__private::serde::Deserialize,
    ::hubs::__private::schemars::JsonSchema,
    ::hubs::__private::ts_rs::TS
)]
#[serde(crate = "::hubs::__private::serde", rename_all = "camelCase")]
#[schemars(crate = "::hubs::__private::schemars", rename = "Job")]
#[ts(crate = "::hubs::__private::ts_rs", rename = "Job")]
pub struct Job {
    #[ts(as = "Option < () >")]
    pub length: Option<Duration>,
    #[ts(as = ":: std :: vec :: Vec < (u8 , ()) >")]
    pub queue: std::collections::VecDeque<(u8, SystemTime)>,
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    #[ts(as = "String")]
    pub at: Moment,
    #[ts(as = "Vec<u8>")]
    pub heap: BinaryHeap<u8>,
}
