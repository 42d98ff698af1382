//! Fuzzes what is listened to.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| relais_tests::fuzzing::run("listen", input));
