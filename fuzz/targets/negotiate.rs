#![no_main]

#[path = "../negotiate.rs"]
mod negotiate;

thread_local!(static ENDPOINT: negotiate::Endpoint = negotiate::Endpoint::new());

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    ENDPOINT.with(|endpoint| endpoint.check(data));
});
