#[hub_type]
pub struct Job {
    pub length: Option<Duration>,
    pub queue: std::collections::VecDeque<(u8, SystemTime)>,
    #[serde(with = "as_text")]
    #[schemars(with = "String")]
    pub at: Moment,
    #[ts(as = "Vec<u8>")]
    pub heap: BinaryHeap<u8>,
}
