//! From the words of the command line to a call: arguments are JSON, or texts; a contract document says which they are and
//! how many.

use hubs::contract::{Contract, ContractFlow as Flow, Method};
use hubs_codegen::Error;
use serde_json::Value;

use super::args::Signature;

/// A call that fits the contract, if there is one.
#[derive(Debug, PartialEq)]
pub(super) struct Prepared {
    pub(super) method: String,
    pub(super) arguments: Vec<Value>,
}

/// What is asked of the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value.
    Value,
    /// A stream of values.
    Stream,
    /// A value, for a stream that is uploaded.
    Upload,
}

pub(super) fn prepare(
    contract: Option<&Contract>,
    method: &str,
    words: &[String],
    kind: Kind,
) -> Result<Prepared, Error> {
    let Some(contract) = contract else {
        return Ok(Prepared { method: method.to_owned(), arguments: words.iter().map(|word| value(word)).collect() });
    };
    let found = find(contract, method)?;
    let parameters: Vec<_> = found.params.iter().filter(|param| param.flow == Flow::Value).collect();
    let signature =
        Signature { name: &found.name, parameters: parameters.iter().map(|param| param.name.as_str()).collect() };
    let uploads = found.params.len() - parameters.len();
    check_kind(found, kind, uploads)?;
    if words.len() > parameters.len() {
        return Err(Error::Call {
            problem: format!("`{}` takes {}, not {}", found.name, counted(parameters.len()), words.len()),
            help: format!("write `{signature}`"),
        });
    }
    let is_text = |schema: &Value| schema.get("type").is_some_and(|kind| kind == "string");
    let taken = parameters.iter().zip(words);
    let arguments = taken.map(|(param, word)| if is_text(&param.ty.schema) { text(word) } else { value(word) });
    Ok(Prepared { method: found.name.clone(), arguments: arguments.collect() })
}

fn counted(arguments: usize) -> String {
    match arguments {
        0 => "no argument".to_owned(),
        1 => "1 argument".to_owned(),
        _ => format!("{arguments} arguments"),
    }
}

fn check_kind(method: &Method, kind: Kind, uploads: usize) -> Result<(), Error> {
    let streams = method.output.flow == Flow::Stream;
    let wanted = match (streams, uploads) {
        (true, 0) => Kind::Stream,
        (false, 0) => Kind::Value,
        (false, 1) => Kind::Upload,
        _ => {
            return Err(Error::Call {
                problem: format!("`{}` streams more than once", method.name),
                help: "write a program for it, with `hubs::client`".to_owned(),
            });
        }
    };
    if wanted == kind {
        return Ok(());
    }
    let (what, command) = match wanted {
        Kind::Value => ("gives one value and takes no stream", "call"),
        Kind::Stream => ("gives a stream", "stream"),
        Kind::Upload => ("takes a stream", "upload"),
    };
    let help = format!("use `cargo hubs {command}`");
    Err(Error::Call { problem: format!("`{}` {what}", method.name), help })
}

/// The method of this name, however it is spelt: `SendMessage`, `sendMessage`, `send_message`.
fn find<'a>(contract: &'a Contract, name: &str) -> Result<&'a Method, Error> {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let mut methods = contract.hubs.iter().flat_map(|hub| &hub.methods);
    methods.find(|method| plain(&method.name) == plain(name)).ok_or_else(|| {
        let known: Vec<_> = contract.hubs.iter().flat_map(|hub| &hub.methods).map(|method| &*method.name).collect();
        Error::Call {
            problem: format!("the contract has no method `{name}`"),
            help: format!("it has {}", known.join(", ")),
        }
    })
}

/// JSON, or a text.
pub(super) fn value(word: &str) -> Value {
    serde_json::from_str(word).unwrap_or_else(|_| Value::from(word))
}

/// A text, with or without quotes.
fn text(word: &str) -> Value {
    match value(word) {
        quoted @ Value::String(_) => quoted,
        _ => Value::from(word),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contract() -> Contract {
        let param = |name: &str, flow: &str, schema: Value| json!({ "name": name, "flow": flow, "type": { "schema": schema, "ts": "unknown" } });
        let method = |name: &str, rust_name: &str, params: Value, flow: &str| {
            let output = json!({ "flow": flow, "type": { "schema": {}, "ts": "unknown" } });
            json!({ "name": name, "rust_name": rust_name, "params": params, "output": output })
        };
        let text = json!({ "type": "string" });
        let say = json!([param("room", "value", text), param("count", "value", json!({ "type": "integer" }))]);
        let methods = json!([
            method("SayIt", "say_it", say, "value"),
            method("Count", "count", json!([]), "stream"),
            method("Total", "total", json!([param("numbers", "stream", json!({}))]), "value"),
        ]);
        let hub = json!({ "name": "H", "rust_path": "a::H", "methods": methods });
        let whole = json!({ "format": hubs::contract::FORMAT, "package": "a", "hubs": [hub], "types": {} });
        serde_json::from_value(whole).unwrap()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn without_a_contract_what_is_json_is_json() {
        let prepared = prepare(None, "Say", &words(&["ada", "42", "[1]", "\"42\"", "-1"]), Kind::Value).unwrap();
        assert_eq!(prepared.arguments, [json!("ada"), json!(42), json!([1]), json!("42"), json!(-1)]);
    }

    #[test]
    fn a_contract_says_what_is_a_text_and_how_a_method_is_spelt() {
        let contract = contract();
        for name in ["SayIt", "sayIt", "say_it"] {
            let prepared = prepare(Some(&contract), name, &words(&["42", "42"]), Kind::Value).unwrap();
            assert_eq!(prepared, Prepared { method: "SayIt".to_owned(), arguments: vec![json!("42"), json!(42)] });
        }
        let quoted = prepare(Some(&contract), "SayIt", &words(&["\"a\""]), Kind::Value).unwrap();
        assert_eq!(quoted.arguments, [json!("a")]);
    }

    #[test]
    fn what_does_not_fit_the_contract_is_said_before_anything_is_sent() {
        let contract = contract();
        let said = |method, given: &[&str], kind| {
            let error = prepare(Some(&contract), method, &words(given), kind).unwrap_err();
            format!("{error}; {}", error.help().unwrap_or_default())
        };
        assert_eq!(said("Say", &[], Kind::Value), "the contract has no method `Say`; it has SayIt, Count, Total");
        assert_eq!(
            said("SayIt", &["a", "1", "2"], Kind::Value),
            "`SayIt` takes 2 arguments, not 3; write `SayIt ROOM COUNT`"
        );
        assert_eq!(said("Count", &[], Kind::Value), "`Count` gives a stream; use `cargo hubs stream`");
        assert_eq!(said("Total", &[], Kind::Value), "`Total` takes a stream; use `cargo hubs upload`");
        assert_eq!(
            said("SayIt", &[], Kind::Stream),
            "`SayIt` gives one value and takes no stream; use `cargo hubs call`"
        );
    }
}
