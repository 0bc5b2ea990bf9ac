//! Whole expansions. `tests/expand/name.rs` is what a user writes, `name.expanded.rs` what the macros make of it.
//! `UPDATE_EXPECT=1 cargo test -p hubs-macros` rewrites the latter: read the difference as you would read code.

use std::{collections::BTreeSet, fs, path::Path};

use expect_test::expect_file;
use proc_macro2::{TokenStream, TokenTree};

use super::expand_file;
use crate::{expand, model::Role};

macro_rules! snapshots {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                let source = include_str!(concat!("../../tests/expand/", stringify!($name), ".rs"));
                let expanded = expand_file(source);
                expect_file![concat!("../../tests/expand/", stringify!($name), ".expanded.rs")].assert_eq(&expanded);
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

snapshots! {
    authorized,
    broken_method,
    broken_trait,
    cancellable,
    client,
    conditional,
    custom_crate,
    documented,
    generic_type,
    hub,
    hub_without_client,
    policies,
    provided_body,
    raw_names,
    renamed,
    resumable,
    type_enum,
    type_fields,
    type_partly_derived,
    type_struct,
    type_unicode,
}

#[test]
fn every_file_is_a_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let files: BTreeSet<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let known: BTreeSet<String> =
        NAMES.iter().flat_map(|name| [format!("{name}.rs"), format!("{name}.expanded.rs")]).collect();
    assert_eq!(files, known);
}

#[test]
fn a_custom_crate_path_leaves_no_trace_of_the_default_one() {
    let expanded = expand_file(include_str!("../../tests/expand/custom_crate.rs"));
    let mut idents = BTreeSet::new();
    collect_idents(expanded.parse().unwrap(), &mut idents);
    assert!(idents.contains("my"));
    assert!(!idents.contains("hubs"), "{idents:?}");
    assert!(!expanded.contains("::hubs"), "in a string: {expanded}");
}

#[test]
fn a_half_written_body_does_not_hide_the_trait() {
    let source = "trait ChatClient { async fn ask(&self) -> HubResult<()> { let name = self. } }";
    let expanded = expand::interface(Role::Client, TokenStream::new(), &source.parse().unwrap()).to_string();
    assert!(expanded.contains("async move { let name = self . }"), "{expanded}");
    assert!(expanded.contains("ChatClientProxy") && !expanded.contains("compile_error"), "{expanded}");
}

fn collect_idents(tokens: TokenStream, into: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(into.insert(ident.to_string())),
            TokenTree::Group(group) => collect_idents(group.stream(), into),
            _ => {}
        }
    }
}
