//! What the macros and the compiler say to a user who makes a mistake, and what must compile. `tests/ui/README.md` has
//! the rules. `TRYBUILD=overwrite cargo test -p hubs-tests --test ui` rewrites the expected texts: review them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Texts of ours that the compiler shows: the `#[diagnostic::on_unimplemented]` of the runtime's traits.
const OURS: [&str; 6] = [
    "the clients of this hub show no presence",
    "a call with a policy of delivery has no answer",
    "cannot cross the hub wire",
    "a hub method cannot fail with",
    "only a single client can return a value",
    "a hub method returns `HubResult<T>`, not",
];

/// Cases in which rustc speaks for itself, with what it must say.
const RUSTC: [(&str, &str); 15] = [
    ("client/presence_not_clone", "consider annotating `Member` with `#[derive(Clone)]`"),
    ("hub/idempotent_cancellable", "a method is `idempotent` or `cancellable`"),
    ("hub/idempotent_stream", "`#[method(idempotent)]` goes on a method that gives a value"),
    ("client/client_method_with_wrong_type", "expected `String`, found integer"),
    ("client/stream_parameter", "streams are for hub methods: `async fn receive(&self, value: T) -> HubResult<()>;`"),
    ("client/stream_result", "streams are for hub methods: `async fn ask(&self) -> HubResult<T>;`"),
    ("client/unknown_client_method", "there is a method `receive` with a similar name"),
    (
        "hub/client_without_attribute",
        "put `#[client_interface]` on the trait whose methods the hub calls on its clients",
    ),
    ("hub/context_of_another_hub", "expected `&HubCallerContext<ChatClientContract>`"),
    ("hub/first_param_is_no_context", "found `&HubCallerContext<NoClient>`"),
    ("hub/future_not_send", "future returned by `send` is not `Send`"),
    ("hub/hub_not_sync", "`Cell<u32>` cannot be shared between threads safely"),
    ("hub/implementation_incomplete", "missing `send` in implementation"),
    ("hub/implementation_returns_wrong_type", "expected `Result<(), HubError>`"),
    ("hub/implementation_with_wrong_type", "expected `String`, found `u32`"),
];

/// Rules that no stable syntax can break.
const UNREACHABLE: [&str; 1] = ["HUB009"];

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    for folder in ["hub", "client", "types"] {
        cases.compile_fail(format!("ui/{folder}/*.rs"));
    }
    cases.pass("ui/pass/*.rs");
}

/// Name of a case (`hub/not_async`) and what is expected of the compiler.
fn expected() -> BTreeMap<String, String> {
    let mut expected = BTreeMap::new();
    for folder in ["hub", "client", "types"] {
        for path in files(&root().join("ui").join(folder), "rs") {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a case has a name");
            let text = fs::read_to_string(path.with_extension("stderr")).expect("a case has a .stderr");
            expected.insert(format!("{folder}/{stem}"), text);
        }
    }
    expected
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    all.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// The errors in what the compiler says.
fn errors(text: &str) -> Vec<&str> {
    text.split("\n\n").filter(|block| block.starts_with("error")).collect()
}

#[test]
fn every_error_points_into_the_case_and_shows_the_legal_shape() {
    for (case, text) in expected() {
        let errors = errors(&text);
        assert!(!errors.is_empty(), "{case}: no error");
        for error in errors {
            let place = error.lines().find_map(|line| line.trim_start().strip_prefix("--> ")).unwrap();
            assert!(place.starts_with(&format!("ui/{case}.rs:")), "{case} points at {place}");
            let rule = error.contains("error: HUB") && error.contains("\n       help: ");
            let ours = OURS.iter().any(|words| error.contains(words)) && error.contains("= note: ");
            assert!(rule || ours || RUSTC.iter().any(|(known, _)| *known == case), "{case}: not our words:\n{error}");
        }
    }
}

#[test]
fn rustc_says_what_is_needed_where_it_speaks_for_itself() {
    let expected = expected();
    for (case, words) in RUSTC {
        assert!(expected[case].contains(words), "{case}: {}", expected[case]);
    }
}

#[test]
fn a_wrong_type_gives_one_error_on_the_type() {
    for (case, text) in expected().iter().filter(|(case, _)| case.starts_with("types/unannotated")) {
        let errors = errors(text);
        assert_eq!(errors.len(), 1, "{case}");
        let source = fs::read_to_string(root().join("ui").join(format!("{case}.rs"))).unwrap();
        let places: BTreeSet<&str> =
            errors.iter().filter_map(|error| error.lines().find(|line| line.contains("--> "))).collect();
        let place = places.first().unwrap().trim().rsplit(':').collect::<Vec<_>>();
        let (column, line): (usize, usize) = (place[0].parse().unwrap(), place[1].parse().unwrap());
        let pointed = &source.lines().nth(line - 1).unwrap()[column - 1..];
        let types = ["Plain", "Vec<Plain>", "HubResult<Plain>"];
        assert!(places.len() == 1 && types.iter().any(|ty| pointed.starts_with(ty)), "{case}: {places:?}");
    }
}

#[test]
fn each_forgotten_hub_type_gives_one_error_at_its_field() {
    let expected = expected();
    let text = &expected["types/forgotten"];
    let places: Vec<_> =
        errors(text).into_iter().filter_map(|error| error.lines().find(|l| l.contains("--> "))).collect();
    let source = fs::read_to_string(root().join("ui/types/forgotten.rs")).unwrap();
    let pointed = places.iter().map(|place| {
        let line: usize = place.rsplit(':').nth(1).unwrap().parse().unwrap();
        source.lines().nth(line - 1).unwrap().trim()
    });
    let fields = [
        "pub by: Author,",
        "Moved { to: Option<Place> },",
        "Met { whom: BTreeMap<String, Author>, note: Note },",
        "pub last: Author,",
    ];
    assert_eq!(pointed.collect::<BTreeSet<_>>(), BTreeSet::from(fields), "{text}");
    assert_eq!(places.len(), fields.len(), "{text}");
}

/// Every code of the catalogue, as `docs/errors.md` lists it, has a case that shows it.
#[test]
fn every_rule_has_a_case() {
    let page = fs::read_to_string(root().join("../docs/errors.md")).unwrap();
    let rules: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let expected = expected();
    let shown: BTreeSet<&str> = expected.values().flat_map(|text| codes(text)).collect();
    let unreachable = BTreeSet::from(UNREACHABLE);
    assert_eq!(rules.difference(&shown).copied().collect::<BTreeSet<_>>(), unreachable);
    assert!(shown.is_subset(&rules));
    assert!(expected.len() >= 30 && shown.len() >= 20, "{} cases, {} codes", expected.len(), shown.len());
}

fn codes(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.strip_prefix("error: ")?.get(..6))
        .filter(|code| code.starts_with("HUB"))
        .collect()
}
