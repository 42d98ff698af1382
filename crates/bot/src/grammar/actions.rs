//! `[actions.x]`: the only calls that a bot may make.

use super::{HOLES, Reader};
use crate::limits;
use crate::request::{Action, JsonTemplate, Method, UrlTemplate};
use crate::template::{self, Template};
use serde_json::Value;
use settings::{Table, Written, spelling};
use std::collections::BTreeMap;

pub(super) fn read(reader: &Reader<'_>) -> BTreeMap<String, Action> {
    if !reader.root.has("actions") {
        reader.root.know("actions");
        return BTreeMap::new();
    }
    let tables = reader.root.named_tables("actions");
    reader.at_most("actions", limits::ACTIONS, tables.iter().map(|(name, _)| name.line));
    let mut actions = BTreeMap::new();
    for (name, table) in tables {
        reader.name("an action", &name);
        if let Some(action) = action(reader, &table, &name) {
            actions.insert(name.value, action);
        }
        table.finish();
    }
    actions
}

fn action(reader: &Reader<'_>, table: &Table<'_>, name: &Written<String>) -> Option<Action> {
    let methods = [
        ("GET", Method::Get),
        ("POST", Method::Post),
        ("PUT", Method::Put),
        ("PATCH", Method::Patch),
        ("DELETE", Method::Delete),
    ];
    let method = table.word("method", &methods).map_or(Method::Get, |method| method.value);
    let url = table.required_text("url").and_then(|written| url(reader, table, &written));
    let timeout_ms = table.duration("timeout", limits::ACTION_MS).map_or(5_000, |timeout| timeout.value);
    let body = table.json("body").and_then(|body| json(reader, table, &body.value, body.line, 0));
    if body.is_some() && method == Method::Get {
        table.error(table.line_of("body"), "a GET has no body", "write method = \"POST\"");
    }
    let mut headers = headers(reader, table);
    let has = |headers: &[(String, String)], name: &str| {
        headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    if !has(&headers, "accept") {
        headers.push(("Accept".to_owned(), "application/json".to_owned()));
    }
    if body.is_some() && !has(&headers, "content-type") {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    let save = save(reader, table);
    let failed = table.text("failed");
    Some(Action { line: name.line, method, url: url?, headers, body, timeout_ms, save, failed })
}

fn url(reader: &Reader<'_>, table: &Table<'_>, written: &Written<String>) -> Option<UrlTemplate> {
    let template =
        template::read(written, &reader.variables, reader.slots.iter().map(String::as_str), table)?;
    match UrlTemplate::new(template) {
        Ok(url) => Some(url),
        Err((message, suggestion)) => {
            table.error(written.line, format!("{}: {message}", table.name_of("url")), suggestion);
            None
        }
    }
}

fn headers(reader: &Reader<'_>, table: &Table<'_>) -> Vec<(String, String)> {
    let Some(inner) = table.has("headers").then(|| table.table("headers")).flatten() else {
        table.know("headers");
        return Vec::new();
    };
    let written = inner.into_named_texts();
    reader.at_most("headers", limits::HEADERS, written.iter().map(|(name, _)| name.line));
    let mut headers = Vec::new();
    for (name, value) in written {
        // RFC 9110, 5.6.2: a token.
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            table.error(name.line, format!("\"{}\" is not the name of a header", name.value), "");
            continue;
        }
        if ["host", "content-length", "transfer-encoding", "connection"]
            .contains(&name.to_lowercase().as_str())
        {
            table.error(
                name.line,
                format!("header \"{}\" is not for a script to set", name.value),
                "remove it",
            );
            continue;
        }
        // No slots: what a customer writes never stands in a header.
        let Some(template) = template::read(&value, &reader.variables, std::iter::empty(), table) else {
            continue;
        };
        let filled = template.fill(|_| None).unwrap_or_default();
        if filled.chars().any(|c| c.is_control() || !c.is_ascii()) {
            table.error(
                value.line,
                format!("header \"{}\" has a character that no header may have", name.value),
                "",
            );
            continue;
        }
        headers.push((name.value, filled));
    }
    headers
}

fn save(reader: &Reader<'_>, table: &Table<'_>) -> Vec<(String, Vec<String>)> {
    let Some(inner) = table.has("save").then(|| table.table("save")).flatten() else {
        table.know("save");
        return Vec::new();
    };
    let mut save = Vec::new();
    for (slot, path) in inner.into_named_texts() {
        if !reader.slots.contains(&slot.value) {
            let near = spelling::did_you_mean(&slot.value, reader.slots.iter().map(String::as_str));
            table.error(slot.line, format!("\"{}\" is not a slot", slot.value), near);
        }
        let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        if steps.iter().any(String::is_empty) {
            table.error(
                path.line,
                format!("\"{}\" is not the path of a field", path.value),
                "for instance \"address.city\" or \"items.0.name\"",
            );
        }
        save.push((slot.value, steps));
    }
    save
}

fn json(
    reader: &Reader<'_>,
    table: &Table<'_>,
    value: &Value,
    line: u32,
    depth: usize,
) -> Option<JsonTemplate> {
    if depth > 16 {
        table.error(line, "the body is nested too deep", "");
        return None;
    }
    Some(match value {
        Value::String(text) => {
            let slots = HOLES.into_iter().chain(reader.slots.iter().map(String::as_str));
            match Template::parse(text, &reader.variables, slots) {
                Ok(template) => JsonTemplate::Text(template),
                Err(wrongs) => {
                    for (message, suggestion) in wrongs {
                        table.error(line, message, suggestion);
                    }
                    return None;
                }
            }
        }
        Value::Array(items) => JsonTemplate::List(
            items.iter().map(|item| json(reader, table, item, line, depth + 1)).collect::<Option<_>>()?,
        ),
        Value::Object(fields) => JsonTemplate::Object(
            fields
                .iter()
                .map(|(key, item)| Some((key.clone(), json(reader, table, item, line, depth + 1)?)))
                .collect::<Option<_>>()?,
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => JsonTemplate::Plain(value.clone()),
    })
}
