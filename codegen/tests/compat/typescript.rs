//! The old page under the real compiler: it compiles with the new files, or the change breaks sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use hubs::contract::{self, Contract, TypeDef};
use hubs_codegen::{
    compat::Direction,
    emit::{
        Emitter as _,
        typescript::{TypeScript, Types},
    },
};

use crate::pair::Pair;

const CONFIG: &str = r#"{ "compilerOptions": {
    "target": "ES2022", "lib": ["ES2022", "DOM"], "module": "NodeNext", "strict": true, "types": [],
    "rootDir": "src", "outDir": "out"
}, "include": ["src"] }"#;

/// The pages that were compiled with new files.
pub(crate) struct Compiled {
    /// Where the JavaScript is: old clients are at `out/<pair>/old`.
    pub(crate) folder: PathBuf,
    refused: BTreeSet<String>,
    /// All that the compiler said.
    pub(crate) said: String,
}

impl Compiled {
    /// Whether the compiler refuses the old page of a pair.
    pub(crate) fn refuses(&self, pair: &Pair, direction: Direction) -> bool {
        self.refused.contains(&file(pair, direction))
    }

    /// Whether it refuses a page that names the type of what it sends, where the name was the right one.
    pub(crate) fn refuses_named(&self, pair: &Pair, direction: Direction) -> bool {
        direction == Direction::PageSends && self.refused.contains(&named_file(pair))
    }

    /// Errors outside of old pages, which no pair expects.
    pub(crate) fn unexpected(&self, pairs: &[Pair]) -> Vec<String> {
        let ours = pairs.iter().flat_map(|pair| pair.expected.iter().map(|(direction, _)| file(pair, *direction)));
        let ours: BTreeSet<_> = ours.chain(pairs.iter().map(named_file)).collect();
        self.refused.difference(&ours).cloned().collect()
    }
}

fn file(pair: &Pair, direction: Direction) -> String {
    format!("src/{}/{direction:?}.ts", pair.name)
}

fn named_file(pair: &Pair) -> String {
    format!("src/{}/PageNames.ts", pair.name)
}

/// Compiles the old and new clients of all pairs, and each old page with the new client. Once, for it takes seconds.
pub(crate) fn compile(pairs: &[Pair]) -> Compiled {
    let folder = project("compat");
    for pair in pairs {
        let place = folder.join("src").join(pair.name);
        emit(&place.join("old"), &pair.old);
        emit(&place.join("new"), &pair.new);
        // A name that is gone is judged once for both directions, where the server sends.
        let names = |contract: &Contract| contract.types.values().map(|def| def.name.clone()).collect::<BTreeSet<_>>();
        let stay = names(&pair.old).is_subset(&names(&pair.new));
        if let Some(sample) = pair.old_sample.filter(|_| stay) {
            fs::write(folder.join(named_file(pair)), naming(pair, sample)).unwrap();
        }
        for (direction, _) in &pair.expected {
            fs::write(folder.join(file(pair, *direction)), page(pair, *direction)).unwrap();
        }
    }
    let (refused, said) = run(&folder);
    Compiled { folder, refused, said }
}

/// An empty TypeScript project.
pub(crate) fn project(name: &str) -> PathBuf {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/codegen/tsc/node_modules");
    assert!(
        modules.join("@microsoft/signalr").is_dir(),
        "npm packages are missing in tests/codegen/tsc: run `cargo xtask test` (or `npm ci` there)"
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("package.json"), r#"{ "type": "module" }"#).unwrap();
    fs::write(folder.join("tsconfig.json"), CONFIG).unwrap();
    std::os::unix::fs::symlink(fs::canonicalize(modules).unwrap(), folder.join("node_modules")).unwrap();
    folder
}

fn emit(folder: &Path, contract: &Contract) {
    fs::create_dir_all(folder).unwrap();
    for file in TypeScript::default().emit(contract).unwrap() {
        fs::write(folder.join(file.path), file.text).unwrap();
    }
}

/// What an old page does, with the new files.
fn page(pair: &Pair, direction: Direction) -> String {
    let body = match (pair.old_sample, direction) {
        (None, _) => pair.page.to_owned(),
        (Some(sample), Direction::PageSends) => format!("await hub.take({sample});"),
        (Some(sample), Direction::ServerSends) => reading(pair, sample),
    };
    let mut imports =
        "import * as api from \"./new/index.js\";\nimport type * as old from \"./old/index.js\";\n".to_owned();
    // Names that an old page may have imported.
    let types = Types::new(&pair.old);
    let known = types.names();
    let name = |def: &TypeDef| match direction {
        Direction::ServerSends => Some(def.name.clone()).filter(|name| known.contains(name)),
        Direction::PageSends => types.input_name(&def.name),
    };
    let names: BTreeSet<_> = pair.old.types.values().filter_map(name).collect();
    if !names.is_empty() {
        let names: Vec<_> = names.into_iter().collect();
        imports += &format!("import type {{ {} }} from \"./new/index.js\";\n", names.join(", "));
    }
    format!(
        "{imports}import type {{ HubConnection }} from \"@microsoft/signalr\";\n\
         export async function page(hub: api.H, connection: HubConnection): Promise<void> {{\n  \
         console.log(api, connection);\n  {body}\n}}\n"
    )
}

/// An old page that names the type of what it sends, with the new files.
fn naming(pair: &Pair, sample: &str) -> String {
    let take = pair.old.hubs[0].methods.iter().find(|method| method.name == "Take").unwrap();
    let types = Types::new(&pair.old);
    let ts = types.text(&take.params[0].ty, contract::Direction::Input);
    let (old, new) = (types.names(), Types::new(&pair.new).names());
    let words = ts.split(|c: char| !c.is_alphanumeric() && c != '_');
    let names: BTreeSet<_> = words.filter(|word| old.contains(*word)).collect();
    // A name that is gone is another change.
    let imports: String = names
        .iter()
        .map(|name| {
            let from = if new.contains(*name) { "new" } else { "old" };
            format!("import type {{ {name} }} from \"./{from}/index.js\";\n")
        })
        .collect();
    format!(
        "import type * as api from \"./new/index.js\";\n{imports}\
         export async function page(hub: api.H): Promise<void> {{\n  \
         const value: {ts} = {sample};\n  await hub.take(value);\n}}\n"
    )
}

/// Code that takes what comes for what it was, and names all that the old sample has.
fn reading(pair: &Pair, sample: &str) -> String {
    let mut body = "const value = await hub.give();\n".to_owned();
    body += "  const before: Awaited<ReturnType<old.H[\"give\"]>> = value;\n  console.log(before);\n";
    let types = Types::new(&pair.old);
    let declared = types.declaration_text("T").map(|(declared, _)| declared);
    let sample: serde_json::Value = serde_json::from_str(sample).unwrap();
    match (sample, declared.as_deref()) {
        (serde_json::Value::Object(fields), Some(ts)) if ts.starts_with("type T = { ") && !ts.contains(" | {") => {
            let reads = fields.keys().map(|field| format!("  console.log(value.{field});\n"));
            body += &reads.collect::<String>();
        }
        (serde_json::Value::Object(fields), Some(ts)) => {
            // Code that asks which variant came.
            let texts = fields.iter().filter_map(|(field, value)| Some((field, value.as_str()?)));
            let named = texts.filter(|(_, text)| ts.contains(&format!("\"{text}\"")));
            body += &named
                .map(|(field, text)| format!("  console.log(value.{field} === \"{text}\");\n"))
                .collect::<String>();
        }
        (serde_json::Value::String(name), Some(ts)) if ts.contains('"') => {
            body += &format!("  console.log(value === \"{name}\");\n");
        }
        _ => {}
    }
    body
}

/// The files with errors, and all that the compiler said.
pub(crate) fn run(folder: &Path) -> (BTreeSet<String>, String) {
    let tsc = "node_modules/typescript/bin/tsc";
    let output = Command::new("node").args([tsc, "--project", ".", "--pretty", "false"]).current_dir(folder).output();
    let said = String::from_utf8(output.expect("node runs").stdout).unwrap();
    let refused = said.lines().filter_map(|line| Some(line.split_once(".ts(")?.0.to_owned() + ".ts")).collect();
    (refused, said)
}
