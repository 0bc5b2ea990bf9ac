#![no_main]

#[path = "../token.rs"]
mod token;

thread_local!(static GUARD: token::Guard = token::Guard::new());

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    GUARD.with(|guard| guard.check_connection_token(data));
});
