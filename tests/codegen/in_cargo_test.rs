//! `hubs_codegen::assert_up_to_date!` in a test of a user's own crate, in a workspace where the library has another name.

use std::process::Command;

use crate::project::{Outcome, Project, cargo_hubs, repository, shared_target};

const TEST: &str = "
#[test]
fn generated_files_are_up_to_date() {
    hubs_codegen::assert_up_to_date!();
}
";

const DEPENDENCIES: &str = "\n[profile.dev.package.\"*\"]\ndebug = false\n";

/// `cargo test` of the package with the contract.
fn cargo_test(project: &Project) -> Outcome {
    let mut command = Command::new(env!("CARGO"));
    // What the macro needs was built for this repository already; the contract is compiled where all tests do that.
    let target = cargo_hubs().ancestors().nth(2).unwrap();
    command
        .args(["test", "--quiet", "--offline", "-p", "shop-contract", "--test", "up_to_date", "--target-dir"])
        .arg(target);
    command.current_dir(project.file("contract")).env("CARGO_TARGET_DIR", shared_target());
    Outcome::of(&mut command)
}

#[test]
fn the_macro_passes_and_fails() {
    let project = Project::new("shop", "in-cargo-test");
    let codegen = repository().join("codegen");
    let manifest = project.read("contract/contract/Cargo.toml");
    let more = format!("{manifest}\n[dev-dependencies]\nhubs-codegen = {{ path = \"{}\" }}\n", codegen.display());
    project.write("contract/contract/Cargo.toml", &more);
    // As this repository builds them, so that nothing is built twice.
    let root = project.read("contract/Cargo.toml");
    project
        .write("contract/Cargo.toml", &format!("{root}\n[profile.dev]\ndebug = \"line-tables-only\"\n{DEPENDENCIES}"));
    project.write("contract/contract/tests/up_to_date.rs", TEST);

    cargo_test(&project)
        .expect(101, &["contract/hubs.json is missing", "Fix with cargo hubs generate -p shop-contract"]);
    project.hubs(&["generate", "-p", "shop-contract"]).expect(0, &["Generated `shop-contract`"]);
    cargo_test(&project).expect(0, &["test result: ok. 1 passed"]);
    project.change("contract/types/src/lib.rs", "pub price: u32", "pub price: f64");
    project.change("contract/types/src/lib.rs", "pub name: String", "pub title: String");
    cargo_test(&project).expect(101, &["type shop_types::Item (`Item`) changed", "+  title: string;"]);
    project.write("contract/contract/Cargo.toml", &more.replace("typescript =", "typscript ="));
    cargo_test(&project).expect(101, &["there is no `typscript`\nhelp: did you mean `typescript`?"]);
}
