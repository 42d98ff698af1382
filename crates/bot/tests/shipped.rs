//! The scripts that ship have nothing to be said against them.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its script has failed")]

use bot::Script;

#[test]
fn the_scripts_that_ship_compile_without_a_warning() {
    let mut told: Vec<String> = Vec::new();
    for name in ["shop", "telecom"] {
        let path = format!("{}/../../config/bots/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap();
        let (script, problems) = Script::compile(&format!("{name}.toml"), &text);
        told.extend(problems.iter().map(ToString::to_string));
        assert!(script.is_some() || !told.is_empty());
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}
