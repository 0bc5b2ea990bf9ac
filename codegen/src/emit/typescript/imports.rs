//! How the generated files name each other in their imports. Every tool resolves one of these; none is right for all.

use serde::Deserialize;

use super::GeneratedFile;

/// What stands at the end of `"./chat-hub.js"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Imports {
    /// `"./chat-hub.js"`: `tsc`, Vite, Vitest, esbuild, tsx, Bun.
    #[default]
    Js,
    /// `"./chat-hub.ts"`: Deno, and Node without a build.
    Ts,
    /// `"./chat-hub"`: webpack with ts-loader, Next, Jest with ts-jest.
    None,
}

impl Imports {
    /// The files, which are written with `.js`, as they import each other this way.
    pub(super) fn apply(self, files: Vec<GeneratedFile>) -> Vec<GeneratedFile> {
        let end = match self {
            Self::Js => return files,
            Self::Ts => ".ts\";",
            Self::None => "\";",
        };
        let file = |GeneratedFile { path, text }| {
            let text = text.lines().map(|line| import(line, end) + "\n").collect();
            GeneratedFile { path, text }
        };
        files.into_iter().map(file).collect()
    }
}

/// The files, with those of `paths` imported from another folder.
pub(super) fn from(folder: &str, paths: &[&str], files: Vec<GeneratedFile>) -> Vec<GeneratedFile> {
    let file = |GeneratedFile { path, text }| {
        let replaced = paths.iter().fold(text, |text, path| {
            let module = path.trim_end_matches(".ts");
            text.replace(&format!(" from \"./{module}.js\";\n"), &format!(" from \"{folder}/{module}.js\";\n"))
        });
        GeneratedFile { path, text: replaced }
    };
    files.into_iter().map(file).collect()
}

/// One line of a file: the last line of an import or export gets another end.
fn import(line: &str, end: &str) -> String {
    let is_import = ["import ", "export ", "} from "].iter().any(|start| line.starts_with(start));
    match line.strip_suffix(".js\";") {
        Some(rest) if is_import && rest.contains(" from \".") => format!("{rest}{end}"),
        _ => line.to_owned(),
    }
}

impl std::fmt::Display for Imports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Js => "js",
            Self::Ts => "ts",
            Self::None => "none",
        })
    }
}

impl std::str::FromStr for Imports {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = [Self::Js, Self::Ts, Self::None];
        all.into_iter().find(|imports| imports.to_string() == name).ok_or("there are `js`, `ts` and `none`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtime_may_be_in_another_folder() {
        let text = "import { a } from \"./call.js\";\nimport { b } from \"./types.js\";\n} from \"./streams.js\";\n";
        let files = vec![GeneratedFile { path: "i.ts".to_owned(), text: text.to_owned() }];
        let files = from("../chat", &["call.ts", "streams.ts"], files);
        let expected = "import { a } from \"../chat/call.js\";\nimport { b } from \"./types.js\";\n} from \"../chat/streams.js\";\n";
        assert_eq!(files[0].text, expected);
    }

    #[test]
    fn only_imports_of_generated_files_change() {
        let text = "import { a } from \"./a.js\";\n} from \"./b-c.js\";\nexport * from \"../d.js\";\n\
                    import { x } from \"x.js\";\n * from \"./a.js\";\n";
        let change = |imports: Imports| {
            let files = imports.apply(vec![GeneratedFile { path: "i.ts".to_owned(), text: text.to_owned() }]);
            files[0].text.clone()
        };
        assert_eq!(change(Imports::Js), text);
        let bare = "import { a } from \"./a\";\n} from \"./b-c\";\nexport * from \"../d\";\n\
                    import { x } from \"x.js\";\n * from \"./a.js\";\n";
        assert_eq!(change(Imports::None), bare);
        assert!(change(Imports::Ts).starts_with("import { a } from \"./a.ts\";\n} from \"./b-c.ts\";\n"));
    }
}
