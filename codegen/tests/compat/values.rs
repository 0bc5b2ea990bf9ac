//! Types that change, each in both directions: C compatible, R risky, B breaking; on the wire, then in the source.

use crate::pair::values;

values! {
    value_of_number_keys_changed, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: std::collections::BTreeMap<u32, u8> } } r#"{"a":{"1":1}}"# =>
        { #[hubs::hub_type] pub struct T { pub a: std::collections::BTreeMap<u32, String> } } r#"{"a":{"1":"x"}}"#,
        page 'B' 'B', server 'B' 'B';
    text_became_a_letter, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: String } } r#"{"a":"xyz"}"# =>
        { #[hubs::hub_type] pub struct T { pub a: char } } r#"{"a":"x"}"#,
        page 'B' 'C', server 'C' 'C';
    field_renamed_with_an_alias, LOOKS_BREAKING,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { #[serde(alias = "a")] pub b: u8 } } r#"{"b":1}"#,
        page 'C' 'B', server 'B' 'B';
    untagged_reordered, LOOKS_BREAKING,
        { #[hubs::hub_type] #[serde(untagged)] pub enum T { A(u8), B(String) } } r#""x""# =>
        { #[hubs::hub_type] #[serde(untagged)] pub enum T { B(String), A(u8) } } r#"1"#,
        page 'C' 'C', server 'C' 'C';
    nothing_but_null_left, AS_IT_LOOKS,
        { #[hubs::hub_type] pub enum Never {} #[hubs::hub_type] pub struct T { pub a: Option<u8>, pub b: Vec<Never> } }
            r#"{"a":1,"b":[]}"# =>
        { #[hubs::hub_type] pub enum Never {} #[hubs::hub_type] pub struct T { pub a: Option<Never>, pub b: Vec<Never> } }
            r#"{"a":null,"b":[]}"#,
        page 'B' 'B', server 'C' 'C';
    value_of_a_flattened_map, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub id: bool, #[serde(flatten)] pub rest: BTreeMap<String, u8> } }
            r#"{"id":true,"more":1}"# =>
        { #[hubs::hub_type] pub struct T { pub id: bool, #[serde(flatten)] pub rest: BTreeMap<String, String> } }
            r#"{"id":true,"more":"x"}"#,
        page 'B' 'B', server 'B' 'B';
    tuple_became_a_list, LOOKS_BREAKING,
        { pub type T = (u8, u8); } "[1,2]" => { pub type T = Vec<u8>; } "[1,2,3]",
        page 'C' 'C', server 'B' 'B';
    list_became_a_tuple, AS_IT_LOOKS,
        { pub type T = Vec<u8>; } "[1,2,3]" => { pub type T = (u8, u8); } "[1,2]",
        page 'B' 'B', server 'C' 'C';
    array_became_a_list, LOOKS_BREAKING,
        { #[hubs::hub_type] pub struct T { pub a: [u8; 3] } } r#"{"a":[1,2,3]}"# =>
        { #[hubs::hub_type] pub struct T { pub a: Vec<u8> } } r#"{"a":[1,2,3,4]}"#,
        page 'C' 'C', server 'B' 'B';
    second_flattened_enum_lost_a_variant, AS_IT_LOOKS,
        {
            #[hubs::hub_type] #[serde(tag = "first")] pub enum First { A { x: u8 } }
            #[hubs::hub_type] #[serde(tag = "second")] pub enum Second { P { y: u8 }, Q }
            #[hubs::hub_type] pub struct T { #[serde(flatten)] pub a: First, #[serde(flatten)] pub b: Second }
        } r#"{"first":"a","x":1,"second":"q"}"# =>
        {
            #[hubs::hub_type] #[serde(tag = "first")] pub enum First { A { x: u8 } }
            #[hubs::hub_type] #[serde(tag = "second")] pub enum Second { P { y: u8 } }
            #[hubs::hub_type] pub struct T { #[serde(flatten)] pub a: First, #[serde(flatten)] pub b: Second }
        } r#"{"first":"a","x":1,"second":"p","y":1}"#,
        page 'B' 'B', server 'C' 'B';
    required_field_added, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8, pub b: u8 } } r#"{"a":1,"b":2}"#,
        page 'B' 'B', server 'C' 'C';
    nullable_field_added, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8, pub b: Option<u8> } } r#"{"a":1,"b":null}"#,
        page 'C' 'R', server 'C' 'C';
    optional_field_added, LOOKS_BREAKING,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8,
            #[serde(default, skip_serializing_if = "Option::is_none")] pub b: Option<u8> } } r#"{"a":1}"#,
        page 'C' 'C', server 'C' 'C';
    defaulted_field_added, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8, #[serde(default)] pub b: u8 } } r#"{"a":1,"b":0}"#,
        page 'C' 'R', server 'C' 'C';
    field_removed, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u8, pub b: u8 } } r#"{"a":1,"b":2}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"#,
        page 'R' 'B', server 'B' 'B';
    optional_field_removed, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub struct T { pub a: u8,
            #[serde(default, skip_serializing_if = "Option::is_none")] pub b: Option<u8> } } r#"{"a":1,"b":2}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"#,
        page 'R' 'B', server 'C' 'B';
    field_needed, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u8,
            #[serde(default, skip_serializing_if = "Option::is_none")] pub b: Option<u8> } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8, pub b: u8 } } r#"{"a":1,"b":2}"#,
        page 'B' 'B', server 'C' 'C';
    field_may_be_missing, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u8, pub b: u8 } } r#"{"a":1,"b":2}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8,
            #[serde(default, skip_serializing_if = "Option::is_none")] pub b: Option<u8> } } r#"{"a":1}"#,
        page 'C' 'C', server 'B' 'B';
    field_renamed, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub b: u8 } } r#"{"b":1}"#,
        page 'B' 'B', server 'B' 'B';
    field_renamed_in_rust_only, LOOKS_BREAKING,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { #[serde(rename = "a")] pub b: u8 } } r#"{"a":1}"#,
        page 'C' 'C', server 'C' 'C';
    fields_reordered, LOOKS_BREAKING,
        { #[hubs::hub_type] pub struct T { pub a: u8, pub b: String } } r#"{"a":1,"b":"x"}"# =>
        { #[hubs::hub_type] pub struct T { pub b: String, pub a: u8 } } r#"{"b":"x","a":1}"#,
        page 'C' 'C', server 'C' 'C';
    null_added, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub a: Option<u8> } } r#"{"a":null}"#,
        page 'C' 'C', server 'B' 'B';
    null_removed, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: Option<u8> } } r#"{"a":null}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":1}"#,
        page 'B' 'B', server 'C' 'C';
    number_wider, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":255}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u32 } } r#"{"a":256}"#,
        page 'C' 'C', server 'R' 'C';
    number_narrower, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub struct T { pub a: u32 } } r#"{"a":256}"# =>
        { #[hubs::hub_type] pub struct T { pub a: u8 } } r#"{"a":255}"#,
        page 'B' 'C', server 'C' 'C';
    number_signed, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub struct T { pub a: u32 } } r#"{"a":4294967295}"# =>
        { #[hubs::hub_type] pub struct T { pub a: i32 } } r#"{"a":-1}"#,
        page 'B' 'C', server 'R' 'C';
    whole_to_fraction, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u32 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub a: f64 } } r#"{"a":1.5}"#,
        page 'C' 'C', server 'R' 'C';
    fraction_to_whole, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub struct T { pub a: f64 } } r#"{"a":1.5}"# =>
        { #[hubs::hub_type] pub struct T { pub a: i64 } } r#"{"a":1}"#,
        page 'B' 'C', server 'C' 'C';
    float_wider, LOOKS_BREAKING,
        { #[hubs::hub_type] pub struct T { pub a: f32 } } r#"{"a":1.5}"# =>
        { #[hubs::hub_type] pub struct T { pub a: f64 } } r#"{"a":1.5}"#,
        page 'C' 'C', server 'C' 'C';
    number_to_text, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u32 } } r#"{"a":1}"# =>
        { #[hubs::hub_type] pub struct T { pub a: String } } r#"{"a":"1"}"#,
        page 'B' 'B', server 'B' 'B';
    variant_added, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub enum T { Calm, Busy } } r#""calm""# =>
        { #[hubs::hub_type] pub enum T { Calm, Busy, Away } } r#""away""#,
        page 'C' 'C', server 'R' 'B';
    variant_removed, AS_IT_LOOKS,
        { #[hubs::hub_type] pub enum T { Calm, Busy } } r#""busy""# =>
        { #[hubs::hub_type] pub enum T { Calm } } r#""calm""#,
        page 'B' 'B', server 'C' 'B';
    variants_reordered, LOOKS_BREAKING,
        { #[hubs::hub_type] pub enum T { Calm, Busy } } r#""busy""# =>
        { #[hubs::hub_type] pub enum T { Busy, Calm } } r#""calm""#,
        page 'C' 'C', server 'C' 'C';
    variants_documented, LOOKS_BREAKING,
        { #[hubs::hub_type] pub enum T { Calm, Busy } } r#""busy""# =>
        { #[hubs::hub_type] pub enum T { /** Nothing to do. */ Calm, /** Much to do. */ Busy } } r#""calm""#,
        page 'C' 'C', server 'C' 'C';
    variant_with_a_value, AS_IT_LOOKS,
        { #[hubs::hub_type] pub enum T { Calm, Busy } } r#""busy""# =>
        { #[hubs::hub_type] pub enum T { Calm, Busy { until: String } } } r#"{"busy":{"until":"noon"}}"#,
        page 'B' 'B', server 'B' 'B';
    variant_with_a_value_added, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub enum U { Calm, Busy { until: String } } pub type T = Vec<U>; }
            r#"["calm",{"busy":{"until":"noon"}}]"# =>
        { #[hubs::hub_type] pub enum U { Calm, Busy { until: String }, Away { why: String } } pub type T = Vec<U>; }
            r#"["calm",{"busy":{"until":"noon"}},{"away":{"why":"sleep"}}]"#,
        page 'C' 'C', server 'R' 'B';
    tagged_variant_added, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] #[serde(tag = "kind")] pub enum U { Busy { until: String } } pub type T = Vec<U>; }
            r#"[{"kind":"busy","until":"noon"}]"# =>
        { #[hubs::hub_type] #[serde(tag = "kind")] pub enum U { Busy { until: String }, Away { why: String } }
            pub type T = Vec<U>; }
            r#"[{"kind":"busy","until":"noon"},{"kind":"away","why":"sleep"}]"#,
        page 'C' 'C', server 'R' 'B';
    text_to_names, AS_IT_LOOKS,
        { pub type T = String; } r#""x""# => { #[hubs::hub_type] pub enum T { Calm, Busy } } r#""calm""#,
        page 'B' 'B', server 'C' 'C';
    number_to_anything, AS_IT_LOOKS,
        { pub type T = u8; } "1" => { pub type T = serde_json::Value; } r#""x""#,
        page 'C' 'C', server 'B' 'B';
    text_of_a_form, LOOKS_COMPATIBLE,
        { pub type T = String; } r#""x""# =>
        { pub type T = uuid::Uuid; } r#""67e55044-10b1-426f-9247-bb680e5fe0c8""#,
        page 'B' 'C', server 'C' 'C';
    text_of_any_form, LOOKS_COMPATIBLE,
        { pub type T = uuid::Uuid; } r#""67e55044-10b1-426f-9247-bb680e5fe0c8""# =>
        { pub type T = String; } r#""x""#,
        page 'C' 'C', server 'R' 'C';
    names_to_text, AS_IT_LOOKS,
        { #[hubs::hub_type] pub enum T { Calm, Busy } } r#""calm""# => { pub type T = String; } r#""x""#,
        page 'C' 'C', server 'R' 'B';
    field_of_a_variant, AS_IT_LOOKS,
        { #[hubs::hub_type] pub enum T { Calm, Busy { until: String } } } r#"{"busy":{"until":"noon"}}"# =>
        { #[hubs::hub_type] pub enum T { Calm, Busy { until: Option<String> } } } r#"{"busy":{"until":null}}"#,
        page 'C' 'C', server 'B' 'B';
    tag_style, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub enum T { Busy { until: String } } } r#"{"busy":{"until":"noon"}}"# =>
        { #[hubs::hub_type] #[serde(tag = "kind")] pub enum T { Busy { until: String } } }
            r#"{"kind":"busy","until":"noon"}"#,
        page 'B' 'B', server 'B' 'B';
    field_of_a_tagged_variant, AS_IT_LOOKS,
        { #[hubs::hub_type] #[serde(tag = "kind")] pub enum T { Busy { until: String } } }
            r#"{"kind":"busy","until":"noon"}"# =>
        { #[hubs::hub_type] #[serde(tag = "kind")] pub enum T { Busy { until: String, why: String } } }
            r#"{"kind":"busy","until":"noon","why":"work"}"#,
        page 'B' 'B', server 'C' 'C';
    one_to_many, AS_IT_LOOKS,
        { pub type T = String; } r#""x""# => { pub type T = Vec<String>; } r#"["x"]"#,
        page 'B' 'B', server 'B' 'B';
    item_of_a_list, AS_IT_LOOKS,
        { pub type T = Vec<u8>; } r#"[1]"# => { pub type T = Vec<Option<u8>>; } r#"[null]"#,
        page 'C' 'C', server 'B' 'B';
    list_to_set, LOOKS_COMPATIBLE,
        { pub type T = Vec<u8>; } r#"[1,1]"# => { pub type T = BTreeSet<u8>; } r#"[1]"#,
        page 'R' 'C', server 'C' 'C';
    set_to_list, LOOKS_COMPATIBLE,
        { pub type T = BTreeSet<u8>; } r#"[1]"# => { pub type T = Vec<u8>; } r#"[1,1]"#,
        page 'C' 'C', server 'R' 'C';
    value_of_a_map, AS_IT_LOOKS,
        { pub type T = BTreeMap<String, u8>; } r#"{"x":1}"# =>
        { pub type T = BTreeMap<String, String>; } r#"{"x":"1"}"#,
        page 'B' 'B', server 'B' 'B';
    tuple_longer, AS_IT_LOOKS,
        { pub type T = (u8, u8); } "[1,2]" => { pub type T = (u8, u8, u8); } "[1,2,3]",
        page 'B' 'B', server 'B' 'B';
    named_by_a_wrapper, LOOKS_BREAKING,
        { pub type T = String; } r#""x""# =>
        { #[hubs::hub_type] #[serde(transparent)] pub struct T(pub String); } r#""x""#,
        page 'C' 'C', server 'C' 'C';
    deeper_field, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct U { pub b: u8 } #[hubs::hub_type] pub struct T { pub a: Vec<U> } }
            r#"{"a":[{"b":1}]}"# =>
        { #[hubs::hub_type] pub struct U { pub b: Option<u8> } #[hubs::hub_type] pub struct T { pub a: Vec<U> } }
            r#"{"a":[{"b":null}]}"#,
        page 'C' 'C', server 'B' 'B';
    type_renamed, LOOKS_COMPATIBLE,
        { #[hubs::hub_type] pub struct U { pub b: u8 } #[hubs::hub_type] pub struct T { pub a: U } }
            r#"{"a":{"b":1}}"# =>
        { #[hubs::hub_type] pub struct V { pub b: u8 } #[hubs::hub_type] pub struct T { pub a: V } }
            r#"{"a":{"b":1}}"#,
        page 'C' 'C', server 'C' 'B';
    holds_itself, LOOKS_BREAKING,
        { #[hubs::hub_type] pub struct T { pub a: Vec<T> } } r#"{"a":[]}"# =>
        { #[hubs::hub_type] pub struct T { pub a: Vec<T>,
            #[serde(default, skip_serializing_if = "Option::is_none")] pub b: Option<Box<T>> } } r#"{"a":[]}"#,
        page 'C' 'C', server 'C' 'C';
    unknown_fields_refused, AS_IT_LOOKS,
        { #[hubs::hub_type] pub struct T { pub a: u8, pub b: u8 } } r#"{"a":1,"b":2}"# =>
        { #[hubs::hub_type] #[serde(deny_unknown_fields)] pub struct T { pub a: u8 } } r#"{"a":1}"#,
        page 'B' 'B', server 'B' 'B';
}
