//! What is run for each block of `docs/cargo-hubs.md`. The cases follow each other in a few projects, since each new one
//! has to be compiled.

use super::{Manual, committed, plain_workspace};
use crate::{
    project::Project,
    sources::{older_library, uses_library},
};

const SOURCE: &str = "contract/src/lib.rs";
const MANIFEST: &str = "contract/Cargo.toml";

/// Does something with a file changed, and puts it back as it was.
fn meanwhile(project: &Project, path: &str, text: &str, act: impl FnOnce()) {
    let before = project.read(path);
    project.write(path, text);
    act();
    project.write(path, &before);
}

/// What the code of a crate does to its contract.
pub(super) fn of_one_crate(manual: &mut Manual) {
    let project = Project::new("chat", "manual");
    let source = |text: &str, act: &mut dyn FnMut()| meanwhile(&project, SOURCE, text, act);

    let broken = format!("{}\npub const LIMIT: u32 = \"200\";\n", project.read(SOURCE));
    source(&broken, &mut || manual.case("does-not-compile", &project, 1, "cargo hubs generate"));
    source("pub fn nothing() {}\n", &mut || manual.case("no-hub", &project, 1, "cargo hubs generate"));
    let two = "
        use hubs::{HubCallerContext, HubResult, NoClient, hub, hub_type};
        pub mod inbox { #[hubs::hub_type] pub struct Note { pub text: String } }
        pub mod outbox { #[hubs::hub_type] pub struct Note { pub sent: bool } }
        #[hub_type] pub struct Notes { pub new: Vec<inbox::Note>, pub old: Vec<outbox::Note> }
        #[hub] pub trait Mail { async fn all(&self, cx: &HubCallerContext<NoClient>) -> HubResult<Notes>; }";
    source(two, &mut || manual.case("two-types", &project, 1, "cargo hubs generate"));

    manual.case("json-generate", &project, 0, "cargo hubs generate --json");
    manual.case("json-error", &project, 1, "cargo hubs check --json -p chat");
    manual.case("json-explain", &project, 0, "cargo hubs explain --json HUB121");
    manual.case("unknown-package", &project, 1, "cargo hubs check -p chat");
    manual.case("no-feature", &project, 1, "cargo hubs check --features fast");
    manual.case("no-code", &project, 1, "cargo hubs explain HUB999");
    let call = "cargo hubs call http://localhost:3000/chat sendMessage hello 2 --contract contract/hubs.json";
    manual.case("call", &project, 1, call);
    manual.case("doctor", &project, 1, "cargo hubs doctor http://127.0.0.1:9/chat --json");
    manual.case("usage", &project, 2, "cargo hubs diff --deny everything main");
    let newer = project.read("contract/contract/hubs.json").replace("\"format\": 2", "\"format\": 3");
    project.write("front/hubs.json", &newer);
    manual.case_in("newer-document", &project, "front", 1, "cargo hubs generate --from hubs.json");
    manual.case_in("no-manifest", &project, "front", 1, "cargo hubs check --manifest-path server/Cargo.toml");
}

/// What may be wrong in a Cargo.toml, and with the places that it names.
pub(super) fn of_configuration(manual: &mut Manual) {
    let project = Project::new("chat", "manual-places");
    // Where the repository ends.
    std::fs::create_dir_all(project.file(".git")).unwrap();
    let manifest = project.read(MANIFEST);
    let configured = |old: &str, new: &str, act: &mut dyn FnMut()| {
        assert!(manifest.contains(old), "{manifest}");
        meanwhile(&project, MANIFEST, &manifest.replace(old, new), act);
    };
    let web = "typescript = \"web/src/hubs\"";
    configured("typescript =", "typscript =", &mut || manual.case("unknown-key", &project, 1, "cargo hubs check"));
    configured(web, "typescript = 3", &mut || manual.case("wrong-type", &project, 1, "cargo hubs check"));
    let absolute = "typescript = \"/srv/web/src/hubs\"";
    configured(web, absolute, &mut || manual.case("absolute-path", &project, 1, "cargo hubs check"));
    // Only so far up that it is outside of what a checkout of this repository may lie in, too.
    let outside = format!("typescript = \"{}front/src/hubs\"", "../".repeat(12));
    configured(web, &outside, &mut || manual.case("outside", &project, 1, "cargo hubs check"));

    project.write("contract/web/src/hubs/index.ts", "export const mine = 1;\n");
    manual.case("in-the-way", &project, 1, "cargo hubs generate");
    std::fs::remove_dir_all(project.file("contract/web")).unwrap();
    project.write("contract/web", "");
    manual.case("cannot-write", &project, 1, "cargo hubs generate");
    std::fs::remove_file(project.file("contract/web")).unwrap();
    std::fs::remove_file(project.file("contract/Cargo.lock")).unwrap();
    manual.case("locked", &project, 1, "cargo hubs check --locked");
}

/// Programs, workspaces, and other versions of the library.
pub(super) fn of_other_crates(manual: &mut Manual) {
    let project = Project::new("lonely", "manual-program");
    project.change("contract/src/main.rs", "    hubs::export_contract_if_requested();\n", "");
    manual.case("silent-program", &project, 1, "cargo hubs generate");
    project.write("contract/src/bin/tool.rs", "fn main() {}\n");
    manual.case("several-programs", &project, 1, "cargo hubs generate");

    let project = plain_workspace();
    manual.case("no-package", &project, 1, "cargo hubs generate");
    let orders = project.read("contract/orders/Cargo.toml");
    let marked = "[package.metadata.hubs]\ncontract = \"../hubs.json\"\n\n[dependencies]";
    for package in ["contract", "orders"] {
        project.change(&format!("contract/{package}/Cargo.toml"), "[dependencies]", marked);
    }
    manual.case("same-place", &project, 1, "cargo hubs generate -p shop-orders");
    project.write("contract/orders/Cargo.toml", &orders.replace("h.workspace = true", ""));
    project.write("contract/orders/src/lib.rs", "");
    manual.case("no-dependency", &project, 1, "cargo hubs generate -p shop-orders");

    let project = Project::new("chat", "manual-versions");
    uses_library(&project, "tag = \"next\"");
    manual.case("newer-library", &project, 1, "cargo hubs generate");
    uses_library(&project, &format!("rev = \"{}\"", older_library()));
    manual.case("older-library", &project, 1, "cargo hubs generate");
}

/// From a contract that everybody follows to one that breaks.
pub(super) fn of_changes(manual: &mut Manual) {
    let project = Project::new("chat", "manual-changes");
    project.git(&["init", "--quiet"]);
    project.git(&["commit", "--quiet", "--allow-empty", "-m", "before the contract"]);
    project.git(&["tag", "v0"]);
    manual.case("no-document", &project, 1, "cargo hubs diff v0");
    project.hubs(&["generate"]).expect(0, &["Generated"]);
    committed(&project);
    manual.case("no-revision", &project, 1, "cargo hubs diff origin/main");
    manual.case("first", &project, 0, "cargo hubs diff v0 --deny breaking");

    project.change(SOURCE, "    pub user: String,\n", "    pub user: String,\n    pub at: Option<u32>,\n");
    project.change(SOURCE, "send_message", "post_message");
    // The difference of the lines is long, and shown in contract.md.
    std::fs::remove_dir_all(project.file("contract/web")).unwrap();
    manual.case("json-check", &project, 4, "cargo hubs check --json");
    project.hubs(&["generate"]).expect(0, &["Generated"]);
    manual.case("denied", &project, 100, "cargo hubs diff HEAD --deny breaking");
    project.change(SOURCE, "    pub at: Option<u32>,\n", "");
    project.hubs(&["generate"]).expect(0, &["Generated"]);
    manual.case("json-diff", &project, 0, "cargo hubs diff HEAD --json");
    project.change(SOURCE, "    pub text: String,\n", "    pub words: String,\n");
    manual.case("stale", &project, 4, "cargo hubs check");
}
