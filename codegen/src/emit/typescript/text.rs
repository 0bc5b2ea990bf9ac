//! Pieces of text that every file is made of: doc comments, calls and signatures that wrap when they are long.

/// How wide a line may be: as Prettier has it.
pub(super) const WIDTH: usize = 80;

/// The columns that a line takes: letters of East Asia take two.
pub(super) fn width(line: &str) -> usize {
    const WIDE: [std::ops::RangeInclusive<u32>; 7] = [
        0x1100..=0x115f,
        0x2e80..=0xa4cf,
        0xac00..=0xd7a3,
        0xf900..=0xfaff,
        0xfe30..=0xfe6f,
        0xff00..=0xff60,
        0x1f300..=0x1faff,
    ];
    line.chars().map(|c| if WIDE.iter().any(|range| range.contains(&u32::from(c))) { 2 } else { 1 }).sum()
}

/// A doc comment, each line indented, or nothing if there is nothing to say.
pub(super) fn docs(text: &str, deprecated: Option<&str>, indent: usize) -> String {
    let mut lines: Vec<String> = text.trim().lines().map(|line| line.replace("*/", "*\\/")).collect();
    if let Some(note) = deprecated {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let note = note.split_whitespace().collect::<Vec<_>>().join(" ").replace("*/", "*\\/");
        lines.push(format!("@deprecated {note}").trim_end().to_owned());
    }
    let pad = " ".repeat(indent);
    match lines.as_slice() {
        [] => String::new(),
        [one] if pad.len() + one.len() + 7 <= WIDTH => format!("{pad}/** {one} */\n"),
        _ => {
            let body: String =
                lines.iter().map(|line| format!("{pad} * {line}").trim_end().to_owned() + "\n").collect();
            format!("{pad}/**\n{body}{pad} */\n")
        }
    }
}

/// `before(a, b)after` on one line, or one item a line if that is too long. Indented already; no newline at the end.
pub(super) fn wrapped(before: &str, items: &[String], after: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let flat = format!("{pad}{before}({}){after}", items.join(", "));
    if width(&flat) <= WIDTH || items.is_empty() {
        return flat;
    }
    let lines: String = items.iter().map(|item| format!("{pad}  {item},\n")).collect();
    format!("{pad}{before}(\n{lines}{pad}){after}")
}

/// `head function(a, b),` with the call on a line of its own if it is too long for one. One newline at the end.
pub(super) fn arrow(head: &str, function: &str, args: &[String], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let call = format!("{function}({}),", args.join(", "));
    let last = head.lines().last().unwrap_or_default();
    if indent + width(last) + 1 + width(&call) <= WIDTH {
        return format!("{pad}{head} {call}\n");
    }
    format!("{pad}{head}\n{}\n", wrapped(function, args, ",", indent + 2))
}

/// `import ... { a, b } from "..."`, wrapped if it is too long.
pub(super) fn import(keyword: &str, names: impl IntoIterator<Item = String>, from: &str) -> String {
    let names: Vec<_> = names.into_iter().collect();
    if names.is_empty() {
        return String::new();
    }
    let flat = format!("{keyword} {{ {} }} from \"{from}\";\n", names.join(", "));
    if width(flat.trim_end()) <= WIDTH {
        return flat;
    }
    let lines: String = names.iter().map(|name| format!("  {name},\n")).collect();
    format!("{keyword} {{\n{lines}}} from \"{from}\";\n")
}

/// Folds a sentence of ours into lines of a comment that is not indented.
pub(super) fn fold(sentence: &str) -> String {
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        let last = lines.last_mut().expect("there is a first line");
        if last.len() + word.len() + 5 > WIDTH {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_are_one_line_if_they_fit() {
        assert_eq!(docs("Posts.", None, 2), "  /** Posts. */\n");
        assert_eq!(docs("", None, 2), "");
        assert_eq!(docs("", Some(""), 0), "/** @deprecated */\n");
        assert_eq!(docs("Posts.", Some("use\n  `post`"), 0), "/**\n * Posts.\n *\n * @deprecated use `post`\n */\n");
    }

    #[test]
    fn docs_cannot_end_their_comment() {
        assert_eq!(docs("a */ b", None, 0), "/** a *\\/ b */\n");
    }

    #[test]
    fn long_lists_wrap() {
        let items = vec!["a".repeat(60), "b".repeat(60)];
        let text = wrapped("f", &items, ": void;", 2);
        assert_eq!(text, format!("  f(\n    {},\n    {},\n  ): void;", items[0], items[1]));
    }
}
