//! Query parameters as ASP.NET reads them: keys in any letter case, the values of a repeated key joined by commas.

/// The value of `key`, percent-decoded; `None` if the query does not name it.
pub(in crate::server) fn value(query: Option<&str>, key: &str) -> Option<String> {
    let pairs = form_urlencoded::parse(query?.as_bytes());
    pairs.filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.into_owned()).reduce(
        |mut all, value| {
            all.push(',');
            all.push_str(&value);
            all
        },
    )
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn values() {
        for (query, expected) in [
            (None, None),
            (Some(""), None),
            (Some("id"), Some("")),
            (Some("id="), Some("")),
            (Some("id=aB-_"), Some("aB-_")),
            (Some("x=1&ID=a%20b+c"), Some("a b c")),
            (Some("id=a&Id=b"), Some("a,b")),
            (Some("ids=a"), None),
        ] {
            assert_eq!(value(query, "id").as_deref(), expected, "{query:?}");
        }
    }
}
