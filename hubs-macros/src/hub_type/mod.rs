//! `#[hub_type]`: the derives that let a type cross the wire, with the right crate paths and one name for all of them.
//! Knows nothing of interfaces.

mod defaults;
mod field_types;
mod fields;
mod names;
mod notes;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericParam, LitStr, Meta, Path, Token, Type, parse_quote,
    punctuated::Punctuated,
};

use crate::{
    attr::{self, Setting, default_crate},
    diag::{Errors, Subject, rules},
    expand::keyword,
    model::{Role, ungrouped},
};

/// The derives, each with its module in `__private`.
const DERIVES: [(&str, &str); 4] =
    [("serde", "Serialize"), ("serde", "Deserialize"), ("schemars", "JsonSchema"), ("ts_rs", "TS")];

/// Adds the derives to a struct or an enum; other items get an error and are kept.
pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let subject = Subject::new(Role::Hub, "ChatHub");
    let krate = krate(args, &mut errors, &subject);
    let Ok(mut input) = syn::parse2::<DeriveInput>(item.clone()) else {
        errors.report(&rules::NOT_A_TYPE, keyword(item.clone()), &subject);
        let errors = errors.into_tokens();
        return quote!(#errors #item);
    };
    check(&input, &mut errors, &subject);
    order(&input, &mut errors, &subject);
    fields::check(&input, &mut errors, &subject);
    let name = name(&input, &mut errors, &subject);
    if errors.count() > 0 {
        let errors = errors.into_tokens();
        without_helpers(&mut input);
        return quote!(#errors #input);
    }
    errors.into_tokens();
    let derives = derives(&input, &krate);
    let checks = field_types::check(&input, &krate);
    names::beyond_ascii(&mut input);
    fields::describe(&mut input);
    defaults::not_evaluated(&mut input, &krate);
    notes::add(&mut input);
    // After the user's derives: a helper attribute may not come before its derive.
    input.attrs.extend(helpers(&input, &krate, &name));
    quote!(#checks #derives #input)
}

fn krate(args: TokenStream, errors: &mut Errors, subject: &Subject) -> Path {
    let mut krate = default_crate();
    for setting in attr::settings(args, errors, subject) {
        if setting.key == "crate" {
            krate = setting.path_in_string(errors, subject).unwrap_or(krate);
        } else {
            setting.unknown(errors, subject);
        }
    }
    krate
}

fn check(input: &DeriveInput, errors: &mut Errors, subject: &Subject) {
    if let Data::Union(data) = &input.data {
        errors.report(&rules::UNION, data.union_token, subject);
    }
    for param in &input.generics.params {
        if let GenericParam::Lifetime(_) = param {
            errors.report(&rules::TYPE_LIFETIME, param, subject);
        }
    }
    if input.generics.lifetimes().next().is_none() {
        for field in fields(&input.data) {
            if let Type::Reference(_) = ungrouped(&field.ty) {
                errors.report(&rules::BORROWED_FIELD, &field.ty, subject);
            }
        }
    }
}

/// Attribute macros that change fields, and so belong above: attributes are expanded from the top.
const REWRITES: [&str; 4] = ["serde_as", "skip_serializing_none", "apply", "serde_apply"];

fn order(input: &DeriveInput, errors: &mut Errors, subject: &Subject) {
    for attr in &input.attrs {
        let Some(name) = attr.path().segments.last().map(|last| crate::names::plain(&last.ident)) else { continue };
        if REWRITES.contains(&name.as_str()) {
            let what = format!("`#[{name}]` is below `#[hub_type]`, which has read the fields before it changes them");
            errors.report_as(&rules::WRONG_ORDER, &attr.meta, subject, &what);
        }
    }
}

fn fields(data: &Data) -> Vec<&Field> {
    match data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
        Data::Union(_) => Vec::new(),
    }
}

/// The one name of the type: what the user set, or its Rust name.
fn name(input: &DeriveInput, errors: &mut Errors, subject: &Subject) -> String {
    let mut chosen: Option<LitStr> = None;
    for helper in ["serde", "schemars", "ts"] {
        let settings = helper_settings(&input.attrs, helper);
        for setting in settings.iter().filter(|setting| setting.key == "rename") {
            let Ok(name) = syn::parse2::<LitStr>(setting.value.clone()) else { continue };
            match &chosen {
                Some(first) if first.value() != name.value() => {
                    let what = format!("this type is named {:?} here and {:?} above", name.value(), first.value());
                    errors.report_as(&rules::TWO_NAMES, &name, subject, &what);
                }
                _ => chosen = Some(name),
            }
        }
    }
    chosen.map_or_else(|| crate::names::plain(&input.ident), |name| name.value())
}

/// Whether a `#[helper(..)]` has this setting.
fn sets(attrs: &[Attribute], helper: &str, key: &str) -> bool {
    helper_settings(attrs, helper).iter().any(|setting| setting.key == key)
}

/// The settings in all `#[helper(..)]` of an item, as far as they can be read: the derives check them.
fn helper_settings(attrs: &[Attribute], helper: &str) -> Vec<Setting> {
    let lists = attrs.iter().filter(|attr| attr.path().is_ident(helper)).filter_map(|attr| match &attr.meta {
        Meta::List(list) => Some(list.tokens.clone()),
        _ => None,
    });
    lists.flat_map(attr::lenient_settings).collect()
}

/// Those derives that the user has not written.
fn derives(input: &DeriveInput, krate: &Path) -> TokenStream {
    let present = derived(&input.attrs);
    let missing = DERIVES.iter().filter(|(_, derive)| !present.iter().any(|present| present == derive));
    let paths = missing.map(|(module, derive)| {
        let (module, derive) = (format_ident!("{module}"), format_ident!("{derive}"));
        quote!(#krate::__private::#module::#derive)
    });
    quote!(#[derive(#(#paths),*)])
}

/// The settings of the derives that the user has not made.
fn helpers(input: &DeriveInput, krate: &Path, name: &str) -> Vec<Attribute> {
    let serde = helper(input, "serde", path_in(krate, "serde"), renaming(&input.data));
    let schemars = helper(input, "schemars", path_in(krate, "schemars"), vec![("rename", schema_name(input, name))]);
    let buffered = fields::is_buffered(input).then(|| parse_quote!(#[schemars(extend("x-hubs-buffered" = true))]));
    let flattened: Vec<_> = fields::flattened(input)
        .into_iter()
        .map(|(name, ty)| quote!((#name, #krate::__private::flattened::what::<#ty>())))
        .collect();
    let flattened: Option<Attribute> =
        (!flattened.is_empty()).then(|| parse_quote!(#[schemars(extend("x-hubs-flattened" = [#(#flattened),*]))]));
    let ts = helper(input, "ts", path_in(krate, "ts_rs"), vec![("rename", name.to_owned())]);
    [serde, schemars, buffered, flattened, ts].into_iter().flatten().collect()
}

/// `#[helper(crate = "..", ..)]`, if anything is left for it to say.
fn helper(input: &DeriveInput, helper: &str, krate: String, more: Vec<(&str, String)>) -> Option<Attribute> {
    let made = helper_settings(&input.attrs, helper);
    let ours = [("crate", krate)].into_iter().chain(more);
    let missing = ours.filter(|(key, _)| !made.iter().any(|made| made.key == key));
    let settings: Vec<_> = missing.map(|(key, value)| setting(key, &value)).collect();
    let helper = format_ident!("{helper}");
    (!settings.is_empty()).then(|| parse_quote!(#[#helper(#(#settings),*)]))
}

fn setting(key: &str, value: &str) -> TokenStream {
    let key = Ident::new(key, Span::call_site());
    quote!(#key = #value)
}

/// What is renamed to camelCase. ts-rs refuses the setting where there is nothing to rename.
fn renaming(data: &Data) -> Vec<(&'static str, String)> {
    let camel = || "camelCase".to_owned();
    match data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => vec![("rename_all", camel())],
        Data::Enum(_) => vec![("rename_all", camel()), ("rename_all_fields", camel())],
        _ => Vec::new(),
    }
}

/// The name with its parameters, as schemars fills them in, so that each instance of a generic type has its own.
fn schema_name(input: &DeriveInput, name: &str) -> String {
    let params: Vec<String> =
        input.generics.params.iter().filter_map(param_name).map(|name| format!("{{{name}}}")).collect();
    if params.is_empty() { name.to_owned() } else { format!("{name}<{}>", params.join(", ")) }
}

fn param_name(param: &GenericParam) -> Option<String> {
    match param {
        GenericParam::Type(param) => Some(param.ident.to_string()),
        GenericParam::Const(param) => Some(param.ident.to_string()),
        GenericParam::Lifetime(_) => None,
    }
}

fn path_in(krate: &Path, module: &str) -> String {
    let krate: String = krate.to_token_stream().into_iter().map(|token| token.to_string()).collect();
    format!("{krate}::__private::{module}")
}

/// The last segments of all derived paths.
fn derived(attrs: &[Attribute]) -> Vec<String> {
    let lists = attrs.iter().filter(|attr| attr.path().is_ident("derive"));
    let paths = lists.filter_map(|attr| attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok());
    paths.flatten().filter_map(|path| path.segments.last().map(|last| crate::names::plain(&last.ident))).collect()
}

/// Takes off the attributes that only the derives understand, so that one mistake gives one error.
fn without_helpers(input: &mut DeriveInput) {
    let keep = |attr: &Attribute| {
        let helper = ["serde", "schemars", "ts", "serde_as"].iter().any(|helper| attr.path().is_ident(helper));
        let last = attr.path().segments.last().map(|last| last.ident.to_string());
        !helper && !last.is_some_and(|last| REWRITES.contains(&last.as_str()))
    };
    input.attrs.retain(keep);
    match &mut input.data {
        Data::Struct(data) => data.fields.iter_mut().for_each(|field| field.attrs.retain(keep)),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                variant.attrs.retain(keep);
                variant.fields.iter_mut().for_each(|field| field.attrs.retain(keep));
            }
        }
        Data::Union(_) => {}
    }
}
