//! The checks of the fuzz targets over their saved corpus and over mutations of it, the same ones every time: nothing
//! panics, and reading takes no more memory than four times the input and 64 KiB.

#[path = "../fuzz/checks.rs"]
mod checks;
#[path = "../fuzz/envelope.rs"]
mod envelope;
#[path = "../fuzz/negotiate.rs"]
mod negotiate;
#[path = "../fuzz/numbering.rs"]
mod numbering;
#[path = "../fuzz/token.rs"]
mod token;

use std::{collections::BTreeSet, fs, path::Path};

use hubs::protocol::{HubProtocol, JsonHubProtocol, MessagePackHubProtocol};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// For each target; in the long form, fifty times as many.
const MUTATIONS: usize = 20_000;
const LONG_MUTATIONS: usize = 50 * MUTATIONS;
const LARGEST: usize = 40_000;

/// Xorshift: the same numbers every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).expect("48 bits fit") % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        // Bytes that mean something to one of the protocols come more often.
        const TELLING: &[u8] = b"\x00\x1e\"\\[]{},:0-1e\x80\x81\x90\x91\x95\x96\xa0\xa1\xc0\xc1\xc4\xca\xcb\xcf\xd9\xdb\xdc\xdd\xdf\xff\x7f";
        if self.below(2) == 0 {
            TELLING[self.below(TELLING.len())]
        } else {
            self.below(256).try_into().expect("a byte")
        }
    }

    /// A few small changes, some of them with parts of another input.
    fn mutate(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..=self.below(4) {
            let at = self.below(input.len() + 1);
            match self.below(8) {
                0 => input.insert(at, self.byte()),
                1 if at < input.len() => drop(input.remove(at)),
                2 if at < input.len() => input[at] = self.byte(),
                3 if at < input.len() => input[at] ^= 1 << self.below(8),
                4 => input.truncate(at),
                5 => {
                    let from = self.below(other.len() + 1);
                    let part = other[from..].iter().take(self.below(64)).copied();
                    input.splice(at..at, part.collect::<Vec<_>>());
                }
                6 => {
                    let (byte, times) = (self.byte(), self.below(2000));
                    input.splice(at..at, std::iter::repeat_n(byte, times));
                }
                _ => {
                    let part = input[..at].to_vec();
                    input.extend_from_slice(&part);
                }
            }
            input.truncate(LARGEST);
        }
    }
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut inputs: Vec<_> = files.map(|file| fs::read(file.expect("a file").path()).expect("it is read")).collect();
    inputs.sort();
    assert!(inputs.len() >= 5, "the corpus of {target} is there");
    inputs
}

/// What reading a message takes at most, in bytes.
fn cost(protocol: &dyn HubProtocol, input: &[u8]) -> usize {
    peak(|| checks::read(protocol, input))
}

fn peak(run: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    run();
    MEMORY.peak_usage().saturating_sub(before)
}

/// What an input may cost, in bytes, if each of its bytes can stand for a value of `growth` bytes. When `serde_json` says
/// what it got instead of a number it writes up to six characters, into a text that doubles, for one of a string that
/// cannot be printed.
fn bound(input: &[u8], growth: usize) -> usize {
    let unprintable = input.iter().filter(|byte| **byte >= 0x7f).count();
    4 * growth * input.len() + 12 * unprintable + 64 * 1024
}

/// Something that is done with an input, and whose memory is bounded.
struct Measured<'a> {
    name: &'a str,
    growth: usize,
    run: &'a dyn Fn(&[u8]),
}

impl Measured<'_> {
    fn check(&self, input: &[u8]) -> usize {
        let cost = peak(|| (self.run)(input));
        let (name, len) = (self.name, input.len());
        assert!(cost <= bound(input, self.growth), "{name}: {cost} bytes for {len}: {input:02x?}");
        cost
    }
}

/// `check` is what the fuzz target does.
fn check(target: &str, check: impl Fn(&[u8]), measured: &[Measured<'_>]) {
    let inputs = corpus(target);
    let mut random = Random(0x5eed);
    let mut worst = 0;
    let mutations = if std::env::var_os("HUBS_SOAK").is_some() { LONG_MUTATIONS } else { MUTATIONS };
    for round in 0..inputs.len() + mutations {
        let mut input = inputs.get(round).cloned().unwrap_or_else(|| inputs[random.below(inputs.len())].clone());
        if round >= inputs.len() {
            let other = random.below(inputs.len());
            random.mutate(&mut input, &inputs[other]);
        }
        check(&input);
        worst = measured.iter().map(|measured| measured.check(&input)).max().unwrap_or(0).max(worst);
    }
    println!("{target}: {} inputs and {mutations} mutations, {worst} bytes at most", inputs.len());
}

/// The only thing that is measured of a target.
fn read<'a>(run: &'a dyn Fn(&[u8])) -> [Measured<'a>; 1] {
    [Measured { name: "reading", growth: 1, run }]
}

// One test, since the allocator counts for all threads.
/// Case 34.
#[test]
fn no_input_panics_or_asks_for_more_memory_than_it_explains() {
    // Messages that ask for much: names of streams, escaped text, arguments, members.
    let stream_ids = |count: usize| {
        let head = b"\x96\x01\x80\xc0\xa1A\x90\xdd".to_vec();
        [head, u32::try_from(count).expect("few").to_be_bytes().to_vec(), vec![0xa0; count]].concat()
    };
    for count in [999, 1000, 1001, 30_000] {
        let input = stream_ids(count);
        assert!(cost(&MessagePackHubProtocol::new(), &input) <= 4 * input.len() + 64 * 1024);
        let ids = vec!["\"\""; count].join(",");
        let input = format!(r#"{{"type":1,"target":"A","arguments":[],"streamIds":[{ids}]}}"#);
        assert!(cost(&JsonHubProtocol, input.as_bytes()) <= 4 * input.len() + 64 * 1024);
    }
    for text in ["\\n".repeat(15_000), "\\u0041".repeat(5_000), format!("\\\"{}", "x".repeat(30_000))] {
        let input = format!(r#"{{"type":1,"target":"{text}","arguments":["{text}"]}}"#);
        assert!(cost(&JsonHubProtocol, input.as_bytes()) <= 4 * input.len() + 64 * 1024);
    }
    check("json", checks::json, &read(&|input| checks::read(&JsonHubProtocol, input)));
    check("messagepack", checks::messagepack, &read(&|input| checks::read(&MessagePackHubProtocol::new(), input)));
    check("handshake", checks::handshake, &read(&checks::handshake));
    let endpoint = negotiate::Endpoint::new();
    let answers: BTreeSet<_> = corpus("negotiate").iter().filter_map(|input| endpoint.check(input)).collect();
    assert_eq!(answers, BTreeSet::from([200, 400, 403, 404, 405, 426]), "the corpus reaches every kind of answer");
    check(
        "negotiate",
        |_| {},
        &read(&|input| {
            endpoint.check(input);
        }),
    );
    check("numbering", numbering::check, &[]);
    check_envelopes();
    let guard = token::Guard::new();
    check("token", |_| {}, &read(&|input| guard.check_connection_token(input)));
    check("jwt", |_| {}, &read(&|input| guard.check_jwt(input)));
    check_arguments();
}

/// What other nodes send, which may ask for many empty ids.
fn check_envelopes() {
    let measured = [Measured { name: "envelopes", growth: envelope::GROWTH, run: &envelope::read }];
    let ids = |length: u32| [&b"\x92\xdd"[..], &length.to_be_bytes(), &vec![0xa0; 30_000], b"\x80"].concat();
    for input in [ids(30_000), ids(u32::MAX)] {
        measured[0].check(&input);
    }
    check("envelope", envelope::check, &measured);
}

/// Each type on its own, since how much memory a value takes is up to its type.
fn check_arguments() {
    let shapes =
        checks::SHAPES.each_ref().map(|shape| Measured { name: shape.name, growth: shape.growth, run: &shape.read });
    // What is no number, and what says that it is no number.
    for byte in [b'x', 0x7f, b'\\'] {
        let text = vec![byte; 30_000];
        for shape in &shapes {
            shape.check(&[b"\x01\x00\"", &text[..], b"\""].concat());
            shape.check(&[b"\x01\x01\xda\x75\x30", &text[..]].concat());
        }
    }
    check("arguments", |_| {}, &shapes);
}
