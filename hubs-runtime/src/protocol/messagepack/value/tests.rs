//! Values look the same to a browser under both protocols, and every shape that serde has comes back as it was.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
    net::IpAddr,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Decoder, write_value};
use crate::{
    ids::Bytes,
    protocol::{Payload, PayloadFormat, RawPayload},
};

const PLAIN: PayloadFormat = PayloadFormat::MessagePack;
const DOTNET: PayloadFormat = PayloadFormat::MessagePackDotnet;

fn written<T: Serialize + ?Sized>(value: &T, format: PayloadFormat) -> Vec<u8> {
    let mut out = Vec::new();
    write_value(value, format, &mut out).unwrap();
    out
}

fn refused<T: Serialize + ?Sized>(value: &T, format: PayloadFormat) -> String {
    write_value(value, format, &mut Vec::new()).unwrap_err().to_string()
}

fn read<T: DeserializeOwned>(bytes: &[u8], format: PayloadFormat) -> Result<T, String> {
    let mut decoder = Decoder::new(bytes, format);
    let value = decoder.read().map_err(|error| error.to_string())?;
    assert!(decoder.rest().is_empty(), "all bytes are read");
    Ok(value)
}

/// What a browser sees: the bytes read without a type.
fn seen(bytes: &[u8]) -> Value {
    read(bytes, PLAIN).unwrap()
}

/// The value with one kind of number: JSON has `1` for a float that is whole.
fn as_in_javascript(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(values) => values.into_iter().map(as_in_javascript).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, as_in_javascript(value))).collect(),
        other => other,
    }
}

/// The value is the same JSON under both protocols and comes back from both.
#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    same_without_dotnet(value);
    assert_eq!(read::<T>(&written(value, DOTNET), DOTNET).as_ref(), Ok(value));
}

#[track_caller]
fn same_without_dotnet<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let mut json = Vec::new();
    value.encode(PayloadFormat::Json, &mut json).unwrap();
    let expected: Value = serde_json::from_slice(&json).unwrap();
    let bytes = written(value, PLAIN);
    assert_eq!(as_in_javascript(seen(&bytes)), as_in_javascript(expected.clone()));
    for (format, bytes) in [(PLAIN, bytes), (PayloadFormat::Json, json)] {
        let raw = RawPayload::new(format, bytes.into());
        assert_eq!(raw.decode::<T>().as_ref().ok(), Some(value), "{format:?} {:?}", raw.decode::<T>());
    }
    // What a peer that knows no types sends.
    assert_eq!(read::<T>(&written(&expected, PLAIN), PLAIN).as_ref(), Ok(value));
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Plain {
    user_name: String,
    #[serde(default)]
    age: u32,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Newtype(u64);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(u8, String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum External {
    JustName,
    Inner(Plain),
    Number(i64),
    Both(u8, String),
    WithFields { first_one: u8, second_one: Option<bool> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Internal {
    JustName,
    Inner(Plain),
    WithFields { number: f64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    JustName,
    Number(i32),
    Both(u8, u8),
    WithFields { number: f32 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u32),
    Text(String),
    List(Vec<Untagged>),
    Object(Plain),
    Nothing(()),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    plain: Plain,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Key {
    FirstKey,
    Second,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    left_out: Option<u8>,
    kept: u8,
}

fn plain() -> Plain {
    Plain { user_name: "Ann".to_owned(), age: 7, note: None }
}

#[test]
fn numbers_and_text_look_the_same() {
    same(&(true, false, 'é', '😀', String::from("\u{2028}\"\\")));
    same(&(0u8, u16::MAX, u32::MAX, 9_007_199_254_740_991u64, i8::MIN, i16::MIN, i32::MIN, -9_007_199_254_740_991i64));
    same(&(1.0f64, 0.1f64, 0.1f32, 16_777_216.0f32, f32::MAX, f32::MIN_POSITIVE, f64::MIN_POSITIVE, -0.5f32));
    same(&(5i128, 7u128));
    same(&(IpAddr::from([127, 0, 0, 1]), std::time::Duration::from_millis(1500)));
}

#[test]
fn what_holds_values_looks_the_same() {
    same(&());
    same(&(Some(1u8), None::<u8>, vec![Some(plain()), None]));
    same(&vec![vec![1u8; 300], Vec::new(), vec![2; 70_000]]);
    same(&(Unit, Newtype(5), Pair(1, "x".to_owned()), [1u8, 2, 3]));
    same(&plain());
    same(&Flat { id: 1, plain: plain(), rest: BTreeMap::from([("more".to_owned(), json!([1, null]))]) });
    same(&vec![Sparse { left_out: None, kept: 1 }, Sparse { left_out: Some(2), kept: 3 }]);
    same(&json!({"a": [1, -1, 1.5, "x", null, true, {}], "b": {"c": []}}));
}

#[test]
fn all_four_kinds_of_enums_look_the_same() {
    same(&vec![
        External::JustName,
        External::Inner(plain()),
        External::Number(-1),
        External::Both(1, "b".to_owned()),
        External::WithFields { first_one: 1, second_one: None },
    ]);
    // .NET has nothing like the rest.
    same_without_dotnet(&vec![Internal::JustName, Internal::Inner(plain()), Internal::WithFields { number: 0.5 }]);
    same_without_dotnet(&vec![
        Adjacent::JustName,
        Adjacent::Number(3),
        Adjacent::Both(1, 2),
        Adjacent::WithFields { number: 0.1 },
    ]);
    same_without_dotnet(&vec![
        Untagged::Number(1),
        Untagged::Text("x".to_owned()),
        Untagged::List(vec![Untagged::Number(2), Untagged::Nothing(())]),
        Untagged::Object(plain()),
    ]);
}

#[test]
fn keys_of_maps_are_text_as_in_json() {
    same(&BTreeMap::from([(1u8, "a".to_owned()), (2, "b".to_owned())]));
    same(&HashMap::from([(i64::MIN, 1)]));
    same(&BTreeMap::from([(u64::MAX, 1)]));
    same(&BTreeMap::from([(false, 1), (true, 2)]));
    same(&BTreeMap::from([(Key::FirstKey, 1), (Key::Second, 2)]));
    same(&BTreeMap::from([('x', 1)]));
    same(&BTreeMap::from([("k".to_owned(), BTreeMap::from([(1u32, vec![plain()])]))]));
    assert!(refused(&BTreeMap::from([(vec![1], 1)]), PLAIN).contains("key of a map must be"));
}

#[test]
fn binary_data_is_binary_and_comes_in_any_form() {
    let bytes = Bytes::from(vec![1, 2, 255]);
    assert_eq!(written(&bytes, PLAIN), [0xc4, 3, 1, 2, 255]);
    for form in
        [&[0xc4, 3, 1, 2, 255][..], b"\xa4AQL/", &[0x93, 1, 2, 0xcc, 255], b"\x83\xa10\x01\xa11\x02\xa12\xcc\xff"]
    {
        assert_eq!(read::<Bytes>(form, PLAIN), Ok(bytes.clone()), "{form:02x?}");
    }
    assert!(read::<Bytes>(b"\xa3AQL", PLAIN).unwrap_err().contains("not base64"));
    // A `Uint8Array` for a list of numbers.
    assert_eq!(read::<Vec<u8>>(&[0xc4, 2, 1, 2], PLAIN), Ok(vec![1, 2]));
    assert_eq!(read::<[u8; 2]>(&[0xc4, 2, 1, 2], PLAIN), Ok([1, 2]));
    assert!(read::<[u8; 1]>(&[0xc4, 2, 1, 2], PLAIN).is_err());
}

#[test]
fn numbers_a_browser_cannot_hold_are_refused() {
    assert!(refused(&vec![9_007_199_254_740_992u64], PLAIN).contains("beyond 2^53"));
    assert!(refused(&Some(i64::MIN), PLAIN).contains("beyond 2^53"));
    for text in [refused(&i128::MAX, PLAIN), refused(&u128::MAX, PLAIN), refused(&u128::MAX, DOTNET)] {
        assert!(text.contains("beyond 2^53"), "{text}");
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(refused(&value, PLAIN).contains("is no number in JSON"));
        #[expect(clippy::cast_possible_truncation, reason = "these have no digits")]
        let single = value as f32;
        assert!(refused(&single, PLAIN).contains("is no number in JSON"));
    }
}

#[test]
fn integers_that_javascript_writes_as_floats_are_integers() {
    let float = |value: f64| [&[0xcb][..], &value.to_be_bytes()].concat();
    assert_eq!(read::<u8>(&float(5.0), PLAIN), Ok(5));
    assert_eq!(read::<i64>(&float(-1_152_921_504_606_846_976.0), PLAIN), Ok(-1_152_921_504_606_846_976));
    assert_eq!(read::<u64>(&float(18_446_744_073_709_549_568.0), PLAIN), Ok(18_446_744_073_709_549_568));
    assert_eq!(read::<i32>(&[0xca, 0x42, 0x28, 0, 0], PLAIN), Ok(42));
    for value in [1.5, -0.5, 1e300, f64::NAN, f64::INFINITY, 18_446_744_073_709_551_616.0] {
        assert!(read::<u64>(&float(value), PLAIN).is_err(), "{value}");
    }
    assert!(read::<u8>(&float(256.0), PLAIN).is_err());
    assert!(read::<u8>(&float(-1.0), PLAIN).is_err());
    assert_eq!(read::<f32>(&[0x05], PLAIN), Ok(5.0));
    assert_eq!(read::<f64>(&[0xff], PLAIN), Ok(-1.0));
}

#[test]
fn a_date_of_javascript_is_the_text_that_json_has_for_it() {
    assert_eq!(read::<String>(&[0xd6, 0xff, 0x58, 0xec, 0x1c, 0x80], PLAIN).as_deref(), Ok("2017-04-11T00:00:00.000Z"));
    assert!(read::<String>(&[0xd4, 0xff, 0], PLAIN).is_err());
    assert!(read::<String>(&[0xd4, 5, 0], PLAIN).unwrap_err().contains("extension 5"));
}

#[test]
fn names_and_not_positions_are_read() {
    let map = written(&json!({"user_name": "x", "userName": "y", "more": {"a": [1]}}), PLAIN);
    assert_eq!(read::<Plain>(&map, PLAIN).unwrap().user_name, "y");
    // Integer keys are names too, never positions.
    assert!(read::<Plain>(&[0x81, 0x00, 0xa1, b'x'], PLAIN).unwrap_err().contains("missing field"));
    assert!(read::<Key>(&[0x00], PLAIN).is_err());
    assert!(read::<External>(&[0x81, 0x00, 0xc0], PLAIN).unwrap_err().contains("unknown variant `0`"));
    assert!(read::<(u8, u8)>(&[0x93, 1, 2, 3], PLAIN).is_err());
    assert!(read::<Plain>(&[0xa1, b'x'], PLAIN).is_err());
}

#[test]
fn dotnet_has_capital_names_and_its_own_integers() {
    let bytes = written(&plain(), DOTNET);
    assert_eq!(seen(&bytes), json!({"UserName": "Ann", "Age": 7, "Note": null}));
    assert_eq!(seen(&written(&External::JustName, DOTNET)), json!("JustName"));
    let fields = External::WithFields { first_one: 1, second_one: None };
    assert_eq!(seen(&written(&fields, DOTNET)), json!({"WithFields": {"FirstOne": 1, "SecondOne": null}}));
    // Keys of dictionaries are data, not names.
    assert_eq!(seen(&written(&BTreeMap::from([("aB", 1)]), DOTNET)), json!({"aB": 1}));
    assert_eq!(written(&BTreeMap::from([(1, 2)]), DOTNET), [0x81, 1, 2]);
    assert_eq!(
        written(&('Z', 1.5f32, 0.1f32), DOTNET),
        [0x93, 90, 0xca, 0x3f, 0xc0, 0, 0, 0xca, 0x3d, 0xcc, 0xcc, 0xcd]
    );
    assert_eq!(written(&u64::MAX, DOTNET), [0xcf, 255, 255, 255, 255, 255, 255, 255, 255]);
    assert_eq!(read::<char>(&[90], DOTNET), Ok('Z'));
    assert!(read::<char>(&[90], PLAIN).is_err());
    assert!(read::<Plain>(&bytes, PLAIN).is_err());
}

#[test]
fn dates_are_dotnets_timestamps() {
    #[derive(Serialize)]
    struct Event {
        at: Moment,
        until: Option<Moment>,
        text: &'static str,
    }

    /// Displays itself, as the dates of `chrono` and `jiff` do.
    struct Moment(&'static str);

    impl Serialize for Moment {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self.0)
        }
    }

    let date = "2017-04-11T00:00:00Z";
    let timestamp = [0xd6, 0xff, 0x58, 0xec, 0x1c, 0x80];
    assert_eq!(written(&Moment(date), DOTNET), timestamp);
    assert_eq!(written(&vec![Some(Moment(date)), None], DOTNET), [&[0x92][..], &timestamp, &[0xc0]].concat());
    let event = written(&Event { at: Moment(date), until: Some(Moment("2017-04-11")), text: date }, DOTNET);
    assert_eq!(event.windows(6).filter(|bytes| *bytes == timestamp).count(), 1);
    assert_eq!(seen(&event), json!({"At": "2017-04-11T00:00:00.000Z", "Until": "2017-04-11", "Text": date}));
    assert_eq!(seen(&written(&Moment(date), PLAIN)), json!(date));
}

#[test]
fn bombs_are_refused_before_they_cost_anything() {
    for depth in [65, 1_000, 100_000] {
        let arrays = [vec![0x91; depth], vec![0xc0]].concat();
        let maps = [[0x81, 0xa1, b'a'].repeat(depth), vec![0xc0]].concat();
        for bomb in [arrays, maps] {
            assert!(read::<Value>(&bomb, PLAIN).unwrap_err().contains("too deep"));
            assert!(read::<Untagged>(&bomb, PLAIN).unwrap_err().contains("too deep"));
            assert!(read::<serde::de::IgnoredAny>(&bomb, PLAIN).is_err());
        }
    }
    assert!(read::<Vec<[u64; 32]>>(&[0xdd, 255, 255, 255, 255], PLAIN).is_err());
}

#[test]
fn random_values_come_back() {
    let mut random = Random(42);
    for _ in 0..3_000 {
        let value = random.value(4);
        let bytes = written(&value, PLAIN);
        assert_eq!(seen(&bytes), value);
        assert_eq!(seen(&written(&value, DOTNET)), value);
        for _ in 0..4 {
            let mut damaged = bytes.clone();
            let at = random.below(damaged.len());
            damaged[at] ^= 1 << random.below(8);
            // It may still be a value; it must be read or refused, not more.
            let _ = Decoder::new(&damaged, PLAIN).read::<Value>();
            let _ = Decoder::new(&damaged[..at], PLAIN).read::<Untagged>();
        }
    }
}

/// Xorshift: the same numbers every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % end.max(1)
    }

    fn text(&mut self) -> String {
        let len = [0, 1, 31, 32, 255, 256][self.below(6)];
        (0..len).map(|_| ['a', 'é', '\u{0}', '😀'][self.below(4)]).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => json!(self.below(1 << 53) >> self.below(53)),
            3 => json!(-(i64::try_from(self.below(1 << 53) >> self.below(53)).unwrap())),
            4 => json!(f64::from(u32::try_from(self.below(1 << 31)).unwrap()) / 3.0),
            5 => json!(self.text()),
            6 => (0..self.below(20)).map(|_| self.value(depth - 1)).collect(),
            _ => Value::Object((0..self.below(20)).map(|_| (self.text(), self.value(depth - 1))).collect()),
        }
    }
}
