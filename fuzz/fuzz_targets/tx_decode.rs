#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| openledger_fuzz::targets::tx_decode(data));
