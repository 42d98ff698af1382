//! Fuzzes bots' scripts, and what is said to them.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| relais_tests::fuzzing::run("scripts", input));
