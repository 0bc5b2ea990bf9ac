#![no_main]

#[path = "../numbering.rs"]
mod numbering;

libfuzzer_sys::fuzz_target!(|data: &[u8]| numbering::check(data));
