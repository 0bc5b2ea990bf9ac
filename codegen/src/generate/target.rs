//! A contract, and the files that are made from it.

use std::path::{Path, PathBuf};

use hubs::contract::Contract;

use crate::{
    document,
    emit::{
        EmitErrors, EmitWarning, Emitter,
        asyncapi::AsyncApi,
        csharp::CSharp,
        json_schema::JsonSchema,
        python::Python,
        typescript::{Framework, Frameworks, Imports, TypeScript},
    },
    error::Error,
    paths,
    project::{self, Config, Subject, Workspace},
    store::Plan,
};

/// A contract, and the places of what is made from it.
#[derive(Debug)]
pub struct Target {
    pub(super) contract: Contract,
    /// The contract document, if it is to be written too.
    pub(super) document: Option<PathBuf>,
    typescript: Option<PathBuf>,
    frameworks: Vec<Framework>,
    imports: Imports,
    /// The folder of another contract's TypeScript, whose runtime this one uses.
    runtime: Option<PathBuf>,
    json_schema: Option<PathBuf>,
    asyncapi: Option<PathBuf>,
    python: Option<PathBuf>,
    csharp: Option<PathBuf>,
}

impl Target {
    /// Files made from a contract document alone, without the crate that it came from.
    ///
    /// # Errors
    /// The document cannot be read.
    pub fn of_document(document: &Path) -> Result<Self, Error> {
        Ok(Self {
            contract: document::read(document)?,
            document: None,
            typescript: None,
            frameworks: Vec::new(),
            imports: Imports::default(),
            runtime: None,
            json_schema: None,
            asyncapi: None,
            python: None,
            csharp: None,
        })
    }

    /// The same, with TypeScript, Python and C# in these folders.
    ///
    /// # Errors
    /// The current folder cannot be found.
    pub fn with_folders(
        self,
        typescript: Option<&Path>,
        python: Option<&Path>,
        csharp: Option<&Path>,
    ) -> Result<Self, Error> {
        let (typescript, python, csharp) = (absolute(typescript)?, absolute(python)?, absolute(csharp)?);
        Ok(Self { typescript, python, csharp, ..self })
    }

    /// The same, with the files of these frameworks.
    #[must_use]
    pub fn with_frameworks(self, frameworks: &[Framework]) -> Self {
        Self { frameworks: frameworks.to_vec(), ..self }
    }

    /// The same, with files that import each other this way.
    #[must_use]
    pub fn with_imports(self, imports: Imports) -> Self {
        Self { imports, ..self }
    }

    /// The same, with the files that every contract has taken from the folder of another contract's TypeScript.
    ///
    /// # Errors
    /// The current folder cannot be found.
    pub fn with_runtime(self, folder: Option<&Path>) -> Result<Self, Error> {
        Ok(Self { runtime: absolute(folder)?, ..self })
    }

    pub(super) fn of_code(workspace: &Workspace, subject: &Subject<'_>) -> Result<Self, Error> {
        let config = subject.config.clone();
        let Config { contract: document, typescript, frameworks, imports, runtime, json_schema, asyncapi, .. } = config;
        Ok(Self {
            contract: project::contract(workspace, subject)?,
            document: Some(document),
            typescript,
            frameworks,
            imports,
            runtime,
            json_schema,
            asyncapi,
            python: subject.config.python.clone(),
            csharp: subject.config.csharp.clone(),
        })
    }

    /// What is made of the contract, each with its place. An emitter of another language is one more row.
    fn emitters(&self) -> Vec<(&Path, Box<dyn Emitter>)> {
        let imports = self.imports;
        let runtime = self.runtime.as_ref().zip(self.typescript.as_ref()).map(|(to, from)| paths::module(from, to));
        let rows = [
            (&self.json_schema, Box::new(JsonSchema) as Box<dyn Emitter>),
            (&self.asyncapi, Box::new(AsyncApi)),
            (&self.python, Box::new(Python)),
            (&self.csharp, Box::new(CSharp)),
            (&self.typescript, Box::new(TypeScript { imports, runtime })),
            (&self.typescript, Box::new(Frameworks { frameworks: self.frameworks.clone(), imports })),
        ];
        rows.into_iter().filter_map(|(place, emitter)| Some((place.as_deref()?, emitter))).collect()
    }

    pub(super) fn plan(&self) -> Result<Plan, Error> {
        let mut files = Vec::new();
        if let Some(path) = &self.document {
            let text = self.contract.to_json().map_err(|error| Error::Contract(error.to_string()))?;
            files.push((path.clone(), text));
        }
        let mut errors = EmitErrors(Vec::new());
        for (place, emitter) in self.emitters() {
            match emitter.emit(&self.contract) {
                Ok(made) => files.extend(made.into_iter().map(|file| (file.place(place), file.text))),
                Err(found) => errors.0.extend(found.0),
            }
        }
        if !errors.0.is_empty() {
            return Err(errors.into());
        }
        let folders = [&self.typescript, &self.python, &self.csharp].into_iter().flatten().cloned().collect();
        Ok(Plan { package: self.contract.package.clone(), files, folders })
    }

    pub(super) fn warnings(&self) -> Vec<EmitWarning> {
        self.emitters().iter().flat_map(|(_, emitter)| emitter.warnings(&self.contract)).collect()
    }
}

/// Absolute, as are the places in a crate's configuration.
fn absolute(folder: Option<&Path>) -> Result<Option<PathBuf>, Error> {
    folder.map(|folder| std::path::absolute(folder).map_err(Error::io("find", folder))).transpose()
}
