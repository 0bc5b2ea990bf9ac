//! The order in which values and uploads are passed to the official client, which loses every second of neighbouring
//! stream arguments: it takes them out of the list while it walks it. The wire keeps values and streams apart, so any
//! order will do that keeps each kind in its own.

use hubs::contract::{ContractFlow, Method};

/// What the doc comment of a method says that no order can save.
pub(super) const LOST: &str = "The official JavaScript client loses every second of neighbouring streams, and this \
                               method\nhas too few values to keep them apart: the server cannot bind the call.";

/// The parameters in the order in which they are passed: as declared, unless two streams are neighbours.
pub(super) fn order(method: &Method) -> Vec<usize> {
    let is_stream = |index: usize| method.params[index].flow == ContractFlow::Stream;
    let declared: Vec<usize> = (0..method.params.len()).collect();
    if !declared.windows(2).any(|pair| is_stream(pair[0]) && is_stream(pair[1])) {
        return declared;
    }
    let (streams, values): (Vec<_>, Vec<_>) = declared.into_iter().partition(|index| is_stream(*index));
    let (mut streams, mut values) = (streams.into_iter(), values.into_iter());
    let mut order = Vec::new();
    loop {
        let (stream, value) = (streams.next(), values.next());
        order.extend(stream.into_iter().chain(value));
        if stream.is_none() && value.is_none() {
            return order;
        }
    }
}

/// How many streams the official client loses in spite of the order.
pub(super) fn lost(method: &Method) -> usize {
    let streams = method.params.iter().filter(|param| param.flow == ContractFlow::Stream).count();
    let values = method.params.len() - streams;
    // The streams behind the last value are neighbours: of them each second one is lost.
    streams.saturating_sub(values) / 2
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn method(flows: &str) -> Method {
        let params: Vec<_> = flows
            .chars()
            .map(|flow| {
                let flow = if flow == 's' { "stream" } else { "value" };
                json!({"name": "p", "flow": flow, "type": {"schema": {}, "ts": "number"}})
            })
            .collect();
        serde_json::from_value(json!({"name": "M", "rust_name": "m", "params": params, "output": {"flow": "none"}}))
            .unwrap()
    }

    /// What arrives of a list that the official client has walked.
    fn arrives(method: &Method) -> usize {
        let order = order(method);
        let (mut index, mut args, mut streams) = (0, order, 0);
        while index < args.len() {
            if method.params[args[index]].flow == ContractFlow::Stream {
                args.remove(index);
                streams += 1;
            }
            index += 1;
        }
        streams
    }

    #[test]
    fn the_declared_order_stays_where_it_does_no_harm() {
        assert_eq!(order(&method("vsvs")), [0, 1, 2, 3]);
        assert_eq!(order(&method("s")), [0]);
        assert_eq!(order(&method("vvss")), [2, 0, 3, 1]);
    }

    #[test]
    fn what_is_lost_is_what_the_official_client_loses() {
        for flows in ["", "v", "s", "ss", "sss", "ssss", "sssss", "vss", "vsss", "vssss", "vvssssss", "svs", "ssvs"] {
            let method = method(flows);
            let streams = flows.chars().filter(|flow| *flow == 's').count();
            assert_eq!(streams - arrives(&method), lost(&method), "{flows}");
        }
    }
}
