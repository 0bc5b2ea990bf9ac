//! `[package.metadata.hubs]`: where a package's generated files go.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    emit::typescript::{Framework, Imports},
    error::Error,
    paths::relative,
};

/// Where generated files go, as absolute paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The contract document.
    pub contract: PathBuf,
    /// The folder of the TypeScript; `None` if there is to be none.
    pub typescript: Option<PathBuf>,
    /// The frameworks that have a file of their own beside the TypeScript.
    pub frameworks: Vec<Framework>,
    /// How the TypeScript files import each other.
    pub imports: Imports,
    /// The folder of another contract's TypeScript, whose runtime is used and not written again.
    pub runtime: Option<PathBuf>,
    /// The JSON Schema of all messages, if there is to be one.
    pub json_schema: Option<PathBuf>,
    /// The AsyncAPI document, if there is to be one.
    pub asyncapi: Option<PathBuf>,
    /// The folder of the Python, if there is to be any.
    pub python: Option<PathBuf>,
    /// The folder of the C#, if there is to be any.
    pub csharp: Option<PathBuf>,
    /// The binary that has the hubs, for a package without a library.
    pub bin: Option<String>,
    /// Features of the package to compile it with.
    pub features: Vec<String>,
    /// Whether the server speaks MessagePack in .NET's form.
    pub dotnet_messagepack: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    contract: Option<String>,
    typescript: Option<TypeScript>,
    #[serde(default)]
    frameworks: Vec<Framework>,
    #[serde(default)]
    imports: Imports,
    runtime: Option<String>,
    #[serde(rename = "json-schema")]
    json_schema: Option<String>,
    asyncapi: Option<String>,
    python: Option<String>,
    csharp: Option<String>,
    bin: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default, rename = "dotnet-messagepack")]
    dotnet_messagepack: bool,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "`typescript` must be a path or `false`")]
enum TypeScript {
    Folder(String),
    Wanted(bool),
}

/// The legal values, shown when another one is found.
const KEYS: &str = "\
there may be
    contract = \"contract/hubs.json\"                 # the contract document
    typescript = \"web/src/hubs\"                     # the folder of the TypeScript, or false
    frameworks = [\"vue\", \"react\"]                   # a file of its own for each, beside the TypeScript
    imports = \"js\"                                  # \"./types.js\"; `ts` or `none` where a tool needs that
    runtime = \"../chat/web/src/hubs\"               # the folder of another contract's TypeScript, to share its helpers
    json-schema = \"contract/messages.schema.json\"   # JSON Schema of all messages
    asyncapi = \"contract/asyncapi.json\"             # an AsyncAPI 3 document
    python = \"clients/python/chat\"                  # the folder of a Python package, over pysignalr
    csharp = \"clients/csharp/Chat\"                  # the folder of the C#
    bin = \"server\"                                  # which of several binaries has the hubs
    features = [\"admin\"]                            # features of the package to compile it with
    dotnet-messagepack = true                       # the server has that option on: pages may speak JSON only";

impl Config {
    /// Reads `package.metadata` of a manifest.
    ///
    /// # Errors
    /// A key that does not exist, a value of the wrong kind, a place that is not in every checkout.
    pub fn read(manifest: &Path, metadata: &Value) -> Result<Self, Error> {
        let written = match metadata.get("hubs") {
            None => Written::default(),
            Some(value) => Written::deserialize(value).map_err(|error| mistake(manifest, value, &error))?,
        };
        let typescript = match written.typescript {
            None | Some(TypeScript::Wanted(true)) => Some("web/src/hubs".to_owned()),
            Some(TypeScript::Folder(path)) => Some(path),
            Some(TypeScript::Wanted(false)) => None,
        };
        if typescript.is_none() && !written.frameworks.is_empty() {
            let problem = "`frameworks` needs `typescript`, which is `false`".to_owned();
            return Err(Error::Config { manifest: relative(manifest), problem, help: KEYS.to_owned() });
        }
        let place = |key: &str, path: Option<String>| path.map(|path| place(manifest, key, &path)).transpose();
        let contract = written.contract.unwrap_or_else(|| document(manifest).to_owned());
        Ok(Self {
            contract: self::place(manifest, "contract", &contract)?,
            typescript: place("typescript", typescript)?,
            frameworks: written.frameworks,
            imports: written.imports,
            runtime: place("runtime", written.runtime)?,
            json_schema: place("json-schema", written.json_schema)?,
            asyncapi: place("asyncapi", written.asyncapi)?,
            python: place("python", written.python)?,
            csharp: place("csharp", written.csharp)?,
            bin: written.bin,
            features: written.features,
            dotnet_messagepack: written.dotnet_messagepack,
        })
    }

    /// Every place that is written to, with its key.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let optional = [
            ("typescript", &self.typescript),
            ("json-schema", &self.json_schema),
            ("asyncapi", &self.asyncapi),
            ("python", &self.python),
            ("csharp", &self.csharp),
        ];
        let optional = optional.into_iter().filter_map(|(key, path)| Some((key, path.as_deref()?)));
        std::iter::once(("contract", self.contract.as_path())).chain(optional)
    }
}

/// Where the document goes if nothing else is said: a folder `contract` holds it itself.
fn document(manifest: &Path) -> &'static str {
    let is_contract = manifest.parent().and_then(Path::file_name).is_some_and(|folder| folder == "contract");
    if is_contract { "hubs.json" } else { "contract/hubs.json" }
}

/// Serde says what is wrong with a value, but not with which.
fn mistake(manifest: &Path, value: &Value, error: &serde_json::Error) -> Error {
    let config = |problem: String, help: String| Error::Config { manifest: relative(manifest), problem, help };
    let Some(table) = value.as_object() else {
        return config(format!("it is {value} and not a table"), KEYS.to_owned());
    };
    let alone = |key: &String, value: &Value| {
        let entry = Value::Object(std::iter::once((key.clone(), value.clone())).collect());
        Written::deserialize(&entry).err().map(|error| (key.clone(), error.to_string()))
    };
    let Some((key, problem)) = table.iter().find_map(|(key, value)| alone(key, value)) else {
        return config(error.to_string(), KEYS.to_owned());
    };
    if !problem.starts_with("unknown field") {
        let named = problem.starts_with(&format!("`{key}`"));
        return config(if named { problem } else { format!("`{key}`: {problem}") }, KEYS.to_owned());
    }
    // Serde names the keys there are, in backticks.
    let known: Vec<_> = problem.split('`').skip(3).step_by(2).collect();
    let help = match similar::get_close_matches(key.as_str(), &known, 1, 0.6).first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => KEYS.to_owned(),
    };
    config(format!("there is no `{key}`"), help)
}

/// `folder/path`, with each `..` taken at its word.
fn place(manifest: &Path, key: &str, path: &str) -> Result<PathBuf, Error> {
    let config = |problem: &str, help: &str| {
        let problem = format!("`{key}` = {path:?} {problem}");
        Error::Config { manifest: relative(manifest), problem, help: help.to_owned() }
    };
    if path.is_empty() {
        return Err(config("is empty", KEYS));
    }
    if Path::new(path).has_root() {
        return Err(config(
            "is absolute, and would be in no other checkout",
            "paths are relative to the Cargo.toml and may begin with `../`",
        ));
    }
    let folder = manifest.parent().unwrap_or(manifest);
    let mut place = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            std::path::Component::ParentDir if place.file_name().is_some() => drop(place.pop()),
            std::path::Component::ParentDir | std::path::Component::CurDir => {}
            part => place.push(part),
        }
    }
    match repository(folder) {
        Some(repository) if !place.starts_with(repository) => Err(config(
            "leads out of the repository, and would be in no other checkout",
            "there, `cargo hubs generate --from hubs.json --to src/hubs` makes the files from a copy of the document",
        )),
        _ => Ok(place),
    }
}

/// The outermost folder around `folder` that git knows: a submodule may write into what it is a part of.
fn repository(folder: &Path) -> Option<&Path> {
    folder.ancestors().filter(|folder| folder.join(".git").exists()).last()
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
        assert_eq!(config.contract, Path::new("/app/contract/hubs.json"), "and not contract/contract");
        let elsewhere = Config::read(Path::new("/app/Cargo.toml"), &serde_json::Value::Null).unwrap();
        assert_eq!(elsewhere.contract, Path::new("/app/contract/hubs.json"));
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
    fn mistakes_name_the_manifest_the_key_and_the_way_out() {
        for (metadata, problem, way_out) in [
            (json!({"typscript": "web"}), "there is no `typscript`", "did you mean `typescript`?"),
            (json!({"folder": "web"}), "there is no `folder`", "contract = \"contract/hubs.json\""),
            (json!({"typescript": 3}), "[package.metadata.hubs]: `typescript` must be a path or `false`", "or false"),
            (json!({"contract": 3}), "`contract`: invalid type: integer `3`, expected a string", "contract/hubs.json"),
            (json!({"contract": ""}), "`contract` = \"\" is empty", "contract/hubs.json"),
            (json!({"asyncapi": "/srv/a.json"}), "`asyncapi` = \"/srv/a.json\" is absolute", "`../`"),
            (json!({"frameworks": ["svelte"]}), "unknown variant `svelte`, expected `vue` or `react`", "\"react\""),
            (json!({"frameworks": "vue"}), "expected a sequence", "frameworks = ["),
            (json!({"frameworks": ["vue"], "typescript": false}), "`frameworks` needs `typescript`", "typescript = "),
            (json!(true), "it is true and not a table", "contract/hubs.json"),
        ] {
            let error = read(&json!({"hubs": metadata})).unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("/app/contract/Cargo.toml: [package.metadata.hubs]: "), "{text}");
            assert!(text.contains(problem), "{text}");
            assert!(error.help().unwrap().contains(way_out), "{error:?}");
        }
    }

    #[test]
    fn no_path_leads_out_of_the_repository() {
        let root = std::env::temp_dir().join(format!("hubs-config-{}", std::process::id()));
        std::fs::create_dir_all(root.join(".git")).unwrap();
        let manifest = root.join("contract/Cargo.toml");
        let read = |path: &str| Config::read(&manifest, &json!({"hubs": {"typescript": path}}));
        assert_eq!(read("../web/src/hubs").unwrap().typescript, Some(root.join("web/src/hubs")));
        let error = read("../../web").unwrap_err().to_string();
        std::fs::remove_dir_all(&root).unwrap();
        assert!(error.contains("`typescript` = \"../../web\" leads out of the repository"), "{error}");
    }
}
