//! What each kind of change means, for pages that are open while the server changes (the wire) and for the page's code
//! when it is compiled with newly generated files (the source).

use super::Verdict::{self, Breaking, Compatible, Risky};

/// What a change means in one direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruling {
    pub(super) wire: Verdict,
    pub(super) source: Verdict,
    pub(super) reason: &'static str,
}

/// A kind of change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// Stable name, for machines.
    pub(super) name: &'static str,
    /// In hub methods, and in values that pages send.
    pub(super) page: Ruling,
    /// In client methods, and in values that the server sends.
    pub(super) server: Ruling,
}

const fn ruling(wire: Verdict, source: Verdict, reason: &'static str) -> Ruling {
    Ruling { wire, source, reason }
}

const fn rule(name: &'static str, page: Ruling, server: Ruling) -> Rule {
    Rule { name, page, server }
}

const fn both(name: &'static str, ruling: Ruling) -> Rule {
    Rule { name, page: ruling, server: ruling }
}

const NOTHING: &str = "nothing that old pages do is affected";
const READS_LESS: &str = "pages are ready for more than the server sends now";
const TAKES_MORE: &str = "the server takes all that it took before, and more";
const REFUSED: &str = "what old pages send is refused";

pub(super) const HUB_REMOVED: Rule = both("hub-removed", ruling(Breaking, Breaking, "old pages call its methods"));
pub(super) const HUB_ADDED: Rule = both("hub-added", ruling(Compatible, Compatible, NOTHING));
pub(super) const INTERFACE_RENAMED: Rule = both(
    "interface-renamed",
    ruling(Compatible, Breaking, "the name is not sent, but pages import what is named after it"),
);
pub(super) const TYPE_REMOVED: Rule =
    both("type-removed", ruling(Compatible, Breaking, "names of types are not sent, but pages import them by name"));

pub(super) const INPUT_SPLIT: Rule = both(
    "input-split",
    ruling(Compatible, Risky, "what pages send has a name of its own now, and code may use the old one for it"),
);

pub(super) const METHOD_REMOVED: Rule = rule(
    "method-removed",
    ruling(Breaking, Breaking, "old pages call it, and the server does not know it any more"),
    ruling(Breaking, Breaking, "old pages wait for the call, and it never comes"),
);
pub(super) const METHOD_ADDED: Rule = rule(
    "method-added",
    ruling(Compatible, Compatible, NOTHING),
    ruling(Compatible, Breaking, "old pages pass over the call, but a page that does not handle it does not compile"),
);
pub(super) const QUESTION_ADDED: Rule =
    both("question-added", ruling(Breaking, Breaking, "old pages do not answer, so the server's call fails"));
pub(super) const METHOD_RENAMED_ON_WIRE: Rule = rule(
    "method-renamed-on-wire",
    ruling(Breaking, Compatible, "old pages call the old name; TypeScript has the same one as before"),
    ruling(Breaking, Compatible, "old pages wait for the old name; TypeScript has the same one as before"),
);
pub(super) const METHOD_RENAMED_IN_CODE: Rule = both(
    "method-renamed-in-code",
    ruling(Compatible, Breaking, "the name on the wire is the same, but the one in TypeScript is not"),
);
pub(super) const DEPRECATED: Rule = both("deprecated", ruling(Compatible, Compatible, NOTHING));

pub(super) const AUTHORIZATION_STRICTER: Rule = both(
    "authorization-stricter",
    ruling(Breaking, Compatible, "users of old pages who were let in may be refused now; no type tells"),
);
pub(super) const AUTHORIZATION_LOOSER: Rule =
    both("authorization-looser", ruling(Compatible, Compatible, "all who were let in still are"));

pub(super) const RATE_STRICTER: Rule =
    both("rate-stricter", ruling(Risky, Compatible, "old pages that call more often get errors; no type tells"));
pub(super) const RATE_LOOSER: Rule = both("rate-looser", ruling(Compatible, Compatible, NOTHING));

pub(super) const PARAMETER_ADDED: Rule = rule(
    "parameter-added",
    ruling(Breaking, Breaking, "old pages do not give it"),
    ruling(Compatible, Compatible, "handlers may take fewer arguments than they are given"),
);
pub(super) const OPTIONAL_PARAMETER_ADDED: Rule = rule(
    "optional-parameter-added",
    ruling(Compatible, Compatible, "the last `Option`s may be missing"),
    ruling(Compatible, Compatible, "handlers may take fewer arguments than they are given"),
);
pub(super) const PARAMETER_REMOVED: Rule = rule(
    "parameter-removed",
    ruling(Breaking, Breaking, "old pages give an argument too many, which the server refuses"),
    ruling(Breaking, Breaking, "old handlers get `undefined`"),
);
pub(super) const PARAMETERS_SWAPPED: Rule = both(
    "parameters-swapped",
    ruling(Breaking, Risky, "arguments go by their places: one is taken for the other, and no compiler sees it"),
);
pub(super) const STREAM_OR_VALUE: Rule =
    both("stream-or-value", ruling(Breaking, Breaking, "a stream passes in another way than a value"));
pub(super) const RESUMABLE_ADDED: Rule =
    both("resumable-added", ruling(Compatible, Compatible, "old pages read it as a plain stream, as before"));
pub(super) const RESUMABLE_REMOVED: Rule = both(
    "resumable-removed",
    ruling(Breaking, Compatible, "an old page whose connection was lost gets an error in place of the next item"),
);
pub(super) const DURABLE_ADDED: Rule =
    both("durable-added", ruling(Compatible, Compatible, "old pages get the messages as before"));
pub(super) const DURABLE_REMOVED: Rule = both(
    "durable-removed",
    ruling(Risky, Risky, "a page that was away does not get what it has missed any more, and is not told of it"),
);
pub(super) const IDEMPOTENT_ADDED: Rule =
    both("idempotent-added", ruling(Compatible, Compatible, "old pages call once, as before"));
pub(super) const IDEMPOTENT_REMOVED: Rule = both(
    "idempotent-removed",
    ruling(Risky, Compatible, "old pages still call again when an answer was lost, and the method may run twice"),
);
pub(super) const PRESENCE_ADDED: Rule =
    both("presence-added", ruling(Compatible, Compatible, "old pages pass over changes of members"));
pub(super) const PRESENCE_REMOVED: Rule =
    both("presence-removed", ruling(Breaking, Breaking, "old pages wait for members that never come"));
pub(super) const OUTPUT_ADDED: Rule = rule(
    "output-added",
    ruling(Compatible, Compatible, "old pages pass over what comes back"),
    ruling(Breaking, Breaking, "old pages do not answer, so the server's call fails"),
);
pub(super) const OUTPUT_REMOVED: Rule = rule(
    "output-removed",
    ruling(Breaking, Breaking, "old pages use what came back"),
    ruling(
        Compatible,
        Breaking,
        "the server does not wait for an answer, but a handler that returns one does not compile",
    ),
);
pub(super) const ERROR_ADDED: Rule =
    both("error-added", ruling(Compatible, Compatible, "old pages read the error's text, as before"));
pub(super) const ERROR_REMOVED: Rule = both(
    "error-removed",
    ruling(Risky, Breaking, "old pages get the error's text alone, and code that asks for its data does not compile"),
);

pub(super) const FIELD_ADDED: Rule = rule(
    "field-added",
    ruling(Breaking, Breaking, "the server needs it, and old pages do not send it"),
    ruling(Compatible, Compatible, "old pages do not look at it"),
);
pub(super) const OPTIONAL_FIELD_ADDED: Rule = rule(
    "optional-field-added",
    ruling(Compatible, Compatible, "the server does without it"),
    ruling(Compatible, Compatible, "old pages do not look at it"),
);
pub(super) const FIELD_REMOVED: Rule = rule(
    "field-removed",
    ruling(Risky, Breaking, "old pages still send it, and the server throws it away"),
    ruling(Breaking, Breaking, "old pages read it"),
);
pub(super) const FIELD_RENAMED: Rule = both(
    "field-renamed",
    ruling(Compatible, Breaking, "the server still reads the old name, an alias, but TypeScript has the new one only"),
);
pub(super) const FIELD_REFUSED: Rule = both(
    "field-refused",
    ruling(Breaking, Breaking, "old pages still send it, and the server refuses what it does not know"),
);
pub(super) const OPTIONAL_FIELD_REMOVED: Rule = rule(
    "optional-field-removed",
    ruling(Risky, Breaking, "old pages may still send it, and the server throws it away"),
    ruling(Compatible, Breaking, "pages had to do without it, but their code does not compile"),
);
pub(super) const FIELD_NEEDED: Rule = rule(
    "field-needed",
    ruling(Breaking, Breaking, "old pages may leave it out"),
    ruling(Compatible, Compatible, READS_LESS),
);
pub(super) const FIELD_OPTIONAL: Rule = rule(
    "field-optional",
    ruling(Compatible, Compatible, TAKES_MORE),
    ruling(Breaking, Breaking, "old pages take it as always there"),
);
pub(super) const NULL_ADDED: Rule = rule(
    "null-added",
    ruling(Compatible, Compatible, TAKES_MORE),
    ruling(Breaking, Breaking, "old pages are not ready for `null`"),
);
pub(super) const NULL_REMOVED: Rule = rule(
    "null-removed",
    ruling(Breaking, Breaking, "old pages may send `null`"),
    ruling(Compatible, Compatible, READS_LESS),
);
pub(super) const VARIANT_ADDED: Rule = rule(
    "variant-added",
    ruling(Compatible, Compatible, TAKES_MORE),
    ruling(Risky, Breaking, "old pages do not know it; code that handles every variant does not compile"),
);
pub(super) const VARIANT_REMOVED: Rule = rule(
    "variant-removed",
    ruling(Breaking, Breaking, "old pages may send it"),
    ruling(Compatible, Breaking, "it never comes, but code that names it does not compile"),
);
pub(super) const VARIANT_RENAMED: Rule = both(
    "variant-renamed",
    ruling(Compatible, Breaking, "the server still reads the old name, an alias, but TypeScript has the new one only"),
);
pub(super) const NAMES_OPENED: Rule = rule(
    "names-opened",
    ruling(Compatible, Compatible, TAKES_MORE),
    ruling(Risky, Breaking, "old pages know a few of these texts only"),
);
pub(super) const NUMBER_NARROWER: Rule = rule(
    "number-narrower",
    ruling(Breaking, Compatible, "numbers that old pages may send are refused; TypeScript has one type of number"),
    ruling(Compatible, Compatible, READS_LESS),
);
pub(super) const NUMBER_WIDER: Rule = rule(
    "number-wider",
    ruling(Compatible, Compatible, TAKES_MORE),
    ruling(Risky, Compatible, "pages get numbers that they have never seen"),
);
pub(super) const TEXT_NARROWER: Rule = rule(
    "text-narrower",
    ruling(Breaking, Compatible, "the server refuses texts in another form; TypeScript has one type of text"),
    ruling(Compatible, Compatible, READS_LESS),
);
pub(super) const TEXT_WIDER: Rule = rule(
    "text-wider",
    ruling(Compatible, Compatible, TAKES_MORE),
    ruling(Risky, Compatible, "pages get texts that have another form than before"),
);
pub(super) const ITEMS_DISTINCT: Rule = rule(
    "items-distinct",
    ruling(Risky, Compatible, "of equal items that old pages send, the server keeps one"),
    ruling(Compatible, Compatible, READS_LESS),
);
pub(super) const ITEMS_REPEAT: Rule = rule(
    "items-repeat",
    ruling(Compatible, Compatible, TAKES_MORE),
    ruling(Risky, Compatible, "pages get equal items where all were distinct"),
);
pub(super) const KEYWORD_CHANGED: Rule = both(
    "keyword-changed",
    ruling(Risky, Compatible, "no rule reads this part of the schema: compare the two by hand"),
);
pub(super) const TYPE_NARROWER: Rule =
    rule("type-narrower", ruling(Breaking, Breaking, REFUSED), ruling(Compatible, Compatible, READS_LESS));
pub(super) const TYPE_WIDER: Rule = rule(
    "type-wider",
    ruling(Compatible, Compatible, TAKES_MORE),
    ruling(Breaking, Breaking, "old pages get values of a type that they do not know"),
);
pub(super) const TYPE_CHANGED: Rule = rule(
    "type-changed",
    ruling(Breaking, Breaking, REFUSED),
    ruling(Breaking, Breaking, "old pages take it for a value of the old type"),
);
