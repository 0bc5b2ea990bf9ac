//! The policy for clients that do not keep up, of one method or of all of a client interface: `latest`,
//! `coalesce = "symbol"`, `drop_oldest`, `every = "100ms"`, `durable`, or `must`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericArgument, LitStr, Path, PathArguments, Type, ext::IdentExt};

use crate::{
    attr::Setting,
    diag::{Errors, Subject, rules},
    model::{Delivery, Method, Param, Role, ungrouped},
    names,
};

/// Names of the settings.
const KEYS: [&str; 6] = ["must", "latest", "coalesce", "drop_oldest", "every", "durable"];

/// The longest time of `every`, in milliseconds: an hour.
const LONGEST: u64 = 60 * 60 * 1000;

/// Whether this setting is a policy.
pub(crate) fn is_policy(setting: &Setting) -> bool {
    KEYS.iter().any(|key| setting.key == key)
}

/// Reads a policy into `known`, which must be empty.
pub(crate) fn read(setting: &Setting, known: &mut Option<Delivery>, errors: &mut Errors, subject: &Subject) {
    if subject.role == Role::Hub {
        return errors.report(&rules::POLICY_IN_HUB, &setting.key, subject);
    }
    if known.is_some() {
        return errors.report(&rules::TWO_POLICIES, &setting.key, subject);
    }
    *known = match setting.key.to_string().as_str() {
        "coalesce" => setting.string(errors, subject).map(Delivery::Coalesce),
        "every" => setting.string(errors, subject).and_then(|text| time(&text, errors, subject)).map(Delivery::Every),
        flag if setting.flag(errors, subject) => Some(match flag {
            "latest" => Delivery::Latest,
            "drop_oldest" => Delivery::DropOldest,
            "durable" => Delivery::Durable,
            _ => Delivery::Must,
        }),
        _ => None,
    };
}

/// `250ms`, `2s`.
fn time(text: &LitStr, errors: &mut Errors, subject: &Subject) -> Option<u64> {
    let value = text.value();
    let (number, unit) = value.split_at(value.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(value.len()));
    let unit = match unit.trim_start() {
        "ms" => Some(1),
        "s" => Some(1000),
        _ => None,
    };
    let millis = unit.zip(number.parse::<u64>().ok()).and_then(|(unit, number)| number.checked_mul(unit));
    let millis = millis.filter(|millis| (1..=LONGEST).contains(millis));
    if millis.is_none() {
        errors.report_as(&rules::BAD_TIME, text, subject, &format!("{value:?} is no time for `every`"));
    }
    millis
}

/// The policy of a method: its own, or that of the interface if it returns nothing. Checks the key.
pub(crate) fn of_method(
    own: Option<Delivery>,
    interface: &Delivery,
    params: &[Param],
    output: &Type,
    errors: &mut Errors,
    subject: &Subject,
) -> Delivery {
    let delivery = own.unwrap_or_else(|| if returns_nothing(output) { interface.clone() } else { Delivery::Must });
    if let Delivery::Coalesce(key) = &delivery {
        check_key(key, params, errors, subject);
    }
    delivery
}

fn check_key(key: &LitStr, params: &[Param], errors: &mut Errors, subject: &Subject) {
    let path = path(key);
    let first = path.as_ref().and_then(|path| path.first());
    if first.is_some_and(|first| params.iter().any(|param| names::plain(&param.ident) == names::plain(first))) {
        return;
    }
    let known: Vec<String> = params.iter().map(|param| format!("`{}`", names::plain(&param.ident))).collect();
    let known = if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) };
    let what = format!("`{{name}}` has no parameter for the key {:?}; {known}", key.value());
    errors.report_as(&rules::BAD_KEY, key, subject, &what);
}

/// `price.symbol` as names that are shown where the text is.
fn path(key: &LitStr) -> Option<Vec<Ident>> {
    let names: syn::punctuated::Punctuated<Ident, syn::Token![.]> = key
        .parse_with(|input: syn::parse::ParseStream<'_>| {
            syn::punctuated::Punctuated::parse_separated_nonempty_with(input, Ident::parse_any)
        })
        .ok()?;
    Some(names.into_iter().collect())
}

/// Whether the type is written as `HubResult<()>`, with or without a path.
fn returns_nothing(output: &Type) -> bool {
    let Type::Path(output) = ungrouped(output) else { return false };
    first_argument(&output.path).is_some_and(|ty| matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty()))
}

fn first_argument(path: &Path) -> Option<&Type> {
    match &path.segments.last()?.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(ty) => Some(ungrouped(ty)),
            _ => None,
        },
        _ => None,
    }
}

/// The policy as a constant, for the descriptor; nothing where all calls must arrive.
pub(crate) fn descriptor(method: &Method) -> Option<TokenStream> {
    let value = value(&method.delivery)?;
    let output = &method.output;
    let checked = quote_spanned!(super::expand::place(output)=> __hubs::delivery::<#output>);
    Some(quote!(.with_delivery(#checked(#value))))
}

/// What a proxy's call begins with; nothing where it must arrive.
pub(crate) fn call(method: &Method) -> Option<TokenStream> {
    let value = value(&method.delivery)?;
    let key = match &method.delivery {
        Delivery::Coalesce(key) => key_of(key, &method.params),
        _ => quote!(()),
    };
    Some(quote!(delivered(#value, #key)))
}

fn key_of(key: &LitStr, params: &[Param]) -> TokenStream {
    let Some(path) = path(key) else { return quote!(()) };
    let first = path.first().and_then(|first| {
        let mut all = params.iter().map(|param| &param.ident);
        all.find(|param| names::plain(param) == names::plain(first))
    });
    let Some(first) = first else { return quote!(()) };
    let mut parameter = first.clone();
    parameter.set_span(key.span().resolved_at(first.span()));
    let fields = &path[1..];
    quote_spanned!(key.span()=> #parameter #(.#fields)*)
}

fn value(delivery: &Delivery) -> Option<TokenStream> {
    Some(match delivery {
        Delivery::Must => return None,
        Delivery::Latest => quote!(__hubs::Delivery::Latest),
        Delivery::DropOldest => quote!(__hubs::Delivery::DropOldest),
        Delivery::Durable => quote!(__hubs::Delivery::Durable),
        Delivery::Coalesce(key) => {
            let key = key.value().to_token_stream();
            quote!(__hubs::Delivery::Coalesce(#key))
        }
        Delivery::Every(millis) => quote!(__hubs::Delivery::Every(__hubs::millis(#millis))),
    })
}
