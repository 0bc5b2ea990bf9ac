//! Keeps schemars from running the user's code: it would evaluate every default to write its value into the schema.

use syn::{Data, DeriveInput, Field, Fields, Path, parse_quote};

use super::{path_in, sets};

/// Replaces the defaults that schemars sees by one that has no value. Which fields may be missing stays as it is.
pub(super) fn not_evaluated(input: &mut DeriveInput, krate: &Path) {
    let whole = sets(&input.attrs, "serde", "default") && !sets(&input.attrs, "schemars", "default");
    match &mut input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => {
            if whole {
                input.attrs.push(parse_quote!(#[schemars(!default)]));
            }
            data.fields.iter_mut().for_each(|one| field(one, whole, krate));
        }
        Data::Enum(data) => {
            let named = data.variants.iter_mut().filter(|variant| matches!(variant.fields, Fields::Named(_)));
            named.flat_map(|variant| &mut variant.fields).for_each(|one| field(one, false, krate));
        }
        Data::Struct(_) | Data::Union(_) => {}
    }
}

fn field(field: &mut Field, whole: bool, krate: &Path) {
    let serde = |key| sets(&field.attrs, "serde", key);
    let has_default = (whole || serde("default")) && !sets(&field.attrs, "schemars", "default");
    if !has_default || ["skip", "flatten"].into_iter().any(serde) {
        return;
    }
    let condition = serde("skip_serializing_if") && !sets(&field.attrs, "schemars", "skip_serializing_if");
    let default = format!("{}::no_value", path_in(krate, "defaults"));
    field.attrs.push(parse_quote!(#[schemars(default = #default)]));
    if condition {
        let always = format!("{}::always", path_in(krate, "defaults"));
        field.attrs.push(parse_quote!(#[schemars(skip_serializing_if = #always)]));
    }
}
