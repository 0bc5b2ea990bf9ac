//! Half a surrogate pair in JSON text: what a browser writes of a string that was cut inside an emoji. No Rust string
//! can hold it, so it becomes U+FFFD, as it does where a browser encodes text as UTF-8.

/// Bytes of one `\uXXXX`.
const ESCAPE: usize = 6;

/// `json` with each half of a pair replaced, at the same length. `None` if there is none.
pub(in crate::protocol) fn replaced(json: &str) -> Option<String> {
    let mut fixed = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = memchr::memchr(b'\\', &json.as_bytes()[at..]) {
        at += found;
        match (unit(json, at), unit(json, at + ESCAPE)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 2 * ESCAPE,
            (Some(0xd800..=0xdfff), _) => {
                fixed.push_str(&json[copied..at]);
                fixed.push_str("\\ufffd");
                at += ESCAPE;
                copied = at;
            }
            // Two bytes, of which the second may be a backslash, too.
            _ => at = (at + 2).min(json.len()),
        }
    }
    fixed.push_str(&json[copied..]);
    (copied > 0).then_some(fixed)
}

/// The UTF-16 unit that is escaped at `at`.
fn unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.as_bytes().get(at..at + ESCAPE)?.strip_prefix(b"\\u")?;
    let digits =
        std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn halves_are_replaced_and_pairs_are_not() {
        let table = [
            (r#""\ud83d""#, Some(r#""\ufffd""#)),
            (r#""a\uD83Db""#, Some(r#""a\ufffdb""#)),
            (r#""\ude00""#, Some(r#""\ufffd""#)),
            (r#""\ude00\ud83d""#, Some(r#""\ufffd\ufffd""#)),
            (r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#)),
            (r#""\ud83d\u0041κ""#, Some(r#""\ufffd\u0041κ""#)),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\u00e9\n""#, None),
            (r#""\ud8""#, None),
            (r"\", None),
            (r"\κ", None),
            ("", None),
        ];
        for (json, expected) in table {
            assert_eq!(replaced(json).as_deref(), expected, "{json}");
        }
    }
}
