#[hub_type]
#[serde(tag = "kind")]
pub enum Notice {
    Joined { user_name: String },
    Left,
}

#[hub_type]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "kind", deny_unknown_fields)]
pub enum Shout {
    AllOfThem,
}
