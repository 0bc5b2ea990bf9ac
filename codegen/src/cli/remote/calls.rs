//! From the words of the command line to a call: arguments are JSON, or texts; a contract document says which they are and
//! how many.

use hubs::contract::{Contract, ContractFlow as Flow, HubContract, Method, Param};
use hubs_codegen::Error;
use serde_json::Value;

use super::{args::Signature, fits};

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
    let mut left_out = parameters.iter().skip(words.len());
    let is_needed = |param: &&Param| fits::problem(contract, &param.ty.schema, &Value::Null, "it").is_some();
    if words.len() > parameters.len() || left_out.any(is_needed) {
        return Err(Error::Call {
            problem: format!("`{}` takes {}, not {}", found.name, counted(parameters.len()), words.len()),
            help: format!("write `{signature}`"),
        });
    }
    let arguments = parameters.iter().zip(words).map(|(param, word)| argument(contract, param, word, &signature));
    Ok(Prepared { method: found.name.clone(), arguments: arguments.collect::<Result<_, _>>()? })
}

/// The word as JSON if that fits the parameter, else as text if that does.
fn argument(contract: &Contract, param: &Param, word: &str, signature: &Signature<'_>) -> Result<Value, Error> {
    let place = format!("`{}`", param.name);
    let problem = |value: &Value| fits::problem(contract, &param.ty.schema, value, &place);
    let value = value(word);
    let Some(wrong) = problem(&value) else { return Ok(value) };
    let text = Value::from(word);
    if problem(&text).is_none() {
        return Ok(text);
    }
    Err(Error::Call { problem: format!("`{}`: {wrong}", signature.name), help: format!("write `{signature}`") })
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

/// The method of this name, however it is spelt: `SendMessage`, `sendMessage`, `send_message`, and behind the name of its hub,
/// `ChatHub.SendMessage`, if several hubs have one that is not the same.
fn find<'a>(contract: &'a Contract, name: &str) -> Result<&'a Method, Error> {
    let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
    let (hub, method) = name.rsplit_once('.').map_or((None, name), |(hub, method)| (Some(hub), method));
    let hubs = contract.hubs.iter().filter(|found| hub.is_none_or(|hub| plain(&found.name) == plain(hub)));
    let all: Vec<_> = hubs.flat_map(|hub| hub.methods.iter().map(move |method| (hub, method))).collect();
    let found: Vec<_> = all.iter().filter(|(_, found)| plain(&found.name) == plain(method)).collect();
    let Some((_, first)) = found.first() else {
        let known: Vec<_> = all.iter().map(|(_, method)| &*method.name).collect();
        let help = match similar::get_close_matches(method, &known, 1, 0.6).first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", known.join(", ")),
        };
        return Err(Error::Call { problem: format!("the contract has no method `{name}`"), help });
    };
    if found.iter().any(|(_, other)| other.params != first.params || other.output.flow != first.output.flow) {
        let names: Vec<_> = found.iter().map(|(hub, method)| format!("`{}.{}`", hub.name, method.name)).collect();
        let problem = format!("{} hubs of the contract have a method `{name}`", found.len());
        return Err(Error::Call { problem, help: format!("write {}", names.join(" or ")) });
    }
    Ok(first)
}

/// The names by which methods of this kind can be called.
pub(super) fn names(contract: &Contract, kind: Kind) -> Vec<String> {
    let all = contract.hubs.iter().flat_map(|hub| hub.methods.iter().map(move |method| (hub, method)));
    let right = all.filter(|(_, method)| {
        let uploads = method.params.iter().filter(|param| param.flow != Flow::Value).count();
        check_kind(method, kind, uploads).is_ok()
    });
    let name = |(hub, method): (&HubContract, &Method)| match find(contract, &method.name) {
        Ok(_) => method.name.clone(),
        Err(_) => format!("{}.{}", hub.name, method.name),
    };
    let mut names: Vec<_> = right.map(name).collect();
    names.sort();
    names.dedup();
    names
}

/// JSON, or a text.
pub(super) fn value(word: &str) -> Value {
    serde_json::from_str(word).unwrap_or_else(|_| Value::from(word))
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
        let quoted = prepare(Some(&contract), "H.SayIt", &words(&["\"a\"", "1"]), Kind::Value).unwrap();
        assert_eq!(quoted.arguments, [json!("a"), json!(1)]);
    }

    #[test]
    fn what_does_not_fit_the_contract_is_said_before_anything_is_sent() {
        let contract = contract();
        let said = |method, given: &[&str], kind| {
            let error = prepare(Some(&contract), method, &words(given), kind).unwrap_err();
            format!("{error}; {}", error.help().unwrap_or_default())
        };
        assert_eq!(said("Ask", &[], Kind::Value), "the contract has no method `Ask`; it has SayIt, Count, Total");
        assert_eq!(said("SayItt", &[], Kind::Value), "the contract has no method `SayItt`; did you mean `SayIt`?");
        assert_eq!(said("SayIt", &["a"], Kind::Value), "`SayIt` takes 2 arguments, not 1; write `SayIt ROOM COUNT`");
        assert_eq!(
            said("SayIt", &["a", "b"], Kind::Value),
            "`SayIt`: `count` is \"b\", and must be a whole number; write `SayIt ROOM COUNT`"
        );
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

    #[test]
    fn names_are_completed_by_what_a_method_gives_and_takes() {
        let mut contract = contract();
        assert_eq!(names(&contract, Kind::Value), ["SayIt"]);
        assert_eq!(names(&contract, Kind::Stream), ["Count"]);
        assert_eq!(names(&contract, Kind::Upload), ["Total"]);
        let mut other = contract.hubs[0].clone();
        other.name = "Other".to_owned();
        contract.hubs.push(other);
        assert_eq!(names(&contract, Kind::Stream), ["Count"], "the same method of two hubs is one");
        contract.hubs[1].methods[0].params.pop();
        assert_eq!(names(&contract, Kind::Value), ["H.SayIt", "Other.SayIt"]);
    }

    #[test]
    fn a_method_that_hubs_do_not_share_is_named_with_its_hub() {
        let mut contract = contract();
        let mut other = contract.hubs[0].clone();
        other.name = "Other".to_owned();
        contract.hubs.push(other);
        prepare(Some(&contract), "SayIt", &words(&["a", "1"]), Kind::Value).unwrap();
        contract.hubs[1].methods[0].params.pop();
        let error = prepare(Some(&contract), "SayIt", &words(&["a", "1"]), Kind::Value).unwrap_err();
        assert_eq!(error.to_string(), "2 hubs of the contract have a method `SayIt`");
        assert_eq!(error.help().as_deref(), Some("write `H.SayIt` or `Other.SayIt`"));
        let prepared = prepare(Some(&contract), "Other.say_it", &words(&["a"]), Kind::Value).unwrap();
        assert_eq!(prepared, Prepared { method: "SayIt".to_owned(), arguments: vec![json!("a")] });
    }
}
