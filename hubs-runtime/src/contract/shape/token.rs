//! Words, strings and marks of TypeScript's types. Comments are passed over.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a number.
    Word(String),
    /// A string with its quotes.
    Text(String),
    /// Any other character.
    Mark(char),
}

/// All tokens, or `None` where a string or a comment does not end.
pub(super) fn tokens(ts: &str) -> Option<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = ts;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            _ if c.is_whitespace() => c.len_utf8(),
            '"' | '\'' => {
                let end = closing_quote(rest, c)?;
                found.push(Token::Text(rest[..end].to_owned()));
                end
            }
            '/' if rest.starts_with("/*") => rest.find("*/")? + 2,
            _ if is_word(c) || (c == '-' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) => {
                let after = rest[c.len_utf8()..].find(|c: char| !is_word(c) && c != '.');
                let end = after.map_or(rest.len(), |after| after + c.len_utf8());
                found.push(Token::Word(rest[..end].to_owned()));
                end
            }
            _ => {
                found.push(Token::Mark(c));
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    Some(found)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return Some(index + 1),
            _ => {}
        }
    }
    None
}
