//! `docs/contract.schema.json`: what a contract document may hold, for other people's tools.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::{fs, path::Path};

use hubs::contract::Contract;

#[test]
fn the_schema_of_the_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contract.schema.json");
    let schema = format!("{:#}\n", Contract::schema());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert_eq!(kept, schema, "UPDATE_EXPECT=1 writes docs/contract.schema.json anew");
}
