//! The generated documents and types: written by `cargo xtask generate`, held current by a rule of tidy.

mod typescript;

use crate::tree::Tree;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::Value;
use wire::{AdvisorFrame, CustomerFrame, ServerFrame};

/// What stands at the head of a generated file of types.
const HEAD: &str =
    "// Written by `cargo xtask generate` from the types of crates/wire; a test holds it to them.\n";

/// Every generated file: its path and what must stand in it.
///
/// # Errors
/// A schema that cannot be said in TypeScript.
pub fn files() -> Result<Vec<(&'static str, String)>, String> {
    let draft = SchemaSettings::draft2020_12();
    let mut read = draft.clone().for_deserialize().into_generator();
    read.subschema_for::<CustomerFrame>();
    read.subschema_for::<AdvisorFrame>();
    let mut written = draft.for_serialize().into_generator();
    written.subschema_for::<ServerFrame>();
    let types = |mut generator: SchemaGenerator, absent: bool| {
        typescript::types(&generator.take_definitions(false), absent).map(|types| format!("{HEAD}{types}"))
    };
    Ok(vec![
        ("docs/relais.v1.schema.json", pretty(&wire::schema::json_schema())),
        ("docs/asyncapi.json", pretty(&wire::schema::asyncapi())),
        ("crates/console/web/src/generated/to-server.ts", types(read, false)?),
        ("crates/console/web/src/generated/from-server.ts", types(written, true)?),
    ])
}

fn pretty(document: &Value) -> String {
    // `{:#}` of a JSON value is its indented form.
    format!("{document:#}\n")
}

/// Writes those that are missing or old.
pub fn write(tree: &Tree) -> Result<(), String> {
    for (path, text) in files()? {
        if tree.text(path) != text {
            tree.write(path, &text)?;
            println!("wrote {path}");
        }
    }
    Ok(())
}
