//! Types that compile and that serde fails at with every value: keys that JSON has no text for, and fields that are to be
//! written among others and are no object.

use std::collections::BTreeMap;

use super::{ContractError, FieldShape, Shape, declarations::Declaration};

/// All of them in the named types. `flattened` has the flattened fields of each type that are no objects.
pub(super) fn types(
    declarations: &BTreeMap<String, Declaration>,
    flattened: &BTreeMap<String, Vec<(String, String)>>,
) -> Vec<ContractError> {
    let mut search = Search { declarations, rust_path: "", errors: Vec::new() };
    for (name, declaration) in declarations {
        search.rust_path = &declaration.rust_path;
        for (field, what) in flattened.get(name).into_iter().flatten() {
            let (field, rust_path, what) = (format!("{name}{field}"), declaration.rust_path.clone(), what.clone());
            search.errors.push(ContractError::NoObject { field, rust_path, what, how: "`flatten`" });
        }
        if let Some(shape) = &declaration.shape {
            search.walk(name, shape);
        }
    }
    search.errors
}

/// Those in a type where an interface uses it.
pub(super) fn used(path: &str, shape: &Shape, declarations: &BTreeMap<String, Declaration>) -> Vec<ContractError> {
    let mut search = Search { declarations, rust_path: path, errors: Vec::new() };
    search.walk(path, shape);
    search.errors
}

struct Search<'a> {
    declarations: &'a BTreeMap<String, Declaration>,
    rust_path: &'a str,
    errors: Vec<ContractError>,
}

impl Search<'_> {
    fn walk(&mut self, path: &str, shape: &Shape) {
        match shape {
            Shape::Map { keys, values } => {
                if let Some(what) = self.no_key(keys, 0) {
                    let (field, rust_path) = (path.to_owned(), self.rust_path.to_owned());
                    self.errors.push(ContractError::Keys { field, rust_path, what });
                }
                self.walk(path, values);
            }
            Shape::Object(fields) => {
                fields.iter().for_each(|field| self.walk(&format!("{path}.{}", field.name), &field.shape));
            }
            Shape::List(item) => self.walk(path, item),
            Shape::Tuple(parts) => parts.iter().for_each(|part| self.walk(path, part)),
            Shape::Union(parts) => {
                for part in parts {
                    self.tagged(path, part);
                    self.walk(path, part);
                }
            }
            Shape::All(parts) => parts.iter().for_each(|part| self.walk(path, part)),
            Shape::Type { args, .. } => args.iter().for_each(|arg| self.walk(path, arg)),
            _ => {}
        }
    }

    /// A variant whose tag stands among the fields of what it holds.
    fn tagged(&mut self, path: &str, variant: &Shape) {
        let Shape::All(parts) = variant else { return };
        let [Shape::Object(tag), held] = parts.as_slice() else { return };
        let [FieldShape { shape: Shape::Const(name), .. }] = tag.as_slice() else { return };
        if let Some(what) = self.no_object(held, 0) {
            let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
            let (field, rust_path) = (format!("{path}({name})"), self.rust_path.to_owned());
            self.errors.push(ContractError::NoObject { field, rust_path, what: what.to_owned(), how: "a tag" });
        }
    }

    /// What is wrong with a type as a key; `None` if JSON has a text for it.
    fn no_key(&self, keys: &Shape, depth: u8) -> Option<&'static str> {
        match keys {
            Shape::List(_) => Some("lists"),
            Shape::Tuple(_) => Some("tuples"),
            Shape::Object(_) | Shape::All(_) | Shape::Map { .. } => Some("objects"),
            Shape::Null => Some("`null`"),
            Shape::Union(parts) => parts.iter().find_map(|part| self.no_key(part, depth)),
            Shape::Type { name, .. } if depth < DEEPEST => {
                self.no_key(self.declarations.get(name)?.shape.as_ref()?, depth + 1)
            }
            _ => None,
        }
    }

    /// What a type is that never is an object; `None` if it may be one.
    fn no_object(&self, shape: &Shape, depth: u8) -> Option<&'static str> {
        match shape {
            Shape::String => Some("text"),
            Shape::Number => Some("a number"),
            Shape::Boolean => Some("true or false"),
            Shape::List(_) | Shape::Tuple(_) => Some("a list"),
            Shape::Union(parts) => {
                let found: Vec<_> = parts.iter().map(|part| self.no_object(part, depth)).collect();
                let never = parts.iter().zip(&found).all(|(part, found)| *part == Shape::Null || found.is_some());
                never.then(|| found.into_iter().flatten().next())?
            }
            Shape::Type { name, .. } if depth < DEEPEST => {
                self.no_object(self.declarations.get(name)?.shape.as_ref()?, depth + 1)
            }
            _ => None,
        }
    }
}

/// How many names in a row are followed.
const DEEPEST: u8 = 16;
