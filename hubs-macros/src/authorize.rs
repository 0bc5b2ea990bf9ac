//! Who may call: `#[authorize]`, with a role, roles or a policy, on a hub and on its methods, and `#[allow_anonymous]` on
//! the methods that are exempt.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprArray, ExprLit, Lit, LitStr, Meta};

use crate::{
    attr::{self, Setting},
    diag::{Errors, Subject, rules},
    model::{Method, Requirement, Role},
};

/// What the attributes of a trait or a method say.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// All of it must hold; `None` without `#[authorize]`.
    pub(crate) requirement: Option<Requirement>,
    pub(crate) anonymous: bool,
}

/// Whether this is one of our attributes, which are not passed on.
pub(crate) fn is_ours(attr: &Attribute) -> bool {
    attr.path().is_ident("authorize") || is_anonymous(attr)
}

fn is_anonymous(attr: &Attribute) -> bool {
    attr.path().is_ident("allow_anonymous")
}

/// Reads the attributes of a trait.
pub(crate) fn of_trait(attrs: &[Attribute], errors: &mut Errors, subject: &Subject) -> Option<Requirement> {
    for attr in attrs.iter().filter(|attr| is_anonymous(attr)) {
        errors.report(&rules::ANONYMOUS_HUB, attr, subject);
    }
    read(attrs, errors, subject).requirement
}

/// Reads the attributes of a method. `hub` is what the trait requires.
pub(crate) fn of_method(
    attrs: &[Attribute],
    hub: Option<&Requirement>,
    errors: &mut Errors,
    subject: &Subject,
) -> Access {
    let access = read(attrs, errors, subject);
    if let Some(attr) = attrs.iter().find(|attr| is_anonymous(attr)) {
        if !matches!(attr.meta, Meta::Path(_)) {
            errors.report_as(&rules::WRONG_VALUE, attr, subject, "`allow_anonymous` takes no value");
        } else if access.requirement.is_some() {
            errors.report(&rules::ANONYMOUS_AND_AUTHORIZED, attr, subject);
        } else if hub.is_none() && subject.role == Role::Hub {
            errors.report(&rules::NOTHING_TO_EXEMPT, attr, subject);
        }
    }
    access
}

/// A hub with methods for everyone lets everyone connect: what it requires is asked for by each of its other methods.
pub(crate) fn distribute(hub: Option<Requirement>, methods: &mut [(Method, bool)]) -> Option<Requirement> {
    let requirement = hub?;
    if !methods.iter().any(|(_, anonymous)| *anonymous) {
        return Some(requirement);
    }
    for (method, _) in methods.iter_mut().filter(|(_, anonymous)| !anonymous) {
        let own = method.requirement.get_or_insert_default();
        own.roles.splice(0..0, requirement.roles.iter().cloned());
        own.policies.splice(0..0, requirement.policies.iter().cloned());
    }
    None
}

/// The requirement as a constant.
pub(crate) fn constant(requirement: &Requirement) -> TokenStream {
    let Requirement { roles, policies } = requirement;
    quote!(__hubs::Requirement { roles: &[#(&[#(#roles),*]),*], policies: &[#(#policies),*] })
}

fn read(attrs: &[Attribute], errors: &mut Errors, subject: &Subject) -> Access {
    let mut access = Access::default();
    for attr in attrs.iter().filter(|attr| is_ours(attr)) {
        if subject.role == Role::Client {
            errors.report(&rules::AUTHORIZE_IN_CLIENT, attr, subject);
        } else if is_anonymous(attr) {
            access.anonymous = true;
        } else {
            one(attr, access.requirement.get_or_insert_default(), errors, subject);
        }
    }
    access
}

fn one(attr: &Attribute, requirement: &mut Requirement, errors: &mut Errors, subject: &Subject) {
    let list = match &attr.meta {
        Meta::Path(_) => return,
        Meta::List(list) => list,
        Meta::NameValue(value) => return errors.report(&rules::BAD_ROLE, value, subject),
    };
    let settings = attr::settings(list.tokens.clone(), errors, subject);
    if settings.is_empty() && list.tokens.is_empty() {
        errors.report_as(&rules::BAD_ROLE, attr, subject, "`#[authorize()]` names nothing between its brackets");
    }
    for setting in &settings {
        match setting.key.to_string().as_str() {
            "role" => requirement.roles.extend(name(setting, errors, subject).map(|role| vec![role])),
            "policy" => requirement.policies.extend(name(setting, errors, subject)),
            "roles" => requirement.roles.extend(names(setting, errors, subject)),
            _ => setting.unknown(errors, subject),
        }
    }
}

fn name(setting: &Setting, errors: &mut Errors, subject: &Subject) -> Option<LitStr> {
    setting.string(errors, subject).filter(|name| is_name(name, errors, subject))
}

/// `["admin", "moderator"]`.
fn names(setting: &Setting, errors: &mut Errors, subject: &Subject) -> Option<Vec<LitStr>> {
    let text = |element: Expr| match element {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        _ => None,
    };
    let array = syn::parse2::<ExprArray>(setting.value.clone()).ok();
    let names = array.and_then(|array| array.elems.into_iter().map(text).collect::<Option<Vec<_>>>());
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        let what = "`roles` takes a list of strings that is not empty";
        errors.report_as(&rules::BAD_ROLE, &setting.key, subject, what);
        return None;
    };
    names.iter().all(|name| is_name(name, errors, subject)).then_some(names)
}

fn is_name(name: &LitStr, errors: &mut Errors, subject: &Subject) -> bool {
    let good = !name.value().trim().is_empty() && name.value().trim() == name.value();
    if !good {
        let what = format!("{:?} cannot be the name of a role or a policy", name.value());
        errors.report_as(&rules::BAD_ROLE, name, subject, &what);
    }
    good
}
