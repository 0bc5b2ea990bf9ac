//! Every rule on its own function. Makes the model from what was parsed, and leaves out the methods that break a rule.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    FnArg, GenericParam, Ident, Pat, PatType, ReceiverKind, ReturnType, Safety, TraitItem, Type, TypeParamBound,
};

use crate::{
    attr::{self, InterfaceArgs, MethodSettings},
    authorize, delivery,
    diag::{Errors, Rule, Subject, rules},
    model::{Interface, Method, Param, Requirement, Role, ungrouped},
    names,
    parse::{RawItem, RawMethod, RawTrait},
};

/// Attributes that go onto every generated item of a method.
const CARRIED: &[&str] = &["cfg", "deprecated", "doc"];

/// Checks all rules. The flags say for each item of the trait whether it is a method that keeps them.
pub(crate) fn interface(
    raw: &RawTrait,
    args: InterfaceArgs,
    errors: &mut Errors,
    subject: &Subject,
) -> (Interface, Vec<bool>) {
    let before = errors.count();
    check_trait(raw, errors, subject);
    let requirement = authorize::of_trait(&raw.attrs, errors, subject);
    let callable = errors.count() == before && (subject.role == Role::Client || args.client.is_some());
    let nameable = callable && raw.items.iter().all(|item| matches!(item, RawItem::Method(_)));
    let mut methods = Vec::new();
    let mut valid = Vec::new();
    for item in &raw.items {
        let method = match item {
            RawItem::Method(method) => self::method(method, &args, requirement.as_ref(), errors, subject),
            RawItem::Other(item) => {
                other_item(item, errors, subject);
                None
            }
        };
        valid.push(method.is_some());
        methods.extend(method);
    }
    let requirement = authorize::distribute(requirement, &mut methods);
    let methods: Vec<Method> = methods.into_iter().map(|(method, _)| method).collect();
    duplicate_names(&methods, errors, subject);
    let interface = Interface {
        role: subject.role,
        ident: raw.ident.clone(),
        vis: raw.vis.clone(),
        carried: attr::carried(&raw.attrs, &["cfg", "deprecated"]),
        docs: attr::docs(&raw.attrs),
        krate: args.krate,
        client: args.client,
        presence: args.presence,
        requirement,
        methods,
        callable,
        nameable,
    };
    (interface, valid)
}

fn check_trait(raw: &RawTrait, errors: &mut Errors, subject: &Subject) {
    generics(&raw.generics, &rules::GENERIC_TRAIT, &rules::TRAIT_LIFETIME, &rules::TRAIT_WHERE, errors, subject);
    if !raw.modifiers.is_empty() {
        errors.report(&rules::TRAIT_MODIFIER, &raw.modifiers, subject);
    }
    for bound in raw.supertraits.iter().filter(|bound| !is_implied(bound)) {
        errors.report(&rules::SUPERTRAIT, bound, subject);
    }
}

/// `Send`, `Sync` and `'static`, which every interface has anyway.
fn is_implied(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last().map(|segment| segment.ident.to_string());
            matches!(last.as_deref(), Some("Send" | "Sync"))
        }
        TypeParamBound::Lifetime(lifetime) => lifetime.ident == "static",
        _ => false,
    }
}

fn generics(
    generics: &syn::Generics,
    types: &Rule,
    lifetimes: &Rule,
    clause: &Rule,
    errors: &mut Errors,
    subject: &Subject,
) {
    for param in &generics.params {
        match param {
            GenericParam::Lifetime(_) => errors.report(lifetimes, param, subject),
            _ => errors.report(types, param, subject),
        }
    }
    if let Some(where_clause) = &generics.where_clause {
        errors.report(clause, where_clause, subject);
    }
}

fn other_item(item: &TraitItem, errors: &mut Errors, subject: &Subject) {
    match item {
        TraitItem::Type(item) => errors.report(&rules::ASSOCIATED_TYPE, &item.ident, subject),
        TraitItem::Const(item) => errors.report(&rules::ASSOCIATED_CONST, &item.ident, subject),
        item => errors.report(&rules::TRAIT_MACRO, item, subject),
    }
}

/// A method, if it keeps all rules, and whether it is exempt from what the hub requires.
fn method(
    raw: &RawMethod,
    args: &InterfaceArgs,
    hub: Option<&Requirement>,
    errors: &mut Errors,
    subject: &Subject,
) -> Option<(Method, bool)> {
    let subject = &subject.method(&names::plain(&raw.sig.ident));
    let before = errors.count();
    qualifiers(raw, errors, subject);
    let sig = &raw.sig;
    generics(&sig.generics, &rules::GENERIC_METHOD, &rules::METHOD_LIFETIME, &rules::METHOD_WHERE, errors, subject);
    reserved_name(&sig.ident, errors, subject);
    let settings = MethodSettings::read(&raw.attrs, errors, subject);
    let access = authorize::of_method(&raw.attrs, hub, errors, subject);
    let mut inputs = sig.inputs.iter().peekable();
    match inputs.peek() {
        Some(FnArg::Receiver(_)) => receiver(inputs.next(), errors, subject),
        _ => errors.report(&rules::NO_RECEIVER, &sig.ident, subject),
    }
    let mut typed: Vec<&PatType> = Vec::new();
    for input in inputs {
        if let FnArg::Typed(input) = input {
            typed.push(input);
        }
    }
    let context = context(&mut typed, &sig.ident, errors, subject);
    let params: Vec<Param> = typed.iter().filter_map(|input| param(input, errors, subject)).collect();
    let output = output(&sig.output, &sig.ident, errors, subject)?;
    let delivery = delivery::of_method(settings.delivery, &args.delivery, &params, &output, errors, subject);
    if errors.count() > before {
        return None;
    }
    let method = Method {
        ident: sig.ident.clone(),
        wire_name: settings.name.map_or_else(|| args.style.apply(&names::plain(&sig.ident)), |name| name.value()),
        cancellable: settings.cancellable,
        requirement: access.requirement,
        resumable: settings.resumable,
        idempotent: settings.idempotent,
        rate: settings.rate,
        delivery,
        cfgs: attr::carried(&raw.attrs, &["cfg"]),
        carried: attr::carried(&raw.attrs, CARRIED),
        docs: attr::docs(&raw.attrs),
        context,
        params,
        output,
    };
    Some((method, access.anonymous))
}

fn qualifiers(raw: &RawMethod, errors: &mut Errors, subject: &Subject) {
    let sig = &raw.sig;
    if !raw.vis.to_token_stream().is_empty() {
        errors.report(&rules::METHOD_VISIBILITY, &raw.vis, subject);
    }
    if let Some(token) = &sig.constness {
        errors.report(&rules::QUALIFIER, token, subject);
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.report(&rules::QUALIFIER, token, subject);
    }
    if let Some(abi) = &sig.abi {
        errors.report(&rules::QUALIFIER, abi, subject);
    }
    if sig.asyncness.is_none() {
        errors.report(&rules::NOT_ASYNC, sig.fn_token, subject);
    }
    if let Some(variadic) = &sig.variadic {
        errors.report(&rules::VARIADIC, variadic, subject);
    }
}

fn reserved_name(ident: &Ident, errors: &mut Errors, subject: &Subject) {
    if subject.role == Role::Hub && names::is_hook(ident) {
        errors.report_as(&rules::RESERVED_NAME, ident, subject, "`#[hub]` adds `{name}` itself");
    }
}

fn receiver(receiver: Option<&FnArg>, errors: &mut Errors, subject: &Subject) {
    let Some(FnArg::Receiver(receiver)) = receiver else { return };
    if !matches!(receiver.kind, ReceiverKind::Reference(_, None, None)) {
        errors.report(&rules::WRONG_RECEIVER, receiver, subject);
    }
}

/// Takes the context of a hub method off the front of `typed`: the first parameter, if it is a reference.
fn context(typed: &mut Vec<&PatType>, ident: &Ident, errors: &mut Errors, subject: &Subject) -> Option<Type> {
    if subject.role == Role::Client {
        for input in typed.extract_if(.., |input| is_reference(&input.ty) && looks_like_context(input)) {
            errors.report(&rules::CONTEXT_IN_CLIENT, input, subject);
        }
        return None;
    }
    let place = typed.iter().position(|input| is_reference(&input.ty) && looks_like_context(input));
    if let Some(place) = place.filter(|place| *place > 0) {
        errors.report(&rules::CONTEXT_NOT_FIRST, typed.remove(place), subject);
        return None;
    }
    if !typed.first().is_some_and(|first| is_reference(&first.ty) || looks_like_context(first)) {
        errors.report(&rules::NO_CONTEXT, ident, subject);
        return None;
    }
    context_type(typed.remove(0), errors, subject)
}

fn is_reference(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Reference(_))
}

fn context_type(context: &PatType, errors: &mut Errors, subject: &Subject) -> Option<Type> {
    let rule = match ungrouped(&context.ty) {
        Type::Reference(reference) if reference.mutability.is_some() => &rules::CONTEXT_MUTABLE,
        context @ Type::Reference(_) => return Some(context.clone()),
        _ => &rules::CONTEXT_BY_VALUE,
    };
    errors.report(rule, &context.ty, subject);
    None
}

/// Whether people would call this the context: by the name of the parameter, or of the type as it is written. Only
/// chooses the message; whether the type is right, the compiler decides.
fn looks_like_context(input: &PatType) -> bool {
    let named = match &*input.pat {
        Pat::Ident(pat) => ["cx", "_cx", "ctx", "_ctx"].contains(&names::plain(&pat.ident).as_str()),
        _ => false,
    };
    let typed = flatten(input.ty.to_token_stream())
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(ident) if ident == "HubCallerContext" || ident == "Cx"));
    named || typed
}

/// A parameter from the wire, if it keeps all rules.
fn param(input: &PatType, errors: &mut Errors, subject: &Subject) -> Option<Param> {
    if let Some(attr) = input.attrs.first() {
        errors.report(&rules::PARAM_ATTRIBUTE, attr, subject);
    }
    let ident = param_name(&input.pat, errors, subject);
    written_type(&input.ty, &rules::IMPL_PARAM, &rules::REFERENCE, errors, subject);
    Some(Param { ident: ident?, ty: (*input.ty).clone() })
}

fn param_name(pat: &Pat, errors: &mut Errors, subject: &Subject) -> Option<Ident> {
    match pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.mutability.is_none() && pat.subpat.is_none() => {
            Some(pat.ident.clone())
        }
        pat => {
            errors.report(&rules::PATTERN, pat, subject);
            None
        }
    }
}

fn output(output: &ReturnType, ident: &Ident, errors: &mut Errors, subject: &Subject) -> Option<Type> {
    match output {
        ReturnType::Default => {
            errors.report_as(&rules::NO_OUTPUT, ident, subject, "`{name}` does not say what it returns");
            None
        }
        ReturnType::Type(_, ty) => {
            written_type(ty, &rules::OPAQUE_OUTPUT, &rules::BORROWED_OUTPUT, errors, subject);
            Some((**ty).clone())
        }
    }
}

/// `impl Trait` and `Self` mean something else in each implementation, and nothing can be borrowed from the wire. No
/// other part of a type is looked at.
fn written_type(ty: &Type, opaque: &Rule, borrowed: &Rule, errors: &mut Errors, subject: &Subject) {
    let mut tokens = flatten(ty.to_token_stream()).into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Ident(ident) if ident == "impl" => return errors.report(opaque, ty, subject),
            TokenTree::Ident(ident) if ident == "Self" => return errors.report(&rules::SELF_TYPE, ident, subject),
            TokenTree::Punct(and) if and.as_char() == '&' => return errors.report(borrowed, ty, subject),
            TokenTree::Punct(tick) if tick.as_char() == '\'' && !is_static(tokens.peek()) => {
                return errors.report(borrowed, ty, subject);
            }
            _ => {}
        }
    }
}

/// Whether this is the name of the lifetime `'static`.
fn is_static(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Ident(name)) if name == "static")
}

/// All tokens, from inside groups too.
fn flatten(tokens: TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => flat.extend(flatten(group.stream())),
            token => flat.push(token),
        }
    }
    flat
}

/// Names are looked up without the case of ASCII letters. Methods under different `#[cfg]`s may be the same one.
fn duplicate_names(methods: &[Method], errors: &mut Errors, subject: &Subject) {
    let mut seen: HashMap<String, &Method> = HashMap::new();
    for method in methods {
        let Some(first) = seen.get(&method.wire_name.to_ascii_lowercase()) else {
            seen.insert(method.wire_name.to_ascii_lowercase(), method);
            continue;
        };
        if !first.cfgs.is_empty() && !method.cfgs.is_empty() && first.cfgs != method.cfgs {
            continue;
        }
        let what = format!(
            "`{}` and `{}` are one method on the wire, `{}`: case does not count",
            first.ident, method.ident, first.wire_name,
        );
        errors.report_as(&rules::DUPLICATE_NAME, &method.ident, subject, &what);
    }
}
