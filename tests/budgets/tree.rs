//! Which crates a crate depends on, and with which features, as `cargo tree` lists them.

use std::{collections::BTreeSet, process::Command};

use crate::sources;

/// Packages that a selection of packages and features builds with, without dev-dependencies.
fn packages(arguments: &[&str]) -> BTreeSet<String> {
    let text = tree(&[&["--edges", "normal"], arguments].concat());
    text.lines().filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What `cargo tree` prints: one package a line.
fn tree(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(["tree", "--locked", "--prefix", "none"]).args(arguments);
    let output = command.current_dir(sources::root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

/// What of `unwanted` is in `packages`.
fn among(packages: &BTreeSet<String>, unwanted: &[&'static str]) -> Vec<&'static str> {
    unwanted.iter().copied().filter(|name| packages.contains(*name)).collect()
}

const SERVER: &[&str] = &["axum", "hyper", "hyper-util", "tokio-tungstenite", "tungstenite"];
const TLS: &[&str] = &["rustls", "native-tls", "openssl", "openssl-sys", "tokio-rustls", "tokio-native-tls"];

#[test]
fn the_server_is_found_where_it_is_wanted() {
    let server = packages(&["-p", "hubs-runtime"]);
    assert_eq!(among(&server, SERVER), SERVER);
    assert_eq!(among(&server, TLS), [""; 0], "TLS is a feature of its own");
    let tokens = packages(&["-p", "hubs-runtime", "--features", "jwt,cookies,cors"]);
    assert_eq!(among(&tokens, TLS), [""; 0], "keys are fetched with feature `jwks` alone");
    let fetched = packages(&["-p", "hubs-runtime", "--features", "jwks"]);
    assert_eq!(among(&fetched, TLS), ["rustls", "tokio-rustls"]);
    let redis = |features| packages(&["-p", "hubs-runtime", "--features", features]);
    assert_eq!(among(&redis("redis"), TLS), [""; 0], "TLS is a feature of its own");
    assert_eq!(among(&redis("redis-tls"), TLS), ["rustls", "tokio-rustls"]);
    assert_eq!(among(&fetched, &["aws-lc-rs", "aws-lc-sys", "ring"]), ["ring"]);
}

#[test]
fn a_client_has_no_server_in_it() {
    let client = |features| packages(&["-p", "hubs-runtime", "--no-default-features", "--features", features]);
    const SERVERS: &[&str] = &["axum", "h2", "tower", "tracing-subscriber"];
    assert_eq!(among(&client("client"), &["hyper", "tokio-tungstenite"]), ["hyper", "tokio-tungstenite"]);
    assert_eq!(among(&client("client"), SERVERS), [""; 0]);
    assert_eq!(among(&client("client"), TLS), [""; 0], "TLS is a feature of its own");
    assert_eq!(among(&client("client-tls"), SERVERS), [""; 0]);
    assert_eq!(among(&client("client-tls"), TLS), ["rustls", "tokio-rustls"]);
    assert_eq!(among(&client("client-tls"), &["aws-lc-rs", "aws-lc-sys", "ring"]), ["ring"]);
}

#[test]
fn a_contract_has_no_sockets_in_it() {
    assert_eq!(among(&packages(&["-p", "chat-contract"]), SERVER), [""; 0]);
    let runtime = packages(&["-p", "hubs-runtime", "--no-default-features"]);
    assert_eq!(among(&runtime, SERVER), [""; 0]);
    assert_eq!(among(&runtime, &["inventory"]), [""; 0], "registration is for `cargo hubs` alone");
}

#[test]
fn the_macros_depend_on_what_every_macro_does() {
    let expected = ["hubs-macros", "proc-macro2", "quote", "syn"].map(str::to_owned);
    assert_eq!(packages(&["-p", "hubs-macros", "--depth", "1"]), BTreeSet::from(expected));
}

/// Each package of the workspace's build with its features, by name and version.
fn features(edges: &str) -> BTreeSet<String> {
    let text = tree(&["--workspace", "--all-features", "--edges", edges, "--format", "{p} [{f}]"]);
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Programs and documentation are built without dev-dependencies and tests with them. Where both use the same features of
/// a crate, it is compiled once.
#[test]
fn one_build_serves_programs_and_tests() {
    let (programs, tests) = (features("normal,build"), features("normal,build,dev"));
    let different: Vec<_> = programs.difference(&tests).collect();
    assert!(
        different.is_empty(),
        "dev-dependencies turn on more features than these; name the features under [dependencies] in tests/Cargo.toml: \
         {different:#?}"
    );
    let name = |line: &String| line.split(" [").next().unwrap_or_default().to_owned();
    let known: BTreeSet<_> = programs.iter().map(name).collect();
    let twice: Vec<_> = tests.difference(&programs).filter(|line| known.contains(&name(line))).collect();
    assert!(twice.is_empty(), "tests alone use these features of crates that programs use, too: {twice:#?}");
}
