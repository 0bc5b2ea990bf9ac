//! The vectors of SignalR's own tests, both ways, and what a peer may and may not send.

use std::collections::BTreeMap;

use super::MessagePackHubProtocol;
use crate::protocol::{
    ArgumentError, Arguments, CompletionResult, HubMessage, HubProtocol, Outcome, Outgoing, Payload, PayloadFormat,
};

const PROTOCOL: MessagePackHubProtocol = MessagePackHubProtocol::new();

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    pairs.collect()
}

fn encoded(message: &Outgoing<'_>) -> Vec<u8> {
    let mut out = vec![7];
    PROTOCOL.encode(message, &mut out).unwrap();
    assert_eq!(out.remove(0), 7);
    let frame = PROTOCOL.frame(&out, 0, None).unwrap().unwrap();
    assert_eq!(frame.len, out.len());
    out[frame.body].to_vec()
}

fn refused(hex: &str) -> String {
    PROTOCOL.decode(&bytes(hex)).unwrap_err().to_string()
}

/// What a message says, in words that can be compared.
fn said(message: HubMessage<'_>) -> String {
    let taken = |mut arguments: Arguments<'_>| {
        let values: Vec<_> = (0..arguments.len()).map(|_| arguments.take::<serde_json::Value>().unwrap()).collect();
        serde_json::Value::from(values)
    };
    let value = |value| Arguments::new(PayloadFormat::MessagePack, value, 1).take::<serde_json::Value>().unwrap();
    match message {
        HubMessage::Invocation(call) => {
            format!("call {:?} {} {} {:?}", call.id, call.target, taken(call.arguments), call.stream_ids)
        }
        HubMessage::StreamInvocation(call) => {
            format!("stream {:?} {} {} {:?}", call.id, call.target, taken(call.arguments), call.stream_ids)
        }
        HubMessage::StreamItem { id, item, .. } => format!("item {id} {}", value(item)),
        HubMessage::Completion { id, result: CompletionResult::Value(result), .. } => {
            format!("done {id} {}", value(result))
        }
        other => format!("{other:?}").replace(", headers: []", ""),
    }
}

#[test]
fn the_vectors_of_aspnet_are_written_byte_for_byte() {
    let stream = ["__test_id__".to_owned()];
    let call = |id, target, arguments| Outgoing::Invocation { id, target, arguments };
    let item = |item| Outgoing::StreamItem { id: "xyz", item };
    let done = |outcome| Outgoing::Completion { id: "xyz", outcome };
    let close = |error, allow_reconnect| Outgoing::Close { error, allow_reconnect };
    let with =
        |streamed, id, target, arguments, stream_ids| Outgoing::Call { streamed, id, target, arguments, stream_ids };
    let one: [&dyn Payload; 1] = [&42];
    let table = [
        (call(Some("xyz"), "method", &[]), "96 01 80 a3 78797a a6 6d6574686f64 90 90"),
        (call(None, "method", &one), "96 01 80 c0 a6 6d6574686f64 91 2a 90"),
        (with(false, None, "Target", &one, &stream), "96 01 80 c0 a6 546172676574 91 2a 91 ab 5f5f746573745f69645f5f"),
        (with(true, Some("xyz"), "method", &[], &[]), "96 04 80 a3 78797a a6 6d6574686f64 90 90"),
        (item(&42), "94 02 80 a3 78797a 2a"),
        (item(&42.0f32), "94 02 80 a3 78797a ca 42280000"),
        (done(Outcome::Void), "94 03 80 a3 78797a 02"),
        (done(Outcome::Value(&42)), "95 03 80 a3 78797a 03 2a"),
        (done(Outcome::Value(&())), "95 03 80 a3 78797a 03 c0"),
        (done(Outcome::Error("Error not found!")), "95 03 80 a3 78797a 01 b0 4572726f72206e6f7420666f756e6421"),
        (done(Outcome::Value(&"One")), "95 03 80 a3 78797a 03 a3 4f6e65"),
        (Outgoing::CancelInvocation { id: "xyz" }, "93 05 80 a3 78797a"),
        (Outgoing::Ping, "91 06"),
        (close(None, false), "93 07 c0 c2"),
        (close(Some(""), false), "93 07 c0 c2"),
        (close(Some("Error!"), false), "93 07 a6 4572726f7221 c2"),
        (close(None, true), "93 07 c0 c3"),
    ];
    for (message, hex) in table {
        assert_eq!(encoded(&message), bytes(hex), "{message:?} {hex}");
    }
}

#[test]
fn the_vectors_of_aspnet_and_of_javascript_are_read() {
    let object = "95 03 80 a3 78797a 03 86 aa 537472696e6750726f70 a8 5369676e616c5221 aa 446f75626c6550726f70
        cb 401921fb5442cf12 a7 496e7450726f70 2a ac 4461746554696d6550726f70 d6 ff 58ec1c80 a8 4e756c6c50726f70 c0
        a9 4f7468657250726f70 93 010203";
    let table = [
        ("96 01 80 a3 78797a a6 6d6574686f64 90 90", r#"call Some("xyz") method [] []"#),
        ("96 01 80 c0 a6 6d6574686f64 91 2a 90", "call None method [42] []"),
        ("96 01 80 a0 a6 6d6574686f64 91 2a 90", "call None method [42] []"),
        ("96 01 80 c0 a6 546172676574 91 2a 91 ab 5f5f746573745f69645f5f", r#"call None Target [42] ["__test_id__"]"#),
        ("96 04 80 a3 78797a a6 6d6574686f64 90 90", r#"stream Some("xyz") method [] []"#),
        ("94 02 80 a3 78797a 2a", "item xyz 42"),
        ("94 02 80 a3 78797a ca 42280000", "item xyz 42.0"),
        ("94 03 80 a3 78797a 02", r#"Completion { id: "xyz", result: Void }"#),
        ("95 03 80 a3 78797a 03 2a", "done xyz 42"),
        ("95 03 80 a3 78797a 03 c0", "done xyz null"),
        ("95 03 80 a3 78797a 01 a4 626f6f6d", r#"Completion { id: "xyz", result: Error("boom") }"#),
        ("95 03 80 a3 78797a 03 a3 4f6e65", r#"done xyz "One""#),
        (
            object,
            r#"done xyz {"DateTimeProp":"2017-04-11T00:00:00.000Z","DoubleProp":6.2831853071,"IntProp":42,"NullProp":null,"OtherProp":[1,2,3],"StringProp":"SignalR!"}"#,
        ),
        ("93 05 80 a3 78797a", r#"CancelInvocation { id: "xyz" }"#),
        ("91 06", "Ping"),
        ("93 07 c0 c2", "Close { error: None, allow_reconnect: false }"),
        ("93 07 a6 4572726f7221 c2", r#"Close { error: Some("Error!"), allow_reconnect: false }"#),
        ("93 07 c0 c3", "Close { error: None, allow_reconnect: true }"),
        ("92 08 2a", "Ack { sequence_id: 42 }"),
        ("92 09 cc 92", "Sequence { sequence_id: 146 }"),
        // JavaScript: without streams five items, of Close two.
        ("95 01 80 a130 a3496e76 91 01", r#"call Some("0") Inv [1] []"#),
        ("96 01 80 a133 a3557032 90 91 a132", r#"call Some("3") Up2 [] ["2"]"#),
        ("94 03 80 a131 02", r#"Completion { id: "1", result: Void }"#),
        ("93 05 80 a134", r#"CancelInvocation { id: "4" }"#),
        ("92 07 c0", "Close { error: None, allow_reconnect: false }"),
        ("92 08 01", "Ack { sequence_id: 1 }"),
        // More items than known, wider integers than needed, headers, bytes past the array.
        ("97 01 80 a130 a3496e76 91 01 90 c0", r#"call Some("0") Inv [1] []"#),
        ("95 d3 0000000000000001 81 a161 a162 d9 01 30 da 0003 496e76 dc 0001 01", r#"call Some("0") Inv [1] []"#),
        ("92 06 c1", "Ping"),
        ("91 06 ff", "Ping"),
    ];
    for (hex, expected) in table {
        assert_eq!(said(PROTOCOL.decode(&bytes(hex)).unwrap().unwrap()), expected, "{hex}");
    }
    assert!(PROTOCOL.decode(&bytes("91 2a")).unwrap().is_none());
}

#[test]
fn what_ends_the_connection_says_why_as_aspnet_does() {
    let table = [
        ("", "Reading array length for 'elementCount' failed."),
        ("80", "Reading array length for 'elementCount' failed."),
        ("92 06", "Reading array length for 'elementCount' failed."),
        ("90", "Reading 'messageType' as Int32 failed."),
        ("91 a131", "Reading 'messageType' as Int32 failed."),
        ("95 01 c0 c0 a141 90", "Reading map length for 'headers' failed."),
        ("95 01 81 a161 a0 c0 a141 90", "Null or empty name or value in 'headers'."),
        ("95 01 81 01 a0 c0 a141 90", "Reading 'headers' as String failed."),
        ("95 01 80 2a a141 90", "Reading 'invocationId' as String failed."),
        ("95 01 80 c0 2a 90", "Reading 'target' as String failed."),
        ("95 01 80 c0 c0 90", "Null or empty target for Invocation message."),
        ("95 01 80 c0 a141 80", "Reading array length for 'arguments' failed."),
        ("94 01 80 c0 a141", "Reading array length for 'arguments' failed."),
        ("95 01 80 c0 a141 91 c1", "Deserializing object for 'argument' failed."),
        ("95 01 80 c0 a141 91 a2 61", "Deserializing object for 'argument' failed."),
        ("96 01 80 c0 a141 90 c0", "Reading array length for 'streamIds' failed."),
        ("96 01 80 c0 a141 90 91 01", "Reading 'streamId' as String failed."),
        ("96 01 80 c0 a141 90 91 c0", "Reading 'streamId' as String failed."),
        ("95 04 80 c0 a141 90", "Null or empty invocation ID for StreamInvocation message."),
        ("94 02 80 a0 2a", "Null or empty invocation ID for StreamItem message."),
        ("93 02 80 a131", "Deserializing object for 'item' failed."),
        ("94 03 80 a131 04", "Invalid invocation result kind."),
        ("94 03 80 a131 c0", "Reading 'resultKind' as Int32 failed."),
        ("95 03 80 a131 01 2a", "Reading 'error' as String failed."),
        ("94 03 80 a131 03", "Deserializing object for 'argument' failed."),
        ("93 05 80 c0", "Null or empty invocation ID for CancelInvocation message."),
        ("91 07", "Reading 'error' as String failed."),
        ("93 07 c0 c0", "Reading 'allowReconnect' as Boolean failed."),
        ("92 08 c0", "Reading 'sequenceId' as Int64 failed."),
        ("92 09 cf ffffffffffffffff", "Reading 'sequenceId' as Int64 failed."),
    ];
    for (hex, text) in table {
        assert_eq!(refused(hex), text, "{hex}");
    }
}

#[test]
fn every_cut_of_a_message_is_refused() {
    let whole =
        bytes("96 01 81 a161 a162 a3 78797a a6 6d6574686f64 92 82 a161 cd 0100 a162 c4 02 0102 d6ff 58ec1c80 91 a131");
    assert!(PROTOCOL.decode(&whole).is_ok());
    for cut in 0..whole.len() {
        assert!(PROTOCOL.decode(&whole[..cut]).is_err(), "cut at {cut}");
    }
}

/// Case 28.
#[test]
fn depth_bombs_are_refused_wherever_they_are() {
    for depth in [1, 62, 63, 64, 1_000, 100_000] {
        for (head, limit, text) in [
            ("95 01 80 c0 a141 91", 62, "Deserializing object for 'argument' failed."),
            ("94 02 80 a131", 63, "Deserializing object for 'item' failed."),
            ("95 03 80 a131 03", 63, "Deserializing object for 'argument' failed."),
        ] {
            let bomb = [bytes(head), vec![0x91; depth], vec![0xc0]].concat();
            match PROTOCOL.decode(&bomb) {
                Ok(_) => assert!(depth <= limit, "{head} {depth}"),
                Err(error) => assert!(depth > limit && error.to_string() == text, "{head} {depth} {error}"),
            }
        }
        assert!(PROTOCOL.decode(&vec![0x91; depth]).is_err());
    }
}

/// Case 29.
#[test]
fn claims_of_many_members_are_not_believed() {
    for claim in ["dd ffffffff", "df ffffffff", "db ffffffff", "c6 ffffffff", "c9 ffffffff 05"] {
        for head in ["", "95 01", "95 01 80", "95 01 80 c0", "95 01 80 c0 a141", "95 01 80 c0 a141 91"] {
            assert!(PROTOCOL.decode(&bytes(&format!("{head} {claim}"))).is_err(), "{head} {claim}");
        }
    }
    let streams = [bytes("96 01 80 c0 a141 90 dc 03e9"), vec![0xa0; 1001]].concat();
    assert_eq!(PROTOCOL.decode(&streams).unwrap_err().to_string(), "A call takes at most 1000 streams.");
}

#[test]
fn arguments_are_taken_one_after_the_other() {
    let arguments = bytes("2a a178 92 01 02 c0");
    let mut taken = Arguments::new(PayloadFormat::MessagePack, &arguments, 4);
    assert_eq!(taken.take::<f64>(), Ok(42.0));
    assert_eq!(taken.take::<String>().as_deref(), Ok("x"));
    assert_eq!(taken.take::<(u8, u8)>(), Ok((1, 2)));
    assert_eq!(taken.take::<Option<u8>>(), Ok(None));
    assert_eq!(taken.take::<Option<u8>>(), Ok(None));
    assert_eq!(taken.take::<u8>(), Err(ArgumentError::Missing { index: 5 }));
    let mut skipped = Arguments::new(PayloadFormat::MessagePack, &arguments, 4);
    assert_eq!(skipped.skip_rest(), Ok(()));
}

#[test]
fn an_argument_of_the_wrong_type_is_told_from_no_value_at_all() {
    let error = |hex| Arguments::new(PayloadFormat::MessagePack, &bytes(hex), 1).take::<u8>().unwrap_err();
    for hex in ["a178", "cb 3ff8000000000000", "d0 ff", "cd 0100", "c0", "c3", "d4 05 00", "d4 ff 00", "dc 0001 01"] {
        assert!(matches!(error(hex), ArgumentError::Mismatch { index: 0, .. }), "{hex}: {:?}", error(hex));
    }
    for hex in ["", "c1", "cd 01", "a5 61"] {
        assert!(matches!(error(hex), ArgumentError::Malformed { index: 0, .. }), "{hex}: {:?}", error(hex));
    }
}

#[test]
fn half_an_emoji_reads_as_dotnet_reads_it() {
    let half_a_pair = bytes("a4 78eda080");
    let text = Arguments::new(PayloadFormat::MessagePack, &half_a_pair, 1).take::<String>();
    assert_eq!(text.as_deref(), Ok("x\u{fffd}\u{fffd}\u{fffd}"));
    let map = bytes("81 a3 eda080 a3 eda080");
    let map = Arguments::new(PayloadFormat::MessagePack, &map, 1).take::<BTreeMap<String, String>>().unwrap();
    assert_eq!(map.into_iter().next().unwrap().0.chars().next(), Some('\u{fffd}'));
    let body = bytes("95 03 80 a1 37 01 a4 78 eda080");
    match PROTOCOL.decode(&body).unwrap().unwrap() {
        HubMessage::Completion { result: CompletionResult::Error(text), .. } => assert!(text.starts_with("x\u{fffd}")),
        other => panic!("not a failed completion: {other:?}"),
    }
}

#[test]
fn a_value_that_cannot_be_written_leaves_nothing_behind() {
    let mut out = vec![1, 2];
    let call = Outgoing::Invocation { id: None, target: "A", arguments: &[&u64::MAX] };
    assert!(PROTOCOL.encode(&call, &mut out).unwrap_err().to_string().contains("beyond 2^53"));
    assert_eq!(out, [1, 2]);
}
