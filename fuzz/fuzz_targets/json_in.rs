#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openledger_fuzz::targets::json_in(data));
