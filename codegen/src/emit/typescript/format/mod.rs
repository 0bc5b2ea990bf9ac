//! Makes TypeScript types readable: what ts-rs writes in one line is parsed and printed as a person would. Text that
//! the small grammar here does not know (a hand-written `#[ts(type = "..")]`) passes unchanged.

mod print;

use hubs::contract::syntax;
pub(super) use hubs::contract::syntax::words;

/// A declaration, `type Name = ...;`, printed over as many lines as it needs.
pub(super) fn declaration(ts: &str) -> String {
    let Some((head, body)) = syntax::split(ts) else { return ts.to_owned() };
    match syntax::parse(body) {
        Some(ty) => print::declaration(&format!("type {head}"), &ty),
        None => ts.to_owned(),
    }
}

/// A type as part of a line.
pub(super) fn inline(ts: &str) -> String {
    syntax::parse(ts).map_or_else(|| ts.to_owned(), |ty| print::flat(&ty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_a_line_for_each_field() {
        let ts = "type Message = { id: number, \n/**\n * Who.\n */\nby: Member | null, \"sent-at\": string, \
                  \"to\": { start: number, end: number, }, };";
        let expected = [
            "type Message = {",
            "  id: number;",
            "  /** Who. */",
            "  by: Member | null;",
            "  \"sent-at\": string;",
            "  to: { start: number; end: number };",
            "};",
        ];
        assert_eq!(declaration(ts), expected.join("\n"));
    }

    #[test]
    fn a_long_union_has_a_line_for_each_variant() {
        let ts = r#"type Event = "joined" | { "left": { reason: string, because: Array<string>, afterwards: [number, number | null], } } | { "said": Message };"#;
        let expected = [
            "type Event =",
            "  | \"joined\"",
            "  | { left: { reason: string; because: Array<string>; afterwards: [number, number | null] } }",
            "  | { said: Message };",
        ];
        assert_eq!(declaration(ts), expected.join("\n"));
        assert_eq!(declaration(r#"type Kind = "a" | "b";"#), r#"type Kind = "a" | "b";"#);
    }

    #[test]
    fn maps_generics_and_intersections_pass() {
        let ts = "type Page<T> = { items: Array<T>, seats: { [key in string]: number }, } & (A | { b?: string, })[];";
        let expected = [
            "type Page<T> = {",
            "  items: Array<T>;",
            "  seats: { [key in string]: number };",
            "} & (A | { b?: string })[];",
        ];
        assert_eq!(declaration(ts), expected.join("\n"));
    }

    #[test]
    fn what_is_not_understood_passes_unchanged() {
        let strange = "type F = (a: string) => T extends U ? 1 : 2;";
        assert_eq!(declaration(strange), strange);
    }
}
