//! A new project: its name and its choices, and how its files are made.

use std::path::{Path, PathBuf};

use hubs::contract::Contract;

use super::{
    draft::Draft,
    source::Source,
    templates::{BASE, CONTRACT, MEMORY, SQLITE, UI},
    tools,
};
use crate::{
    document::{self, Origin},
    emit::{
        Emitter as _, GeneratedFile,
        typescript::{Frameworks, TypeScript},
    },
    error::Error,
};

/// Where the generated TypeScript lies in a project.
const TYPESCRIPT: &str = "web/src/hubs";

/// A project that is to be made.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Its folder; the last part is the name of its package.
    pub folder: PathBuf,
    /// What its page is written with.
    pub ui: UI,
    /// Whether it keeps its messages in SQLite, and not in memory.
    pub sqlite: bool,
}

/// A project that was made.
#[derive(Debug)]
pub struct Created {
    /// The name of its package.
    pub name: String,
    /// The paths of its files, from its folder, in order.
    pub files: Vec<String>,
}

impl NewProject {
    /// Makes the folder with all files, or nothing at all.
    ///
    /// # Errors
    /// Something has that name already, cargo refuses the name, Node is missing, or the disk does not take it.
    pub fn create(&self) -> Result<Created, Error> {
        let place = std::path::absolute(&self.folder).map_err(Error::io("find", &self.folder))?;
        let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if place.symlink_metadata().is_ok() {
            return Err(Error::Exists(self.folder.clone()));
        }
        tools::check_name(&name)?;
        tools::check_node()?;
        let mut files = self.files(&name, &place, &Source::of_this_command())?;
        files.sort();
        let draft = Draft::beside(&place)?;
        files.iter().try_for_each(|(path, text)| draft.write(path, text))?;
        tools::init_git(draft.folder(), place.parent().unwrap_or(&place));
        draft.keep(&place)?;
        Ok(Created { name, files: files.into_iter().map(|(path, _)| path).collect() })
    }

    /// All files, with their paths from the project's folder.
    fn files(&self, name: &str, place: &Path, source: &Source) -> Result<Vec<(String, String)>, Error> {
        let words = self.words(name, place, source);
        let replaced = |text: &str| {
            words.iter().fold(text.to_owned(), |text, (word, by)| text.replace(&format!("{{{{{word}}}}}"), by))
        };
        let kept = if self.sqlite { SQLITE } else { MEMORY };
        let templates = [BASE, kept, self.ui.files()].concat();
        let mut files: Vec<_> = templates.into_iter().map(|(path, text)| (path.to_owned(), replaced(text))).collect();
        let contract = document::parse(&replaced(CONTRACT), &Origin::Document("contract.json".to_owned()))?;
        files.extend(self.generated(&contract)?);
        Ok(files)
    }

    /// What `cargo hubs generate` will make of the contract, so that it need not be compiled first.
    fn generated(&self, contract: &Contract) -> Result<Vec<(String, String)>, Error> {
        let document = contract.to_json().map_err(|error| Error::Contract(error.to_string()))?;
        let frameworks = Frameworks { frameworks: self.ui.framework().into_iter().collect(), ..Frameworks::default() };
        let made = [TypeScript::default().emit(contract)?, frameworks.emit(contract)?].concat();
        let placed = made.into_iter().map(|GeneratedFile { path, text }| (format!("{TYPESCRIPT}/{path}"), text));
        Ok(std::iter::once(("contract/hubs.json".to_owned(), document)).chain(placed).collect())
    }

    /// What is replaced in the templates: each word, and by what.
    fn words(&self, name: &str, place: &Path, source: &Source) -> Vec<(&'static str, String)> {
        let sqlite = |text: &'static str| if self.sqlite { text } else { "" }.to_owned();
        let history = if self.sqlite { DATABASE } else { "History::default()" };
        let test = if self.sqlite { "History::open(\"sqlite::memory:\").await?" } else { "History::default()" };
        // These come first: their texts hold other words.
        let mut words: Vec<_> = self.ui.replacements().map(|(word, by)| (word, by.to_owned())).into();
        words.extend([
            ("name", name.to_owned()),
            ("crate", name.replace('-', "_")),
            ("hubs", source.dependency(&[])),
            ("hubs-testing", source.dependency(&["testing"])),
            ("install", source.install()),
            ("database", sqlite(DATABASE_URL)),
            ("history", history.to_owned()),
            ("test-history", test.to_owned()),
            ("sqlx", sqlite(SQLX)),
            ("database-variable", sqlite("; `DATABASE_URL` is the database (`sqlite:chat.db`)")),
            ("workspace", workspace(place)),
        ]);
        words
    }
}

/// How the server of a project with SQLite opens its messages.
const DATABASE: &str = "History::open(&database).await?";

const DATABASE_URL: &str = "    \
let database = std::env::var(\"DATABASE_URL\").unwrap_or_else(|_| \"sqlite:chat.db\".into());\n";

const SQLX: &str =
    "\nsqlx = { version = \"0.9\", default-features = false, features = [\"runtime-tokio\", \"sqlite\"] }";

/// A package below another Cargo.toml says that it is no part of that workspace.
fn workspace(place: &Path) -> String {
    let above = place.ancestors().skip(1).any(|folder| folder.join("Cargo.toml").is_file());
    if above {
        "\n# There is a Cargo.toml in a folder above, and this is no part of its workspace.\n[workspace]\n".to_owned()
    } else {
        String::new()
    }
}
