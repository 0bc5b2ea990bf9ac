#[hub_type]
pub struct Größen {
    pub größe: u32,
    pub änderungs_datum: String,
    #[serde(rename = "n")]
    pub 名前: String,
}

#[hub_type]
pub enum Ort {
    Ärmel { öse: u8 },
    Hier,
}
