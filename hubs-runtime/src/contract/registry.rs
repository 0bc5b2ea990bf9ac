//! One visit of one Rust type gives its JSON Schema and its TypeScript, joined by name at the end. Every clash is an
//! error that names the Rust types.

use std::{collections::BTreeMap, fmt};

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::{
    ContractError, HubType, TypeDef, TypeRef,
    schemas::{self, Definitions},
    typescript::{Declaration, Declarations},
};

/// Which way a value goes, seen from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The server reads it.
    Input,
    /// The server writes it.
    Output,
}

/// Collects every type that an interface names.
pub struct TypeRegistry {
    typescript: Declarations,
    input: SchemaGenerator,
    output: SchemaGenerator,
}

impl TypeRegistry {
    /// Knows nothing yet.
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/types".into());
        Self {
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
        TypeRef { schema: schemas::sorted(schema.to_value()), ts: self.typescript.add::<T>() }
    }

    /// Joins what was seen.
    ///
    /// # Errors
    /// Two types of one name, a name that only one side knows, a field that is there in one direction only.
    pub fn finish(mut self) -> Result<Types, ContractError> {
        let take = |generator: &mut SchemaGenerator| -> Definitions {
            generator.take_definitions(true).into_iter().map(|(name, v)| (name, schemas::sorted(v))).collect()
        };
        let (input, output) = (take(&mut self.input), take(&mut self.output));
        let Declarations { by_name: declarations, errors, .. } = self.typescript;
        ContractError::check(errors)?;
        let joined = join(&declarations, &input, &output);
        joined.check_partners(&declarations)?;
        let mut named = joined.definitions(&declarations, &input, &output)?;
        check_directions(&named)?;
        for def in named.values_mut().filter(|def| def.output == def.input) {
            def.output = None;
        }
        Ok(Types { named, anonymous: anonymous(&joined.alone, &input, &output) })
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
}

impl Types {
    /// Writes out what has no name of its own.
    ///
    /// # Errors
    /// A type without a name in TypeScript that refers to itself.
    pub fn resolve(&self, ty: TypeRef) -> Result<TypeRef, ContractError> {
        Ok(TypeRef { schema: inline(ty.schema, &self.anonymous)?, ts: ty.ts })
    }
}

/// Which schema belongs to which declaration.
struct Joined {
    /// Name of a schema, and the name of its declaration.
    pairs: BTreeMap<String, String>,
    /// Schemas without a declaration.
    alone: Vec<String>,
}

fn join(declarations: &BTreeMap<String, Declaration>, input: &Definitions, output: &Definitions) -> Joined {
    let mut joined = Joined { pairs: BTreeMap::new(), alone: Vec::new() };
    for name in input.keys().chain(output.keys()) {
        match partner(name, declarations) {
            Some(declaration) => drop(joined.pairs.insert(name.clone(), declaration)),
            None if joined.alone.contains(name) => {}
            None => joined.alone.push(name.clone()),
        }
    }
    joined
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

impl Joined {
    fn check_partners(&self, declarations: &BTreeMap<String, Declaration>) -> Result<(), ContractError> {
        let without_schema: Vec<_> =
            declarations.iter().filter(|(name, _)| !self.pairs.values().any(|paired| paired == *name)).collect();
        // Names as schemars gives them to types of the standard library, which TypeScript has no name for.
        let known = ["Range_of_", "Bound_of_", "Result_of_"];
        let without_typescript: Vec<_> =
            self.alone.iter().filter(|name| !known.iter().any(|prefix| name.starts_with(prefix))).collect();
        // One side alone is fine: a transparent wrapper has no schema of its own, `#[ts(inline)]` no declaration.
        if without_typescript.is_empty() || (without_schema.is_empty() && !self.doubled(&without_typescript)) {
            return Ok(());
        }
        let typescript = without_schema.iter().map(|(name, d)| format!("`{name}` (`{}`)", d.rust_path));
        let schema = without_typescript.iter().map(|name| format!("`{name}`"));
        Err(ContractError::NoPartner {
            typescript: some(&typescript.collect::<Vec<_>>()),
            schema: some(&schema.collect::<Vec<_>>()),
        })
    }

    /// Whether one of these names is a second type of a name that is taken (schemars then appends a number).
    fn doubled(&self, names: &[&String]) -> bool {
        names.iter().any(|name| {
            let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
            base != name.as_str() && self.pairs.contains_key(base)
        })
    }

    fn definitions(
        &self,
        declarations: &BTreeMap<String, Declaration>,
        input: &Definitions,
        output: &Definitions,
    ) -> Result<BTreeMap<String, TypeDef>, ContractError> {
        let mut named = BTreeMap::new();
        let anonymous_in = pick(&self.alone, input);
        let anonymous_out = pick(&self.alone, output);
        for (schema, name) in &self.pairs {
            let mut def = definition(name, &declarations[name]);
            def.input = input.get(schema).map(|v| inline(v.clone(), &anonymous_in)).transpose()?;
            def.output = output.get(schema).map(|v| inline(v.clone(), &anonymous_out)).transpose()?;
            named.insert(schema.clone(), def);
        }
        for (name, declaration) in declarations {
            if !self.pairs.values().any(|paired| paired == name) {
                named.insert(name.clone(), definition(name, declaration));
            }
        }
        Ok(named)
    }
}

fn definition(name: &str, declaration: &Declaration) -> TypeDef {
    TypeDef {
        name: name.to_owned(),
        rust_path: declaration.rust_path.clone(),
        docs: declaration.docs.clone(),
        input: None,
        output: None,
        ts: declaration.text.clone(),
        ts_input: None,
    }
}

/// Refuses fields that one TypeScript type for both directions would be wrong about.
fn check_directions(named: &BTreeMap<String, TypeDef>) -> Result<(), ContractError> {
    let mut errors = Vec::new();
    for def in named.values() {
        let (Some(input), Some(output)) = (&def.input, &def.output) else { continue };
        for (field, problem, advice) in schemas::differences(&def.name, input, output, &def.ts) {
            errors.push(ContractError::OneWayField { field, rust_path: def.rust_path.clone(), problem, advice });
        }
    }
    errors.dedup();
    ContractError::check(errors)
}

fn pick(names: &[String], definitions: &Definitions) -> Definitions {
    names.iter().filter_map(|name| Some((name.clone(), definitions.get(name)?.clone()))).collect()
}

fn anonymous(names: &[String], input: &Definitions, output: &Definitions) -> Definitions {
    let mut all = pick(names, output);
    all.extend(pick(names, input));
    all
}

fn inline(schema: Value, anonymous: &Definitions) -> Result<Value, ContractError> {
    schemas::inline(schema, anonymous).map(schemas::sorted).map_err(|name| ContractError::NoTypeScript { name })
}

fn some(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
