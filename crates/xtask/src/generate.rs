//! The generated documents in `docs/`: written by `cargo xtask generate`, held current by a rule of tidy.

use crate::tree::Tree;
use serde_json::Value;

/// Every generated file: its path and what must stand in it.
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("docs/relais.v1.schema.json", pretty(&wire::schema::json_schema())),
        ("docs/asyncapi.json", pretty(&wire::schema::asyncapi())),
    ]
}

fn pretty(document: &Value) -> String {
    // `{:#}` of a JSON value is its indented form.
    format!("{document:#}\n")
}

/// Writes those that are missing or old.
pub fn write(tree: &Tree) -> Result<(), String> {
    for (path, text) in files() {
        if tree.text(path) != text {
            tree.write(path, &text)?;
            println!("wrote {path}");
        }
    }
    Ok(())
}
