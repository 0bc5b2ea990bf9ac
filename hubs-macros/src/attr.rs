//! Reads attributes into plain values: the arguments of `#[hub]` and `#[client_interface]`, `#[method]`, and what is
//! carried over to generated items (`#[cfg]`, `#[deprecated]`, doc comments).

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, Expr, ExprLit, Lit, LitStr, Meta, Path, Token, Type,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    parse_quote,
    punctuated::Punctuated,
    spanned::Spanned,
};

use crate::{
    delivery,
    diag::{Errors, Subject, rules},
    model::{Delivery, Docs, Rate, Role},
    names::{self, Style},
    rate,
};

/// One `key = value` of an attribute.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) key: Ident,
    /// What follows the `=`, up to the comma.
    pub(crate) value: TokenStream,
}

impl Setting {
    /// `key = value`, or the key alone.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let Self { key, value } = self;
        if value.is_empty() { quote!(#key) } else { quote!(#key = #value) }
    }
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = Ident::parse_any(input)?;
        let mut value = TokenStream::new();
        if input.parse::<Option<Token![=]>>()?.is_some() {
            rest(input, &mut value)?;
        }
        Ok(Self { key, value })
    }
}

/// Takes all up to the next comma.
fn rest(input: ParseStream<'_>, into: &mut TokenStream) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?.to_tokens(into);
    }
    Ok(())
}

/// Reads `key = value, key(..), ...` of an attribute of another crate, and skips what it cannot read.
pub(crate) fn lenient_settings(tokens: TokenStream) -> Vec<Setting> {
    let read = |input: ParseStream<'_>| {
        let mut settings = Vec::new();
        while !input.is_empty() {
            if let Ok(key) = Ident::parse_any(input) {
                let mut value = TokenStream::new();
                input.parse::<Option<Token![=]>>()?;
                rest(input, &mut value)?;
                settings.push(Setting { key, value });
            } else {
                rest(input, &mut TokenStream::new())?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(settings)
    };
    read.parse2(tokens).unwrap_or_default()
}

/// Reads `key = value, ...`; notes what cannot be read, and keys that come twice.
pub(crate) fn settings(tokens: TokenStream, errors: &mut Errors, subject: &Subject) -> Vec<Setting> {
    let Ok(settings) = Punctuated::<Setting, Token![,]>::parse_terminated.parse2(tokens.clone()) else {
        errors.report(&rules::UNKNOWN_KEY, tokens, subject);
        return Vec::new();
    };
    let mut kept: Vec<Setting> = Vec::new();
    for setting in settings {
        if kept.iter().any(|other| other.key == setting.key) {
            errors.report_as(&rules::REPEATED_KEY, &setting.key, subject, &format!("`{}` is set twice", setting.key));
        } else {
            kept.push(setting);
        }
    }
    kept
}

impl Setting {
    /// The value as a string literal.
    pub(crate) fn string(&self, errors: &mut Errors, subject: &Subject) -> Option<LitStr> {
        let read = syn::parse2(self.value.clone()).ok();
        if read.is_none() {
            self.wrong_value("a string", errors, subject);
        }
        read
    }

    /// The value as a path inside a string literal.
    pub(crate) fn path_in_string(&self, errors: &mut Errors, subject: &Subject) -> Option<Path> {
        let text = self.string(errors, subject)?;
        let path = text.parse_with(Path::parse_mod_style).ok();
        if path.is_none() {
            self.wrong_value("a path in quotes", errors, subject);
        }
        path
    }

    /// Whether the setting stands alone, as a flag does; notes a value.
    pub(crate) fn flag(&self, errors: &mut Errors, subject: &Subject) -> bool {
        let alone = self.value.is_empty();
        if !alone {
            self.wrong_value("no value", errors, subject);
        }
        alone
    }

    /// Notes that there is no such key.
    pub(crate) fn unknown(&self, errors: &mut Errors, subject: &Subject) {
        let what = format!("there is no setting `{}` here", self.key);
        errors.report_as(&rules::UNKNOWN_KEY, &self.key, subject, &what);
    }

    fn wrong_value(&self, expected: &str, errors: &mut Errors, subject: &Subject) {
        let what = format!("`{}` takes {expected}", self.key);
        if self.value.is_empty() {
            errors.report_as(&rules::WRONG_VALUE, &self.key, subject, &what);
        } else {
            errors.report_as(&rules::WRONG_VALUE, &self.value, subject, &what);
        }
    }
}

/// The arguments of `#[hub(..)]` or `#[client_interface(..)]`.
#[derive(Debug)]
pub(crate) struct InterfaceArgs {
    /// Marker of the client contract. `None` in a client interface, or if it could not be read.
    pub(crate) client: Option<TokenStream>,
    pub(crate) style: Style,
    pub(crate) krate: Path,
    /// What becomes of calls to clients that do not keep up. Client interfaces only.
    pub(crate) delivery: Delivery,
    /// What members of a group show of themselves. Client interfaces only.
    pub(crate) presence: Option<Type>,
}

/// Path of the crate, where none is given.
pub(crate) fn default_crate() -> Path {
    parse_quote!(::hubs)
}

impl InterfaceArgs {
    pub(crate) fn read(tokens: TokenStream, errors: &mut Errors, subject: &Subject) -> Self {
        let settings = settings(tokens, errors, subject);
        let mut args = Self {
            client: None,
            style: Style::default(),
            krate: default_crate(),
            delivery: Delivery::Must,
            presence: None,
        };
        let (mut client, mut policy) = (None, None);
        for setting in &settings {
            match setting.key.to_string().as_str() {
                "client" if subject.role == Role::Hub => client = Some(setting),
                "client" => errors.report(&rules::CLIENT_OF_CLIENT, &setting.key, subject),
                "presence" if subject.role == Role::Client => args.presence = presence(setting, errors, subject),
                "rename_all" => args.style = style(setting, errors, subject).unwrap_or_default(),
                "crate" => args.krate = setting.path_in_string(errors, subject).unwrap_or_else(default_crate),
                _ if delivery::is_policy(setting) => delivery::read(setting, &mut policy, errors, subject),
                _ => setting.unknown(errors, subject),
            }
        }
        args.delivery = policy.unwrap_or_default();
        let krate = &args.krate;
        args.client = match (subject.role, client) {
            (Role::Client, _) => None,
            (Role::Hub, None) => Some(quote!(#krate::NoClient)),
            (Role::Hub, Some(setting)) => client_contract(krate, setting, errors, subject),
        };
        args
    }
}

/// `Member`, a type.
fn presence(setting: &Setting, errors: &mut Errors, subject: &Subject) -> Option<Type> {
    let parsed = syn::parse2::<Type>(setting.value.clone()).ok();
    if parsed.is_none() {
        setting.wrong_value("a type, without quotes", errors, subject);
    }
    parsed
}

fn style(setting: &Setting, errors: &mut Errors, subject: &Subject) -> Option<Style> {
    let text = setting.string(errors, subject)?;
    let style = Style::parse(&text.value());
    if style.is_none() {
        let what = format!("there is no naming style {:?}", text.value());
        errors.report_as(&rules::UNKNOWN_STYLE, &text, subject, &what);
    }
    style
}

/// `path::ChatClient` to the marker of its contract. It is found through the trait itself, so that the trait may be
/// imported alone, and under another name.
fn client_contract(krate: &Path, setting: &Setting, errors: &mut Errors, subject: &Subject) -> Option<TokenStream> {
    let parsed = syn::parse2::<Path>(setting.value.clone()).ok();
    let Some(path) = parsed.filter(|path| path.segments.iter().all(|segment| segment.arguments.is_none())) else {
        setting.wrong_value("the path of a client interface, without quotes", errors, subject);
        return None;
    };
    let span = names::generated_at(path.span());
    Some(quote_spanned!(span=> <dyn #path as #krate::__private::ClientInterface>::Contract))
}

/// What the `#[method(..)]` of a method set.
#[derive(Debug, Default)]
pub(crate) struct MethodSettings {
    /// The name on the wire, if it is not made from the Rust name.
    pub(crate) name: Option<LitStr>,
    /// Whether the caller may cancel a call.
    pub(crate) cancellable: bool,
    /// Whether a client that comes back can read the stream on.
    pub(crate) resumable: bool,
    /// Whether a client calls again that does not know whether a call ran.
    pub(crate) idempotent: bool,
    /// How often one connection may call it.
    pub(crate) rate: Option<Rate>,
    /// What becomes of a call to a client that does not keep up, if it is not what the interface says.
    pub(crate) delivery: Option<Delivery>,
}

impl MethodSettings {
    /// Reads `#[method(name = "..", cancellable, resumable, idempotent, rate = "10/s")]` out of `attrs`.
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors, subject: &Subject) -> Self {
        let mut made = Self::default();
        for attr in attrs.iter().filter(|attr| is_method(attr)) {
            let Meta::List(list) = &attr.meta else {
                errors.report(&rules::EMPTY_METHOD, &attr.meta, subject);
                continue;
            };
            let settings = settings(list.tokens.clone(), errors, subject);
            if settings.is_empty() && list.tokens.is_empty() {
                errors.report(&rules::EMPTY_METHOD, &attr.meta, subject);
            }
            for setting in &settings {
                made.set(setting, errors, subject);
            }
        }
        made
    }

    fn set(&mut self, setting: &Setting, errors: &mut Errors, subject: &Subject) {
        if delivery::is_policy(setting) {
            return delivery::read(setting, &mut self.delivery, errors, subject);
        }
        let repeated = match setting.key.to_string().as_str() {
            "name" => self.name.is_some(),
            "cancellable" => self.cancellable,
            "resumable" => self.resumable,
            "idempotent" => self.idempotent,
            "rate" if subject.role == Role::Hub => self.rate.is_some(),
            _ => return setting.unknown(errors, subject),
        };
        if repeated {
            let what = format!("`{}` is set twice", setting.key);
            errors.report_as(&rules::REPEATED_KEY, &setting.key, subject, &what);
        } else if setting.key == "name" {
            self.name = setting.string(errors, subject).filter(|name| is_wire_name(name, errors, subject));
        } else if setting.key == "rate" {
            self.rate = setting.string(errors, subject).and_then(|text| rate::parse(&text, errors, subject));
        } else if subject.role == Role::Client {
            errors.report(&rules::CANCELLABLE_IN_CLIENT, &setting.key, subject);
        } else if setting.key == "resumable" {
            self.resumable = setting.flag(errors, subject);
        } else if setting.key == "idempotent" {
            self.idempotent = setting.flag(errors, subject);
        } else {
            self.cancellable = setting.flag(errors, subject);
        }
    }
}

fn is_wire_name(name: &LitStr, errors: &mut Errors, subject: &Subject) -> bool {
    let text = name.value();
    let good = !text.is_empty() && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    if !good {
        let what = format!("{text:?} cannot be the name of a method on the wire");
        errors.report_as(&rules::BAD_WIRE_NAME, name, subject, &what);
    }
    good
}

/// Whether this is our own `#[method]`, which is not passed on.
pub(crate) fn is_method(attr: &Attribute) -> bool {
    attr.path().is_ident("method")
}

/// Those of `attrs` whose names are in `kinds`, also from inside `#[cfg_attr]`.
pub(crate) fn carried(attrs: &[Attribute], kinds: &[&str]) -> Vec<Attribute> {
    attrs.iter().filter_map(|attr| carry(attr, kinds)).collect()
}

fn carry(attr: &Attribute, kinds: &[&str]) -> Option<Attribute> {
    if kinds.iter().any(|kind| attr.path().is_ident(kind)) {
        return Some(attr.clone());
    }
    if !attr.path().is_ident("cfg_attr") {
        return None;
    }
    let inside = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let mut inside = inside.into_iter();
    let predicate = inside.next()?;
    let kept: Vec<Meta> = inside.filter(|meta| kinds.iter().any(|kind| meta.path().is_ident(kind))).collect();
    (!kept.is_empty()).then(|| parse_quote!(#[cfg_attr(#predicate, #(#kept),*)]))
}

/// The doc comment and the deprecation of an item.
pub(crate) fn docs(attrs: &[Attribute]) -> Docs {
    let lines: Vec<&Expr> = attrs.iter().filter_map(doc_line).collect();
    let text = match literal_text(&lines) {
        Some(text) if text.is_empty() => None,
        Some(text) => Some(quote!(#text)),
        None => Some(quote!(::core::concat!(#(#lines, "\n"),*))),
    };
    Docs { text, deprecated: attrs.iter().find_map(deprecation) }
}

fn doc_line(attr: &Attribute) -> Option<&Expr> {
    let value = attr.meta.require_name_value().ok()?;
    value.path.is_ident("doc").then_some(&value.value)
}

/// The lines as one text, without the space after `///`; `None` if one of them is not a literal.
fn literal_text(lines: &[&Expr]) -> Option<String> {
    let mut texts = Vec::new();
    for line in lines {
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = line else { return None };
        texts.extend(text.value().lines().map(str::to_owned).collect::<Vec<_>>());
        if text.value().is_empty() {
            texts.push(String::new());
        }
    }
    let indents = texts.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap_or(0);
    let unindented = texts.iter().map(|line| line.get(indent..).unwrap_or("").trim_end());
    Some(unindented.collect::<Vec<_>>().join("\n").trim().to_owned())
}

fn deprecation(attr: &Attribute) -> Option<String> {
    if !attr.path().is_ident("deprecated") {
        return None;
    }
    let note = match &attr.meta {
        Meta::Path(_) => None,
        Meta::NameValue(value) => text(&value.value),
        Meta::List(list) => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .ok()
            .and_then(|metas| metas.iter().find_map(note)),
    };
    Some(note.unwrap_or_default())
}

fn note(meta: &Meta) -> Option<String> {
    let value = meta.require_name_value().ok()?;
    if value.path.is_ident("note") { text(&value.value) } else { None }
}

fn text(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
