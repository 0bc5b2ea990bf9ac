//! How names differ in .NET's form: a capital letter first. Nothing else about a name changes.

use std::borrow::Cow;

/// `sentAt` → `SentAt`.
pub(super) fn to_dotnet(name: &'static str) -> Cow<'static, str> {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() => {
            Cow::Owned(std::iter::once(first.to_ascii_uppercase()).chain(chars).collect())
        }
        _ => Cow::Borrowed(name),
    }
}

/// The name in `known` that .NET writes as `name`.
pub(super) fn from_dotnet(name: &str, known: &[&'static str]) -> Option<&'static str> {
    known.iter().copied().find(|known| to_dotnet(known) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again() {
        for (name, dotnet) in [("sentAt", "SentAt"), ("ID", "ID"), ("été", "été"), ("_x", "_x"), ("", "")] {
            assert_eq!(to_dotnet(name), dotnet);
            assert_eq!(from_dotnet(dotnet, &["other", name]), Some(name));
        }
        assert_eq!(from_dotnet("sentAt", &["sentAt"]), None);
    }
}
