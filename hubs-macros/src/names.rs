//! Names: Rust to wire, and the names of generated items. Knows strings only, no syntax.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

/// How names on the wire are made from Rust names: serde's styles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    #[default]
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
    Lower,
    Upper,
}

impl Style {
    /// Reads serde's name of a style.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            _ => return None,
        })
    }

    /// Applies the style to the name of a method, as serde does to the name of a field.
    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Self::Pascal => pascal(name),
            Self::Camel => lower_first(&pascal(name)),
            Self::Snake | Self::Lower => name.to_owned(),
            Self::ScreamingSnake | Self::Upper => name.to_ascii_uppercase(),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn pascal(name: &str) -> String {
    name.split('_')
        .flat_map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)))
        .collect()
}

fn lower_first(name: &str) -> String {
    name.chars().take(1).flat_map(char::to_lowercase).chain(name.chars().skip(1)).collect()
}

/// The Rust name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Whether this is the name of a lifecycle hook.
pub(crate) fn is_hook(ident: &Ident) -> bool {
    ["on_connected", "on_disconnected"].contains(&plain(ident).as_str())
}

/// `ChatHub` to `ChatHubContract` and the like. Points at the user's name, and is not the user's token, so that lints
/// about unused and undocumented items leave it alone.
pub(crate) fn derived(ident: &Ident, suffix: &str) -> Ident {
    Ident::new(&format!("{}{suffix}", ident.unraw()), generated_at(ident.span()))
}

/// Resolves like generated code, and is shown at `span`.
pub(crate) fn generated_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn styles_are_serdes() {
        let styles = [
            ("PascalCase", "SendMessage"),
            ("camelCase", "sendMessage"),
            ("snake_case", "send_message"),
            ("SCREAMING_SNAKE_CASE", "SEND_MESSAGE"),
            ("kebab-case", "send-message"),
            ("SCREAMING-KEBAB-CASE", "SEND-MESSAGE"),
            ("lowercase", "send_message"),
            ("UPPERCASE", "SEND_MESSAGE"),
        ];
        for (style, name) in styles {
            assert_eq!(Style::parse(style).unwrap().apply("send_message"), name, "{style}");
        }
        assert_eq!(Style::parse("Pascal"), None);
    }

    #[test]
    fn odd_names_keep_their_letters() {
        assert_eq!(Style::Pascal.apply("sendMessage"), "SendMessage");
        assert_eq!(Style::Pascal.apply("_x2__y"), "X2Y");
        assert_eq!(Style::Camel.apply("a"), "a");
    }
}
