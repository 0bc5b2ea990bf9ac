//! Pieces of text that every file is made of: documentation comments and calls that wrap when they are long.

/// How wide a line may be.
const WIDTH: usize = 110;

/// A documentation comment, each line indented, or nothing if there is nothing to say.
pub(super) fn summary(docs: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let docs = docs.trim();
    if docs.is_empty() {
        return String::new();
    }
    let escaped = docs.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    if !escaped.contains('\n') {
        return format!("{pad}/// <summary>{escaped}</summary>\n");
    }
    let lines: String = escaped.lines().map(|line| format!("{pad}/// {line}").trim_end().to_owned() + "\n").collect();
    format!("{pad}/// <summary>\n{lines}{pad}/// </summary>\n")
}

/// `[Obsolete]`, for what is deprecated.
pub(super) fn obsolete(note: Option<&str>, indent: usize) -> String {
    let Some(note) = note else { return String::new() };
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = if note.is_empty() { String::new() } else { format!("({})", super::names::text(&note)) };
    format!("{}[Obsolete{text}]\n", " ".repeat(indent))
}

/// `before(a, b)after` on one line, or one item a line if that is too long; indented, with a newline at the end.
pub(super) fn wrapped(before: &str, items: &[String], after: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let flat = format!("{pad}{before}({}){after}", items.join(", "));
    if flat.chars().count() <= WIDTH || items.is_empty() {
        return flat + "\n";
    }
    let lines: Vec<String> = items.iter().map(|item| format!("{pad}    {item}")).collect();
    format!("{pad}{before}(\n{}){after}\n", lines.join(",\n"))
}
