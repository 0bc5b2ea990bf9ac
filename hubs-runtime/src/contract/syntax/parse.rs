//! Reads types: the grammar is as much of TypeScript's types as ts-rs writes.

use super::{
    Field, Key, Ty,
    token::{Token, tokens},
};

/// Parses a whole type; `None` if it is not in the grammar.
#[must_use]
pub fn ty(ts: &str) -> Option<Ty> {
    let mut parser = Parser { tokens: tokens(ts)?, at: 0 };
    let ty = parser.union()?;
    (parser.at == parser.tokens.len()).then_some(ty)
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

    fn union(&mut self) -> Option<Ty> {
        self.eat('|');
        self.separated('|', Self::intersection, Ty::Union)
    }

    fn intersection(&mut self) -> Option<Ty> {
        self.separated('&', Self::postfix, Ty::All)
    }

    fn separated(&mut self, mark: char, part: fn(&mut Self) -> Option<Ty>, whole: fn(Vec<Ty>) -> Ty) -> Option<Ty> {
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

    fn postfix(&mut self) -> Option<Ty> {
        let mut ty = self.primary()?;
        while self.eat('[') {
            if !self.eat(']') {
                return None;
            }
            ty = Ty::Array(Box::new(ty));
        }
        Some(ty)
    }

    fn primary(&mut self) -> Option<Ty> {
        match self.next()? {
            Token::Text(text) => Some(Ty::Atom(text)),
            Token::Word(word) if self.eat('<') => Some(Ty::Generic(word, self.list('>')?)),
            Token::Word(word) => Some(Ty::Atom(word)),
            Token::Mark('[') => Some(Ty::Tuple(self.list(']')?)),
            Token::Mark('{') => self.object(),
            Token::Mark('(') => {
                let inner = self.union()?;
                self.eat(')').then(|| Ty::Group(Box::new(inner)))
            }
            _ => None,
        }
    }

    fn list(&mut self, end: char) -> Option<Vec<Ty>> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(self.union()?);
            if !self.eat(',') && self.peek() != Some(&Token::Mark(end)) {
                return None;
            }
        }
        Some(items)
    }

    fn object(&mut self) -> Option<Ty> {
        let mut fields = Vec::new();
        while !self.eat('}') {
            fields.push(self.field()?);
            if !self.eat(',') && !self.eat(';') && self.peek() != Some(&Token::Mark('}')) {
                return None;
            }
        }
        Some(Ty::Object(fields))
    }

    fn field(&mut self) -> Option<Field> {
        let mut docs = String::new();
        while let Some(Token::Docs(text)) = self.peek() {
            docs.clone_from(text);
            self.at += 1;
        }
        let key = match self.next()? {
            Token::Word(name) | Token::Text(name) => Key::Name(name),
            Token::Mark('[') => {
                let (Token::Word(name), Token::Word(keyword)) = (self.next()?, self.next()?) else { return None };
                let each = (keyword == "in").then(|| self.union())??;
                self.eat(']').then_some(Key::Each(name, each))?
            }
            _ => return None,
        };
        let optional = self.eat('?');
        if !self.eat(':') {
            return None;
        }
        Some(Field { docs, key, optional, ty: self.union()? })
    }
}
