//! How often a method may be called: `rate = "10/s"`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

use crate::{
    diag::{Errors, Subject, rules},
    model::Rate,
};

/// Reads `10/s`, `90/min`, `1000/h`.
pub(crate) fn parse(text: &LitStr, errors: &mut Errors, subject: &Subject) -> Option<Rate> {
    let value = text.value();
    let parts = value.split_once('/').map(|(calls, unit)| (calls.trim(), unit.trim()));
    let rate = parts.and_then(|(calls, unit)| {
        let seconds = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3_600,
            _ => return None,
        };
        let calls = calls.parse::<u32>().ok().filter(|calls| *calls > 0)?;
        Some(Rate { calls, seconds })
    });
    if rate.is_none() {
        errors.report_as(&rules::BAD_RATE, text, subject, &format!("{value:?} is no rate"));
    }
    rate
}

/// The rate as a constant, for the descriptor.
pub(crate) fn constant(rate: Rate) -> TokenStream {
    let Rate { calls, seconds } = rate;
    quote!(.with_rate(#calls, #seconds))
}
