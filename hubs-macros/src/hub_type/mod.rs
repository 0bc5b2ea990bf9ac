//! `#[hub_type]`: the derives that let a type cross the wire, with the right crate paths and one name for all of them.
//! Knows nothing of interfaces.

mod bounds;
mod copy;
mod defaults;
mod fields;
mod named;
mod names;
mod notes;
mod parts;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericParam, LitStr, Meta, Path, Token, Type, parse_quote,
    punctuated::Punctuated,
};

use bounds::Bounds;
use parts::Part;

use crate::{
    attr::{self, Setting, default_crate},
    diag::{Errors, Subject, rules},
    expand::keyword,
    model::{Role, ungrouped},
};

/// The derives, each with its module in `__private`.
const DERIVES: [(&str, &str); 3] = [("serde", "Serialize"), ("serde", "Deserialize"), ("schemars", "JsonSchema")];

/// The derives of `serde_repr`.
const NUMERIC: [&str; 2] = ["Serialize_repr", "Deserialize_repr"];

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
    names::beyond_ascii(&mut input);
    let parts = parts::of(&input);
    let bounds = Bounds::of(&input, &krate, &parts);
    let named = named::implementation(&input, &krate, &name, &parts, &bounds.predicates);
    let asked = &bounds.implementations;
    let field = named::field(&input, &parts);
    let helpers = helpers(&input, &krate, &name, &parts);
    bounds.tell(&mut input);
    defaults::not_evaluated(&mut input, &krate);
    notes::add(&mut input);
    if !derived(&input.attrs).iter().any(|name| name == "TS") {
        // The copy has them.
        retain(&mut input, |attr| !attr.path().is_ident("ts"));
    }
    // After the user's derives: a helper attribute may not come before its derive.
    input.attrs.extend(helpers);
    quote! {
        #derives
        #input
        #[allow(deprecated, dead_code, non_camel_case_types, non_snake_case, reason = "generated")]
        const _: () = {
            use #krate::__private as __hubs;
            #(#asked)*
            #field
            #named
        };
    }
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
    let is_there = |derive: &str| present.iter().any(|name| name.strip_suffix("_repr").unwrap_or(name) == derive);
    let missing = DERIVES.iter().filter(|(_, derive)| !is_there(derive));
    // Of those of schemars there is one for numbers, too.
    let repr = if is_numeric(input) { "_repr" } else { "" };
    let paths = missing.map(|(module, derive)| {
        let (module, derive) = (format_ident!("{module}"), format_ident!("{derive}{repr}"));
        quote!(#krate::__private::#module::#derive)
    });
    quote!(#[derive(#(#paths),*)])
}

/// Whether values of the enum are numbers on the wire: by the derives of `serde_repr`.
fn is_numeric(input: &DeriveInput) -> bool {
    derived(&input.attrs).iter().any(|name| NUMERIC.contains(&name.as_str()))
}

/// Whether schemars describes the type as its only field, and has nothing to say of the type itself.
fn is_only_its_field(input: &DeriveInput) -> bool {
    let transparent = ["serde", "schemars"].iter().any(|helper| sets(&input.attrs, helper, "transparent"));
    let said = |attr: &Attribute| ["doc", "deprecated"].iter().any(|word| attr.path().is_ident(word));
    let about = ["crate", "rename", "bound", "transparent", "with"];
    let more = |setting: &Setting| !about.iter().any(|key| setting.key == key);
    let settings = helper_settings(&input.attrs, "schemars");
    transparent && !input.attrs.iter().any(said) && !settings.iter().any(more)
}

/// The settings of the derives that the user has not made.
fn helpers(input: &DeriveInput, krate: &Path, name: &str, parts: &[Part]) -> Vec<Attribute> {
    let path = |module| Some(path_in(krate, module));
    let serde = helper(input, "serde", path("serde"), renaming(input));
    // The schema says which declaration it belongs to: a type of another crate may have the same name.
    let declared = (!is_only_its_field(input)).then(|| parse_quote!(#[schemars(extend("x-hubs-type" = #name))]));
    let name = schema_name(input, name, parts);
    let schemars = helper(input, "schemars", path("schemars"), vec![("rename", name)]);
    let buffered = fields::is_buffered(input).then(|| parse_quote!(#[schemars(extend("x-hubs-buffered" = true))]));
    let flattened: Vec<_> = fields::flattened(input)
        .into_iter()
        .map(|(name, ty)| quote!((#name, #krate::__private::flattened::what::<#ty>())))
        .collect();
    let flattened: Option<Attribute> =
        (!flattened.is_empty()).then(|| parse_quote!(#[schemars(extend("x-hubs-flattened" = [#(#flattened),*]))]));
    [serde, schemars, declared, buffered, flattened].into_iter().flatten().collect()
}

/// `#[helper(crate = "..", ..)]`, if anything is left for it to say.
fn helper(input: &DeriveInput, helper: &str, krate: Option<String>, more: Vec<(&str, String)>) -> Option<Attribute> {
    let made = helper_settings(&input.attrs, helper);
    let ours = krate.into_iter().map(|krate| ("crate", krate)).chain(more);
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
fn renaming(input: &DeriveInput) -> Vec<(&'static str, String)> {
    let camel = || "camelCase".to_owned();
    match &input.data {
        Data::Enum(_) if is_numeric(input) => Vec::new(),
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => vec![("rename_all", camel())],
        Data::Enum(_) => vec![("rename_all", camel()), ("rename_all_fields", camel())],
        _ => Vec::new(),
    }
}

/// The name with its parameters, as schemars fills them in, so that each instance of a generic type has its own.
fn schema_name(input: &DeriveInput, name: &str, parts: &[Part]) -> String {
    let named = |param: &&GenericParam| match param {
        GenericParam::Type(param) => parts.iter().any(|part| parts::mentions(&part.ty, &[&param.ident])),
        GenericParam::Const(_) => true,
        GenericParam::Lifetime(_) => false,
    };
    let params = input.generics.params.iter().filter(named).filter_map(|param| match param {
        GenericParam::Type(param) => Some(format!("{{{}}}", param.ident)),
        GenericParam::Const(param) => Some(format!("{{{}}}", param.ident)),
        GenericParam::Lifetime(_) => None,
    });
    let params: Vec<String> = params.collect();
    if params.is_empty() { name.to_owned() } else { format!("{name}<{}>", params.join(", ")) }
}

fn path_in(krate: &Path, module: &str) -> String {
    let krate: String = krate.to_token_stream().into_iter().map(|token| token.to_string()).collect();
    format!("{krate}::__private::{module}")
}

/// The last segments of all derived paths.
fn derived(attrs: &[Attribute]) -> Vec<String> {
    let paths = derived_paths(attrs).into_iter();
    paths.filter_map(|path| path.segments.last().map(|last| crate::names::plain(&last.ident))).collect()
}

fn derived_paths(attrs: &[Attribute]) -> Vec<Path> {
    let lists = attrs.iter().filter(|attr| attr.path().is_ident("derive"));
    let paths = lists.filter_map(|attr| attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok());
    paths.flatten().collect()
}

/// Takes off the attributes that only the derives understand, so that one mistake gives one error.
fn without_helpers(input: &mut DeriveInput) {
    retain(input, |attr| {
        let helper = ["serde", "schemars", "ts", "serde_as"].iter().any(|helper| attr.path().is_ident(helper));
        let last = attr.path().segments.last().map(|last| last.ident.to_string());
        !helper && !last.is_some_and(|last| REWRITES.contains(&last.as_str()))
    });
}

/// Keeps these attributes of the type, its variants and its fields.
fn retain(input: &mut DeriveInput, keep: impl Fn(&Attribute) -> bool) {
    let fields = |fields: &mut Fields| fields.iter_mut().for_each(|field| field.attrs.retain(&keep));
    input.attrs.retain(&keep);
    match &mut input.data {
        Data::Struct(data) => fields(&mut data.fields),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                variant.attrs.retain(&keep);
                fields(&mut variant.fields);
            }
        }
        Data::Union(_) => {}
    }
}
