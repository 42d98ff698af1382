//! From the schema of a Rust type to the TypeScript types of its JSON: the part of JSON Schema that `schemars` writes,
//! and a refusal of everything else, so that nothing is left out in silence.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Keywords that narrow a value without changing its TypeScript type.
const NARROWING: [&str; 12] = [
    "$schema",
    "default",
    "description",
    "examples",
    "format",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
];

/// Keywords that make a type.
const MAKING: [&str; 12] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "enum",
    "items",
    "oneOf",
    "prefixItems",
    "properties",
    "required",
    "type",
];

/// One exported type for each definition, in their order. With `absent` a property that may be missing is never
/// `null`: what the server writes; else it may be either: what the server reads.
///
/// # Errors
/// A keyword that this does not know.
pub fn types(definitions: &Map<String, Value>, absent: bool) -> Result<String, String> {
    let mut written = String::new();
    for (name, schema) in definitions {
        let schema = schema.as_object().ok_or_else(|| format!("{name} is no object"))?;
        let made = of(schema, absent, 0).map_err(|why| format!("{name}: {why}"))?;
        let _ = write!(written, "\n{}export type {name} = {made};\n", comment(schema, 0));
    }
    Ok(written)
}

fn comment(schema: &Map<String, Value>, depth: usize) -> String {
    let Some(text) = schema.get("description").and_then(Value::as_str) else { return String::new() };
    let said = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("*/", "* /");
    format!("/** {said} */\n{}", indent(depth))
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// The type of a schema: the intersection of all that it says.
fn of(schema: &Map<String, Value>, absent: bool, depth: usize) -> Result<String, String> {
    if let Some(unknown) =
        schema.keys().find(|key| ![&NARROWING[..], &MAKING].concat().contains(&key.as_str()))
    {
        return Err(format!("`{unknown}` is not known here"));
    }
    let mut parts = vec![];
    if let Some(to) = schema.get("$ref").and_then(Value::as_str) {
        parts.push(to.rsplit('/').next().unwrap_or(to).to_owned());
    }
    for (keyword, joint) in [("allOf", " & "), ("anyOf", " | "), ("oneOf", " | ")] {
        if let Some(list) = schema.get(keyword).and_then(Value::as_array) {
            parts.push(joined(list, joint, absent, depth)?);
        }
    }
    if let Some(value) = schema.get("const") {
        parts.push(value.to_string());
    } else if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        parts.push(values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | "));
    } else if schema.contains_key("properties") || schema.contains_key("additionalProperties") {
        parts.extend(object(schema, absent, depth)?);
    } else if let Some(kinds) = schema.get("type") {
        let kinds: Vec<&str> = match kinds {
            Value::String(kind) => vec![kind],
            kinds => kinds.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        let bare = parts.is_empty();
        let made: Result<Vec<_>, _> =
            kinds.into_iter().map(|kind| of_kind(kind, schema, absent, depth)).collect();
        // `type: object` beside a reference says nothing new.
        parts.extend(made.map(|made| made.join(" | ")).ok().filter(|_| bare));
    }
    match parts.len() {
        0 => Ok("unknown".into()),
        1 => Ok(parts.remove(0)),
        _ => Ok(parts.iter().map(|part| bracketed(part)).collect::<Vec<_>>().join(" & ")),
    }
}

fn bracketed(part: &str) -> String {
    if part.contains(" | ") && !part.starts_with('{') { format!("({part})") } else { part.to_owned() }
}

fn joined(list: &[Value], joint: &str, absent: bool, depth: usize) -> Result<String, String> {
    let mut seen = BTreeSet::new();
    let mut made = vec![];
    for schema in list {
        let one = of(schema.as_object().ok_or("no object in a list of schemas")?, absent, depth)?;
        if seen.insert(one.clone()) {
            made.push(if one.contains(" & ") || one.contains(" | ") { format!("({one})") } else { one });
        }
    }
    Ok(if made.len() > 3 {
        let margin = format!("\n{}| ", indent(depth + 1));
        format!("{}{}", if joint == " | " { margin.as_str() } else { "" }, made.join(&margin))
    } else {
        made.join(joint)
    })
}

fn of_kind(kind: &str, schema: &Map<String, Value>, absent: bool, depth: usize) -> Result<String, String> {
    let child = |key: &str| schema.get(key).and_then(Value::as_object);
    Ok(match kind {
        "string" | "boolean" | "null" => kind.to_owned(),
        "integer" | "number" => "number".to_owned(),
        "object" => "Record<string, unknown>".to_owned(),
        "array" => match (schema.get("prefixItems").and_then(Value::as_array), child("items")) {
            (Some(places), _) => {
                let made: Result<Vec<_>, String> = places
                    .iter()
                    .map(|place| of(place.as_object().ok_or("no object in prefixItems")?, absent, depth))
                    .collect();
                format!("[{}]", made?.join(", "))
            }
            (None, Some(items)) => {
                format!("({})[]", of(items, absent, depth)?).replace("(string)[]", "string[]")
            }
            (None, None) => "unknown[]".to_owned(),
        },
        unknown => return Err(format!("type `{unknown}` is not known here")),
    })
}

fn object(schema: &Map<String, Value>, absent: bool, depth: usize) -> Result<Option<String>, String> {
    let required: BTreeSet<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut lines = String::new();
    for (name, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let Some(value) = value.as_object() else {
            let _ = writeln!(lines, "{}{name}: unknown;", indent(depth + 1));
            continue;
        };
        let must = required.contains(name.as_str());
        let made = of(value, absent, depth + 1)?;
        let made = if absent && !must { made.trim_end_matches(" | null").to_owned() } else { made };
        let mark = if must { "" } else { "?" };
        let said = comment(value, depth + 1);
        let _ = writeln!(lines, "{}{said}{name}{mark}: {made};", indent(depth + 1));
    }
    if let Some(Value::Object(others)) = schema.get("additionalProperties") {
        let _ = writeln!(lines, "{}[name: string]: {};", indent(depth + 1), of(others, absent, depth + 1)?);
    }
    Ok((!lines.is_empty()).then(|| format!("{{\n{lines}{}}}", indent(depth))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn made(schema: Value, absent: bool) -> String {
        types(json!({ "X": schema }).as_object().unwrap(), absent).unwrap()
    }

    #[test]
    fn an_object_with_what_may_be_missing() {
        let schema = json!({ "type": "object", "description": "A thing.", "required": ["seq", "oldest"], "properties": {
            "seq": { "type": "integer", "minimum": 0, "description": "Its place." },
            "name": { "type": ["string", "null"] },
            "oldest": { "type": ["integer", "null"] },
        }});
        assert_eq!(
            made(schema.clone(), true),
            "\n/** A thing. */\nexport type X = {\n  name?: string;\n  oldest: number | null;\n  /** Its place. */\n  seq: number;\n};\n"
        );
        assert!(made(schema, false).contains("name?: string | null;"));
    }

    #[test]
    fn a_reference_with_more_beside_it_is_both() {
        let schema = json!({ "$ref": "#/$defs/Ack", "type": "object", "required": ["type"], "properties": { "type": { "const": "ack", "type": "string" } } });
        assert_eq!(made(schema, true), "\nexport type X = Ack & {\n  type: \"ack\";\n};\n");
    }

    #[test]
    fn lists_choices_and_places() {
        assert_eq!(
            made(json!({ "type": "array", "items": { "type": "string" } }), true),
            "\nexport type X = string[];\n"
        );
        let pair = json!({ "type": "array", "prefixItems": [{ "type": "integer" }, { "type": "string" }] });
        assert_eq!(made(pair, true), "\nexport type X = [number, string];\n");
        let either =
            json!({ "oneOf": [{ "const": "a", "type": "string" }, { "const": "b", "type": "string" }] });
        assert_eq!(made(either, true), "\nexport type X = \"a\" | \"b\";\n");
        assert_eq!(made(json!({}), true), "\nexport type X = unknown;\n");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let schema = json!({ "if": {}, "then": {} });
        let refused = types(json!({ "X": schema }).as_object().unwrap(), true);
        assert!(refused.unwrap_err().starts_with("X: `if`"));
    }
}
