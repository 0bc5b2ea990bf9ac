//! Reads what ts-rs writes: as much of the grammar of TypeScript's types as it uses.

use serde_json::Value;

use super::{
    FieldShape, Shape,
    token::{Token, tokens},
};

/// The shape of `type Page<T> = { .. };`; `None` for a text beyond the grammar.
pub(in crate::contract) fn declaration(text: &str) -> Option<Shape> {
    let (_, body) = text.strip_prefix("type ")?.split_once('=')?;
    ty(body.trim().strip_suffix(';')?.trim())
}

/// Reads a whole type; `None` if it is not in the grammar.
pub(in crate::contract) fn ty(text: &str) -> Option<Shape> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let shape = parser.union()?;
    (parser.at == parser.tokens.len()).then_some(shape)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned()?;
        self.at += 1;
        Some(token)
    }

    fn eat(&mut self, mark: char) -> bool {
        let found = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(found);
        found
    }

    fn union(&mut self) -> Option<Shape> {
        self.eat('|');
        self.separated('|', Self::intersection, Shape::Union)
    }

    fn intersection(&mut self) -> Option<Shape> {
        self.separated('&', Self::postfix, Shape::All)
    }

    fn separated(
        &mut self,
        mark: char,
        part: fn(&mut Self) -> Option<Shape>,
        whole: fn(Vec<Shape>) -> Shape,
    ) -> Option<Shape> {
        let first = part(self)?;
        if self.peek() != Some(&Token::Mark(mark)) {
            return Some(first);
        }
        let mut parts = vec![first];
        while self.eat(mark) {
            parts.push(part(self)?);
        }
        Some(whole(parts))
    }

    fn postfix(&mut self) -> Option<Shape> {
        let mut shape = self.primary()?;
        while self.eat('[') {
            if !self.eat(']') {
                return None;
            }
            shape = Shape::List(Box::new(shape));
        }
        Some(shape)
    }

    fn primary(&mut self) -> Option<Shape> {
        match self.next()? {
            Token::Text(text) => serde_json::from_str(&text).ok().map(Shape::Const),
            Token::Word(word) if self.eat('<') => {
                let args = self.list('>')?;
                Some(generic(word, args))
            }
            Token::Word(word) => Some(plain(word)),
            Token::Mark('[') => Some(Shape::Tuple(self.list(']')?)),
            Token::Mark('{') => self.object(),
            Token::Mark('(') => {
                let inner = self.union()?;
                self.eat(')').then_some(inner)
            }
            _ => None,
        }
    }

    fn list(&mut self, end: char) -> Option<Vec<Shape>> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(self.union()?);
            // The default of a parameter.
            if self.eat('=') {
                self.union()?;
            }
            if !self.eat(',') && self.peek() != Some(&Token::Mark(end)) {
                return None;
            }
        }
        Some(items)
    }

    fn object(&mut self) -> Option<Shape> {
        let mut fields = Vec::new();
        let mut map = None;
        while !self.eat('}') {
            if self.eat('[') {
                map = Some(self.entries()?);
            } else {
                fields.push(self.field()?);
            }
            if !self.eat(',') && !self.eat(';') && self.peek() != Some(&Token::Mark('}')) {
                return None;
            }
        }
        match map {
            None => Some(Shape::Object(fields)),
            Some(map) if fields.is_empty() => Some(map),
            Some(map) => Some(Shape::All(vec![Shape::Object(fields), map])),
        }
    }

    /// What follows on `[` in `{ [key in string]?: number }`.
    fn entries(&mut self) -> Option<Shape> {
        let (Token::Word(_), Token::Word(keyword)) = (self.next()?, self.next()?) else { return None };
        let keys = (keyword == "in").then(|| self.union())??;
        self.eat(']').then_some(())?;
        self.eat('?');
        self.eat(':').then_some(())?;
        Some(Shape::Map { keys: Box::new(keys), values: Box::new(self.union()?) })
    }

    fn field(&mut self) -> Option<FieldShape> {
        let name = match self.next()? {
            Token::Word(name) => name,
            Token::Text(name) => serde_json::from_str(&name).unwrap_or(name),
            Token::Mark(_) => return None,
        };
        let optional = self.eat('?');
        self.eat(':').then_some(())?;
        Some(FieldShape { name, optional, shape: self.union()? })
    }
}

fn generic(name: String, mut args: Vec<Shape>) -> Shape {
    match (name.as_str(), args.as_slice()) {
        ("Array", [_]) => Shape::List(Box::new(args.remove(0))),
        // An object without fields.
        ("Record", [Shape::String, Shape::Never]) => Shape::Object(Vec::new()),
        _ => Shape::Type { name, args },
    }
}

fn plain(word: String) -> Shape {
    match word.as_str() {
        "any" | "unknown" => Shape::Any,
        "null" => Shape::Null,
        "boolean" => Shape::Boolean,
        "number" => Shape::Number,
        "string" => Shape::String,
        "never" => Shape::Never,
        _ => match serde_json::from_str::<Value>(&word) {
            Ok(value) => Shape::Const(value),
            Err(_) => Shape::Type { name: word, args: Vec::new() },
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        serde_json::to_value(ty(text).unwrap()).unwrap()
    }

    #[test]
    fn declarations_come_apart() {
        let shape = declaration("type Page = { a: T, };");
        assert_eq!(
            serde_json::to_value(shape).unwrap(),
            json!({"object": [{"name": "a", "shape": {"type": {"name": "T"}}}]})
        );
        assert_eq!(declaration("enum A { B }"), None);
    }

    #[test]
    fn what_ts_rs_writes_is_read() {
        let text = "{ \n/**\n * Docs.\n */\na: number, \"b c\"?: Array<string> | null, }";
        let optional = json!({"name": "b c", "optional": true, "shape": {"union": [{"list": "string"}, "null"]}});
        assert_eq!(read(text), json!({"object": [{"name": "a", "shape": "number"}, optional]}));
        let choice = json!({"union": [{"type": {"name": "A"}}, {"object": []}]});
        let map = json!({"map": {"keys": {"type": {"name": "Mood"}}, "values": {"tuple": ["number", "string"]}}});
        assert_eq!(read("{ [key in Mood]?: [number, string] } & (A | { })"), json!({"all": [map, choice]}));
        assert_eq!(read(r#""a" | 7 | true"#), json!({"union": [{"const": "a"}, {"const": 7}, {"const": true}]}));
        assert_eq!(ty("(a: string) => void"), None);
    }
}
