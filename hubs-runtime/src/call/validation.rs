//! Arguments whose types have rules of `garde`: the generated code asks for each argument whether it has any, which the
//! compiler answers. Must not know hubs.

use garde::Validate;

use super::Bound;
use crate::ids::HubError;

/// How many broken rules are named to the caller.
const NAMED: usize = 8;

/// An argument. Its `hubs_check` is that of [`Validated`] where the type has rules, and else that of [`Unvalidated`], which the
/// compiler finds one reference later.
#[derive(Debug)]
pub struct Argument<'a, T>(pub &'a T);

/// Of a type with rules.
pub trait Validated {
    /// The call that has failed, if the argument breaks a rule.
    fn hubs_check(&self, name: &str) -> Option<Bound>;
}

/// Of any other type.
pub trait Unvalidated {
    /// Nothing is wrong.
    fn hubs_check(&self, _: &str) -> Option<Bound> {
        None
    }
}

impl<T: Validate<Context: Default>> Validated for Argument<'_, T> {
    fn hubs_check(&self, name: &str) -> Option<Bound> {
        let report = self.0.validate().err()?;
        Some(Bound::failed(HubError::client(text(name, &report))))
    }
}

impl<T> Unvalidated for &Argument<'_, T> {}

/// Which rules of the argument `name` are broken, for its sender: `message.text: length is greater than 500`.
fn text(name: &str, report: &garde::Report) -> String {
    let broken = report.iter().map(|(path, error)| {
        let path = path.to_string();
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        format!("{name}{dot}{path}: {error}")
    });
    let count = report.iter().count();
    let mut text = broken.take(NAMED).collect::<Vec<_>>().join("; ");
    if count > NAMED {
        text.push_str(&format!("; and {} more", count - NAMED));
    }
    text
}
