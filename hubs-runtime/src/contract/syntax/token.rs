//! Words, strings, comments and marks of TypeScript's types.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::contract) enum Token {
    /// A name or a number.
    Word(String),
    /// A string with its quotes.
    Text(String),
    /// The inside of a doc comment, without its stars.
    Docs(String),
    /// Any other character.
    Mark(char),
}

/// All tokens, or `None` where a string or a comment does not end.
pub(in crate::contract) fn tokens(ts: &str) -> Option<Vec<Token>> {
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
            '/' if rest.starts_with("/*") => {
                let end = rest.find("*/")? + 2;
                found.push(Token::Docs(plain(&rest[2..end - 2])));
                end
            }
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

fn plain(comment: &str) -> String {
    let lines = comment.trim_start_matches('*').lines().map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix('*').unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
