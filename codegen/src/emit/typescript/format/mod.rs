//! Prints TypeScript's types as a person would write them.

mod print;

use super::schema::{Declared, Ty};

/// A declaration, printed over as many lines as it needs: an `interface` for an object, else a `type`.
pub(super) fn declaration(declared: &Declared) -> String {
    if declared.is_interface() {
        return format!("interface {} {}", name(declared), print::object(&declared.body));
    }
    print::declaration(&head(declared), &declared.body)
}

/// A declaration on one line.
pub(super) fn line(declared: &Declared) -> String {
    format!("{} = {};", head(declared), inline(&declared.body))
}

/// A type as part of a line.
pub(super) fn inline(ty: &Ty) -> String {
    print::flat(ty)
}

fn head(declared: &Declared) -> String {
    format!("type {}", name(declared))
}

fn name(Declared { name, params, .. }: &Declared) -> String {
    if params.is_empty() { name.clone() } else { format!("{name}<{}>", params.join(", ")) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The type of a shape, as the document has it.
    fn printed(name: &str, params: &[&str], shape: Value) -> String {
        let body = Ty::of(&serde_json::from_value(shape).unwrap());
        let params = params.iter().map(|param| (*param).to_owned()).collect();
        declaration(&Declared { name: name.to_owned(), params, body })
    }

    fn object(fields: &Value) -> Value {
        let fields = fields.as_array().unwrap().iter().map(|field| json!({"name": field[0], "shape": field[1]}));
        json!({"object": fields.collect::<Vec<_>>()})
    }

    fn named(name: &str) -> Value {
        json!({"type": {"name": name}})
    }

    #[test]
    fn an_object_has_a_line_for_each_field() {
        let range = object(&json!([["start", "number"], ["end", "number"]]));
        let by = json!({"union": [named("Member"), "null"]});
        let message = object(&json!([["id", "number"], ["by", by], ["sent-at", "string"], ["to", range]]));
        let expected = [
            "interface Message {",
            "  id: number;",
            "  by: Member | null;",
            "  \"sent-at\": string;",
            "  to: { start: number; end: number };",
            "}",
        ];
        assert_eq!(printed("Message", &[], message), expected.join("\n"));
    }

    #[test]
    fn a_long_union_has_a_line_for_each_variant() {
        let number = json!({"union": ["number", "null"]});
        let afterwards = json!({"tuple": ["number", number]});
        let left = object(&json!([["reason", "string"], ["because", {"list": "string"}], ["afterwards", afterwards]]));
        let event = json!({"union": [
            {"const": "joined"}, object(&json!([["left", left]])), object(&json!([["said", named("Message")]])),
        ]});
        let expected = [
            "type Event =",
            "  | \"joined\"",
            "  | {",
            "      left: {",
            "        reason: string;",
            "        because: Array<string>;",
            "        afterwards: [number, number | null];",
            "      };",
            "    }",
            "  | { said: Message };",
        ];
        assert_eq!(printed("Event", &[], event), expected.join("\n"));
        let kind = json!({"union": [{"const": "a"}, {"const": "b"}]});
        assert_eq!(printed("Kind", &[], kind), r#"type Kind = "a" | "b";"#);
    }

    #[test]
    fn maps_generics_and_intersections_pass() {
        let seats = json!({"map": {"keys": "string", "values": "number"}});
        let items = object(&json!([["items", {"list": named("T")}], ["seats", seats]]));
        let choice = json!({"union": [named("A"), object(&json!([["b", "string"]]))]});
        let expected = [
            "type Page<T> = {",
            "  items: Array<T>;",
            "  seats: { [key in string]: number };",
            "} & (A | { b: string });",
        ];
        assert_eq!(printed("Page", &["T"], json!({"all": [items, choice]})), expected.join("\n"));
    }
}
