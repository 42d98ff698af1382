//! What strangers may send, and files that may be damaged: one function a target, each of which panics at a fault.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz frames` looks for new inputs, with a nightly compiler; `tests/tests/fuzz.rs`
//! calls the same functions on the committed seeds and on seeded changes of them, with every other test.

mod changes;
mod configuration;
mod frames;
mod handshake;
mod listen;
mod recovery;
mod scripts;

pub use changes::Changes;

/// One target.
pub struct Target {
    /// Its name, and that of its folder of seeds.
    pub name: &'static str,
    /// Takes one input; a panic is a fault found.
    pub run: fn(&[u8]),
    /// Changed inputs that an ordinary test tries: what a few seconds allow.
    pub ordinary: usize,
}

/// Every target.
pub const TARGETS: [Target; 6] = [
    Target { name: "frames", run: frames::run, ordinary: 20_000 },
    Target { name: "handshake", run: handshake::run, ordinary: 3_000 },
    Target { name: "configuration", run: configuration::run, ordinary: 2_000 },
    Target { name: "scripts", run: scripts::run, ordinary: 1_500 },
    Target { name: "listen", run: listen::run, ordinary: 1_500 },
    Target { name: "recovery", run: recovery::run, ordinary: 150 },
];

/// Runs one input of the named target.
///
/// # Panics
/// There is no such target; or the input shows a fault.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").run)(input);
}

/// The parts of an input that has several texts, and nothing where it is no text.
fn texts(input: &[u8]) -> Option<Vec<&str>> {
    std::str::from_utf8(input).ok().map(|text| text.split('\0').collect())
}
