//! Query parameters as ASP.NET reads them: keys in any letter case, the values of a repeated key joined by commas.

use std::borrow::Cow;

use memchr::memchr2;

/// The value of `key`, percent-decoded; `None` if the query does not name it.
pub(in crate::server) fn value(query: Option<&str>, key: &str) -> Option<String> {
    let named = pairs(query?).filter(|(name, _)| name.eq_ignore_ascii_case(key));
    named.map(|(_, value)| value.into_owned()).reduce(|mut all, value| {
        all.push(',');
        all.push_str(&value);
        all
    })
}

/// The names and values of a query, decoded. Most have nothing to decode, and looking for that costs less than doing it.
fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').filter_map(|pair| {
        if memchr2(b'%', b'+', pair.as_bytes()).is_some() {
            return form_urlencoded::parse(pair.as_bytes()).next();
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((name.into(), value.into()))
    })
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
            (Some("id=a=b"), Some("a=b")),
            (Some("&id=a&&"), Some("a")),
            (Some("i%64=%31=2&+id=3"), Some("1=2")),
            (Some("ids=a"), None),
        ] {
            assert_eq!(value(query, "id").as_deref(), expected, "{query:?}");
        }
    }
}
