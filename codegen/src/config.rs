//! `[package.metadata.hubs]`: where a package's generated files go.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Error, emit::typescript::Framework};

/// Where generated files go, as absolute paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The contract document.
    pub contract: PathBuf,
    /// The folder of the TypeScript; `None` if there is to be none.
    pub typescript: Option<PathBuf>,
    /// The frameworks that have a file of their own beside the TypeScript.
    pub frameworks: Vec<Framework>,
    /// The JSON Schema of all messages, if there is to be one.
    pub json_schema: Option<PathBuf>,
    /// The AsyncAPI document, if there is to be one.
    pub asyncapi: Option<PathBuf>,
    /// The binary that has the hubs, for a package without a library.
    pub bin: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    contract: Option<String>,
    typescript: Option<TypeScript>,
    #[serde(default)]
    frameworks: Vec<Framework>,
    #[serde(rename = "json-schema")]
    json_schema: Option<String>,
    asyncapi: Option<String>,
    bin: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "`typescript` must be a path or `false`")]
enum TypeScript {
    Folder(String),
    Wanted(bool),
}

impl Config {
    /// Reads `package.metadata` of a manifest.
    ///
    /// # Errors
    /// A key that does not exist, or a value of the wrong kind.
    pub fn read(manifest: &Path, metadata: &serde_json::Value) -> Result<Self, Error> {
        let problem = |problem: String| Error::Config { manifest: manifest.to_owned(), problem };
        let written = match metadata.get("hubs") {
            None => Written::default(),
            Some(value) => Written::deserialize(value).map_err(|error| problem(error.to_string()))?,
        };
        let folder = manifest.parent().unwrap_or(manifest);
        let typescript = match written.typescript {
            None | Some(TypeScript::Wanted(true)) => Some("web/src/hubs".to_owned()),
            Some(TypeScript::Folder(path)) => Some(path),
            Some(TypeScript::Wanted(false)) => None,
        };
        let paths = [&written.contract, &typescript, &written.json_schema, &written.asyncapi];
        if paths.into_iter().flatten().any(String::is_empty) {
            return Err(problem("a path is empty".to_owned()));
        }
        if typescript.is_none() && !written.frameworks.is_empty() {
            return Err(problem("`frameworks` needs `typescript`, which is `false`".to_owned()));
        }
        let contract = written.contract.unwrap_or_else(|| "contract/hubs.json".to_owned());
        Ok(Self {
            contract: place(folder, &contract),
            typescript: typescript.map(|path| place(folder, &path)),
            frameworks: written.frameworks,
            json_schema: written.json_schema.map(|path| place(folder, &path)),
            asyncapi: written.asyncapi.map(|path| place(folder, &path)),
            bin: written.bin,
        })
    }
}

/// `folder/path`, with each `..` taken at its word.
fn place(folder: &Path, path: &str) -> PathBuf {
    let mut place = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            std::path::Component::ParentDir if place.file_name().is_some() => drop(place.pop()),
            std::path::Component::CurDir => {}
            part => place.push(part),
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(metadata: &serde_json::Value) -> Result<Config, Error> {
        Config::read(Path::new("/app/contract/Cargo.toml"), metadata)
    }

    #[test]
    fn everything_has_a_default() {
        let config = read(&serde_json::Value::Null).unwrap();
        assert_eq!(config.contract, Path::new("/app/contract/contract/hubs.json"));
        assert_eq!(config.typescript.as_deref(), Some(Path::new("/app/contract/web/src/hubs")));
    }

    #[test]
    fn paths_are_relative_to_the_manifest() {
        let config = read(&json!({"hubs": {"contract": "hubs.json", "typescript": "../web/src/hubs"}})).unwrap();
        assert_eq!(config.contract, Path::new("/app/contract/hubs.json"));
        assert_eq!(config.typescript.as_deref(), Some(Path::new("/app/web/src/hubs")));
        assert_eq!(read(&json!({"hubs": {"typescript": false}})).unwrap().typescript, None);
    }

    #[test]
    fn mistakes_name_the_manifest_and_the_keys_there_are() {
        for (metadata, problem) in [
            (json!({"hubs": {"typscript": "web"}}), "unknown field `typscript`"),
            (json!({"hubs": {"typescript": 3}}), "`typescript` must be a path or `false`"),
            (json!({"hubs": {"contract": ""}}), "a path is empty"),
            (json!({"hubs": {"frameworks": ["svelte"]}}), "unknown variant `svelte`, expected `vue` or `react`"),
            (json!({"hubs": {"frameworks": "vue"}}), "expected a sequence"),
            (json!({"hubs": {"frameworks": ["vue"], "typescript": false}}), "`frameworks` needs `typescript`"),
            (json!({"hubs": true}), "invalid type"),
        ] {
            let error = read(&metadata).unwrap_err().to_string();
            assert!(error.starts_with("/app/contract/Cargo.toml: [package.metadata.hubs]: "), "{error}");
            assert!(error.contains(problem) && error.contains("contract/hubs.json"), "{error}");
        }
    }
}
