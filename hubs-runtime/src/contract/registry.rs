//! One visit of one Rust type gives its JSON Schema and the names it is written with, joined at the end. Every clash is
//! an error that names the Rust types.

use std::{collections::BTreeMap, fmt};

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::{
    ContractError, HubType, TypeDef, TypeRef, buffered,
    declarations::{Declaration, Declarations},
    refused,
    schemas::{self, Definitions},
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
    /// The schemas of all that the server reads.
    read: Vec<Value>,
    names: Declarations,
    shapes: Vec<super::Shape>,
    input: SchemaGenerator,
    output: SchemaGenerator,
}

impl TypeRegistry {
    /// Knows nothing yet.
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/types".into());
        Self {
            read: Vec::new(),
            names: Declarations::default(),
            shapes: Vec::new(),
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
        let schema = schemas::sorted(schema.to_value());
        if direction == Direction::Input {
            self.read.push(schema.clone());
        }
        let shape = self.names.add::<T>();
        self.shapes.extend(shape.clone());
        TypeRef { schema, shape }
    }

    /// Joins what was seen.
    ///
    /// # Errors
    /// Two types of one name, a type without a name that refers to itself, keys that serde cannot read.
    pub fn finish(mut self) -> Result<Types, ContractError> {
        let take = |generator: &mut SchemaGenerator| -> Definitions {
            generator.take_definitions(true).into_iter().map(|(name, v)| (name, schemas::sorted(v))).collect()
        };
        let (marked, output) = (take(&mut self.input), take(&mut self.output));
        let unmarked = |definitions: &Definitions| -> Definitions {
            definitions.iter().map(|(name, schema)| (name.clone(), buffered::unmarked(schema.clone()))).collect()
        };
        let Declarations { by_name: declarations, errors, .. } = self.names;
        ContractError::check(errors)?;
        let known = |(name, schema): (&String, &Value)| {
            let declared = buffered::declared(schema).filter(|declared| declarations.contains_key(*declared))?;
            Some((name.clone(), declared.to_owned()))
        };
        let pairs: BTreeMap<_, _> = marked.iter().chain(&output).filter_map(known).collect();
        let flattened = pairs.iter().filter_map(|(schema, name)| {
            let schema = marked.get(schema).or_else(|| output.get(schema))?;
            Some((name.clone(), buffered::flattened(schema)))
        });
        let mut wrong = refused::types(&declarations, &flattened.collect());
        wrong.extend(self.shapes.iter().flat_map(|shape| refused::used("an argument or result", shape, &declarations)));
        ContractError::check(wrong)?;
        ContractError::check(number_keys(&marked, &declarations, &pairs, &self.read))?;
        let anonymous = |definitions: &Definitions| -> Definitions {
            let alone = definitions.iter().filter(|(name, _)| !pairs.contains_key(*name));
            alone.map(|(name, schema)| (name.clone(), schema.clone())).collect()
        };
        let (input, output) = (unmarked(&marked), unmarked(&output));
        let mut types = Types { named: BTreeMap::new(), input: anonymous(&input), output: anonymous(&output) };
        types.named = named(&declarations, &pairs, (&input, &output), &types)?;
        Ok(types)
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
    /// Definitions of types without a name (`Range`, `Result`): they are written out where they are used.
    input: Definitions,
    output: Definitions,
}

impl Types {
    /// A type where it is used, without references to types that have no name.
    ///
    /// # Errors
    /// A type without a name that refers to itself.
    pub fn resolve(&self, ty: TypeRef, direction: Direction) -> Result<TypeRef, ContractError> {
        let known = |name: &str| self.named.values().any(|def| def.name == name);
        let shape = ty.shape.map(|shape| shape.only(&known)).filter(super::Shape::says_something);
        Ok(TypeRef { schema: self.inline(buffered::unmarked(ty.schema), direction)?, shape })
    }

    fn inline(&self, schema: Value, direction: Direction) -> Result<Value, ContractError> {
        let anonymous = match direction {
            Direction::Input => &self.input,
            Direction::Output => &self.output,
        };
        schemas::inline(schema, anonymous).map(schemas::sorted).map_err(|name| ContractError::NoName { name })
    }
}

/// The keys that no server could read.
fn number_keys(
    marked: &Definitions,
    declarations: &BTreeMap<String, Declaration>,
    pairs: &BTreeMap<String, String>,
    read: &[Value],
) -> Vec<ContractError> {
    let read = schemas::reachable(read, marked);
    let read = pairs.iter().filter(|(schema, _)| read.contains(*schema));
    let found = read.flat_map(|(schema, name)| {
        let rust_path = &declarations[name].rust_path;
        let fields = buffered::unreadable(schema, marked).into_iter();
        fields.map(|field| ContractError::NumberKeys { field, rust_path: rust_path.clone() })
    });
    found.collect()
}

fn named(
    declarations: &BTreeMap<String, Declaration>,
    pairs: &BTreeMap<String, String>,
    (input, output): (&Definitions, &Definitions),
    types: &Types,
) -> Result<BTreeMap<String, TypeDef>, ContractError> {
    let mut named = BTreeMap::new();
    let known = |name: &str| declarations.contains_key(name);
    let definition = |name: &str| {
        let Declaration { rust_path, docs, params, shape, .. } = &declarations[name];
        let shape = shape.clone().map(|shape| shape.only(&|name| known(name) || params.iter().any(|p| p == name)));
        TypeDef {
            name: name.to_owned(),
            rust_path: rust_path.clone(),
            docs: docs.clone(),
            params: params.clone(),
            shape,
            input: None,
            output: None,
        }
    };
    for (schema, name) in pairs {
        let mut def = definition(name);
        let inline = |schema: Option<&Value>, direction| schema.map(|v| types.inline(v.clone(), direction)).transpose();
        def.input = inline(input.get(schema), Direction::Input)?;
        def.output = inline(output.get(schema), Direction::Output)?.filter(|output| Some(output) != def.input.as_ref());
        named.insert(schema.clone(), def);
    }
    let others = declarations.keys().filter(|name| !pairs.values().any(|paired| paired == *name));
    named.extend(others.map(|name| (name.clone(), definition(name))));
    Ok(named)
}
