//! Where mistakes go: one sink that keeps them all, so that a trait is told everything at once. The texts are in
//! [`rules`]; who breaks which rule is decided elsewhere.

pub(crate) mod rules;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::model::Role;

pub(crate) use rules::Rule;

/// What a message is about: fills the placeholders of a rule's help.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) role: Role,
    /// Name of the trait.
    pub(crate) interface: String,
    /// Name of the method, or an example of one.
    pub(crate) method: String,
}

impl Subject {
    pub(crate) fn new(role: Role, interface: &str) -> Self {
        let method = match role {
            Role::Hub => "send_message",
            Role::Client => "receive_message",
        };
        Self { role, interface: interface.to_owned(), method: method.to_owned() }
    }

    /// The same interface, about one method.
    pub(crate) fn method(&self, method: &str) -> Self {
        Self { method: method.to_owned(), ..self.clone() }
    }

    pub(crate) fn fill(&self, text: &str) -> String {
        let (attribute, kind, context) = match self.role {
            Role::Hub => ("#[hub(client = ChatClient)]", "hub", "cx: &Cx, "),
            Role::Client => ("#[client_interface]", "client interface", ""),
        };
        text.replace("{trait}", &format!("{attribute} pub trait {} {{ .. }}", self.interface))
            .replace("{method}", &format!("async fn {{name}}(&self, {context}text: String) -> HubResult<()>;"))
            .replace("{args}", &format!("&self, {context}"))
            .replace("{name}", &self.method)
            .replace("{kind}", kind)
            .replace("{interface}", &self.interface)
    }
}

/// All mistakes found so far. Must be turned into tokens: dropping it unread is a bug in the macro, and panics.
#[derive(Debug)]
pub(crate) struct Errors {
    found: Option<Vec<syn::Error>>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self { found: Some(Vec::new()) }
    }

    /// Notes that `at` breaks `rule`.
    pub(crate) fn report(&mut self, rule: &Rule, at: impl ToTokens, subject: &Subject) {
        self.report_as(rule, at, subject, rule.title);
    }

    /// Notes that `at` breaks `rule`, saying `what` instead of the rule's title.
    pub(crate) fn report_as(&mut self, rule: &Rule, at: impl ToTokens, subject: &Subject, what: &str) {
        let what = subject.fill(what);
        let help = subject.fill(rule.help);
        let text = format!("{}: {what}\nhelp: {help}\nmore: cargo hubs explain {}", rule.code, rule.code);
        self.push(syn::Error::new_spanned(at, text));
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.found.as_ref().map_or(0, Vec::len)
    }

    /// One `compile_error!` for each mistake.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        let found = self.found.take().unwrap_or_default();
        let errors = found.iter().map(syn::Error::to_compile_error);
        quote!(#(#errors)*)
    }

    fn push(&mut self, error: syn::Error) {
        if let Some(found) = &mut self.found {
            found.push(error);
        }
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if self.found.is_some() && !std::thread::panicking() {
            panic!("mistakes were collected and never shown");
        }
    }
}
