//! One visit of one Rust type gives its JSON Schema and its TypeScript, joined by name at the end. Every clash is an
//! error that names the Rust types.

use std::{collections::BTreeMap, fmt};

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::{
    ContractError, HubType, TypeDef, TypeRef,
    schemas::{self, Definitions},
    typescript::{Declaration, Declarations, Forms, Root},
};

/// Which way a value goes, seen from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The server reads it.
    Input,
    /// The server writes it.
    Output,
}

impl Direction {
    /// The way of what comes back.
    #[must_use]
    pub fn back(self) -> Self {
        match self {
            Self::Input => Self::Output,
            Self::Output => Self::Input,
        }
    }
}

/// Collects every type that an interface names.
pub struct TypeRegistry {
    roots: Vec<Root>,
    typescript: Declarations,
    input: SchemaGenerator,
    output: SchemaGenerator,
}

impl TypeRegistry {
    /// Knows nothing yet.
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/types".into());
        Self {
            roots: Vec::new(),
            typescript: Declarations::new(),
            input: settings.clone().for_deserialize().into_generator(),
            output: settings.for_serialize().into_generator(),
        }
    }

    /// Adds `T` and all it is made of; gives `T` as it is written where it is used.
    pub fn visit<T: HubType>(&mut self, direction: Direction) -> TypeRef {
        // Both, always: a type that is read in one method may be written in another.
        let (input, output) = (self.input.subschema_for::<T>(), self.output.subschema_for::<T>());
        let schema = match direction {
            Direction::Input => input,
            Direction::Output => output,
        };
        let ty = TypeRef { schema: schemas::sorted(schema.to_value()), ts: self.typescript.add::<T>() };
        self.roots.push(Root { direction, ty: ty.clone() });
        ty
    }

    /// Joins what was seen.
    ///
    /// # Errors
    /// Two types of one name, a name that only one side knows, what TypeScript cannot say.
    pub fn finish(mut self) -> Result<Types, ContractError> {
        let take = |generator: &mut SchemaGenerator| -> Definitions {
            generator.take_definitions(true).into_iter().map(|(name, v)| (name, schemas::sorted(v))).collect()
        };
        let (input, output) = (take(&mut self.input), take(&mut self.output));
        let Declarations { by_name: declarations, errors, .. } = self.typescript;
        ContractError::check(errors)?;
        let pairs = pairs(&declarations, &input, &output);
        let alone: Vec<_> =
            input.keys().chain(output.keys()).filter(|name| !pairs.contains_key(*name)).cloned().collect();
        let forms = Forms::new(&declarations, pairs, input, output, &self.roots)?;
        let named = definitions(&declarations, &forms, &alone)?;
        let anonymous = anonymous(&alone, &forms);
        Ok(Types { named, anonymous, forms })
    }
}

impl Default for TypeRegistry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TypeRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypeRegistry").finish_non_exhaustive()
    }
}

/// All types that a [`TypeRegistry`] saw.
#[derive(Debug)]
pub struct Types {
    /// The named ones, as they go into the document.
    pub named: BTreeMap<String, TypeDef>,
    /// Definitions that TypeScript writes out where they are used (`Range`, `Result`).
    anonymous: Definitions,
    forms: Forms,
}

impl Types {
    /// A type where it is used, on its way: without names that nobody knows, and as TypeScript says it.
    ///
    /// # Errors
    /// A type without a name in TypeScript that refers to itself.
    pub fn resolve(&self, ty: TypeRef, direction: Direction) -> Result<TypeRef, ContractError> {
        let ts = self.forms.used(&ty, direction);
        Ok(TypeRef { schema: inline(ty.schema, &self.anonymous)?, ts })
    }
}

/// Which schema belongs to which declaration.
fn pairs(
    declarations: &BTreeMap<String, Declaration>,
    input: &Definitions,
    output: &Definitions,
) -> BTreeMap<String, String> {
    let names = input.keys().chain(output.keys());
    names.filter_map(|name| Some((name.clone(), partner(name, declarations)?))).collect()
}

/// The declaration for a schema. `Page<Message>` and `Page2` (which schemars calls the second instance of a generic
/// type whose name does not tell) are both instances of a generic `Page`.
fn partner(schema: &str, declarations: &BTreeMap<String, Declaration>) -> Option<String> {
    if declarations.contains_key(schema) {
        return Some(schema.to_owned());
    }
    let base = schema.split('<').next().unwrap_or(schema).trim_end_matches(|c: char| c.is_ascii_digit());
    declarations.get(base).filter(|declaration| declaration.generic).map(|_| base.to_owned())
}

fn definitions(
    declarations: &BTreeMap<String, Declaration>,
    forms: &Forms,
    alone: &[String],
) -> Result<BTreeMap<String, TypeDef>, ContractError> {
    let mut named = BTreeMap::new();
    let (anonymous_in, anonymous_out) = (pick(alone, &forms.input), pick(alone, &forms.output));
    for (schema, name) in &forms.pairs {
        let mut def = definition(name, &declarations[name], forms);
        def.input = forms.input.get(schema).map(|v| inline(v.clone(), &anonymous_in)).transpose()?;
        def.output = forms.output.get(schema).map(|v| inline(v.clone(), &anonymous_out)).transpose()?;
        if def.output == def.input {
            def.output = None;
        }
        named.insert(schema.clone(), def);
    }
    for (name, declaration) in declarations {
        if !forms.pairs.values().any(|paired| paired == name) && forms.is_used(name) {
            named.insert(name.clone(), definition(name, declaration, forms));
        }
    }
    Ok(named)
}

fn definition(name: &str, declaration: &Declaration, forms: &Forms) -> TypeDef {
    let (ts, ts_input) = forms.declaration(name, &declaration.text);
    TypeDef {
        name: name.to_owned(),
        rust_path: declaration.rust_path.clone(),
        docs: declaration.docs.clone(),
        input: None,
        output: None,
        ts,
        ts_input,
    }
}

fn pick(names: &[String], definitions: &Definitions) -> Definitions {
    names.iter().filter_map(|name| Some((name.clone(), definitions.get(name)?.clone()))).collect()
}

fn anonymous(names: &[String], forms: &Forms) -> Definitions {
    let mut all = pick(names, &forms.output);
    all.extend(pick(names, &forms.input));
    all
}

fn inline(schema: Value, anonymous: &Definitions) -> Result<Value, ContractError> {
    schemas::inline(schema, anonymous).map(schemas::sorted).map_err(|name| ContractError::NoTypeScript { name })
}
