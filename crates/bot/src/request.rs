//! HTTP actions: what a script may call, and how a customer's words get into a request without being able to
//! change where it goes.
//!
//! Scheme, host, port and the shape of the path stand in the script (and in the configuration's variables).
//! A slot may fill a part of a path segment or a value of the query, percent-encoded (RFC 3986, 2.3: everything
//! but unreserved characters), or a value of the JSON body; never a header.

use crate::limits;
use crate::template::{Part, Template};
use serde_json::Value;
use std::fmt;

/// How an action calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Tells, or asks with a body.
    Post,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// As it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// Why a request was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A slot is empty.
    Hole(String),
    /// A slot's value would change the path.
    Path(String),
    /// It is longer than [`limits::URL_BYTES`] or [`limits::BODY_BYTES`].
    TooLong,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Hole(slot) => write!(f, "slot {slot} is empty"),
            Refused::Path(slot) => write!(f, "slot {slot} does not fit a path"),
            Refused::TooLong => write!(f, "the request is too long"),
        }
    }
}

/// A call that a script declares.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) line: u32,
    pub(crate) method: Method,
    pub(crate) url: UrlTemplate,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<JsonTemplate>,
    pub(crate) timeout_ms: u64,
    /// Slot, and the path of the field in the answer that fills it.
    pub(crate) save: Vec<(String, Vec<String>)>,
    /// The node to go to when it fails.
    pub(crate) failed: Option<settings::Written<String>>,
}

/// A URL with holes in its path and query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UrlTemplate {
    /// Scheme and authority, as written: `https://host:port`.
    origin: String,
    path: Vec<Part>,
    query: Vec<Part>,
}

impl UrlTemplate {
    /// Splits a template; what is wrong, and a suggestion, where it may not be called.
    pub(crate) fn new(template: Template) -> Result<UrlTemplate, (String, String)> {
        let fail = |message: &str, suggestion: &str| Err((message.to_owned(), suggestion.to_owned()));
        let mut parts = template.0.into_iter();
        let Some(Part::Text(first)) = parts.next() else {
            return fail("the address must begin with http:// or https://, not with a slot", "");
        };
        let scheme = ["https://", "http://"].into_iter().find(|scheme| first.starts_with(scheme));
        let Some(scheme) = scheme else {
            return fail(
                "the address must begin with http:// or https://",
                "for instance \"{{relais}}/orders/{order}\"",
            );
        };
        let rest = &first[scheme.len()..];
        let Some(end) = rest.find(['/', '?', '#']) else {
            return fail(
                "the host must be followed by a path, and no slot may be part of it",
                "add a `/` after the host",
            );
        };
        let host = &rest[..end];
        let plain =
            host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_'));
        if host.is_empty() || !plain {
            return fail(
                "the host is not a name or an address",
                "user names, spaces and signs are not allowed in it",
            );
        }
        let mut url = UrlTemplate { origin: format!("{scheme}{host}"), path: Vec::new(), query: Vec::new() };
        let mut in_query = false;
        for part in std::iter::once(Part::Text(rest[end..].to_owned())).chain(parts) {
            match part {
                Part::Text(text) => {
                    if text.contains('#') {
                        return fail("a `#` and what follows is never sent", "remove it");
                    }
                    if let Some(bad) = text
                        .chars()
                        .find(|c| !c.is_ascii() || c.is_ascii_control() || " \"<>\\^`{|}".contains(*c))
                    {
                        return Err((
                            format!("`{}` may not stand in an address", bad.escape_default()),
                            "write it percent-encoded".to_owned(),
                        ));
                    }
                    match (in_query, text.split_once('?')) {
                        (true, _) => url.query.push(Part::Text(text)),
                        (false, None) => url.path.push(Part::Text(text)),
                        (false, Some((path, query))) => {
                            in_query = true;
                            url.path.push(Part::Text(path.to_owned()));
                            url.query.push(Part::Text(query.to_owned()));
                        }
                    }
                }
                Part::Slot(slot) if in_query => {
                    let key_is_written = url.query.iter().rev().find_map(|part| match part {
                        Part::Text(text) => {
                            Some(text.rsplit('&').next().is_some_and(|pair| pair.contains('=')))
                        }
                        Part::Slot(_) => None,
                    });
                    if key_is_written != Some(true) {
                        return Err((
                            format!("`{{{slot}}}` may be a value of the query, not a name"),
                            format!("write name={{{slot}}}"),
                        ));
                    }
                    url.query.push(Part::Slot(slot));
                }
                Part::Slot(slot) => url.path.push(Part::Slot(slot)),
            }
        }
        Ok(url)
    }

    /// The slots in the path.
    pub(crate) fn path_slots(&self) -> impl Iterator<Item = &str> {
        self.path.iter().filter_map(|part| match part {
            Part::Slot(slot) => Some(slot.as_str()),
            Part::Text(_) => None,
        })
    }

    /// All slots.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &str> {
        self.path.iter().chain(&self.query).filter_map(|part| match part {
            Part::Slot(slot) => Some(slot.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The address with its holes filled.
    pub(crate) fn fill<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Result<String, Refused> {
        let mut url = self.origin.clone();
        let origin = url.len();
        for part in &self.path {
            match part {
                Part::Text(text) => url.push_str(text),
                Part::Slot(slot) => {
                    let value = value(slot).ok_or_else(|| Refused::Hole(slot.clone()))?;
                    // Encoded or not, these make some server behind us see another path.
                    if value.is_empty()
                        || value.contains(['/', '\\', '%'])
                        || value.chars().any(char::is_control)
                    {
                        return Err(Refused::Path(slot.clone()));
                    }
                    encode(value, &mut url);
                }
            }
        }
        if url[origin..].split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(Refused::Path(self.path_slots().next().unwrap_or_default().to_owned()));
        }
        if !self.query.is_empty() {
            url.push('?');
            for part in &self.query {
                match part {
                    Part::Text(text) => url.push_str(text),
                    Part::Slot(slot) => {
                        encode(value(slot).ok_or_else(|| Refused::Hole(slot.clone()))?, &mut url)
                    }
                }
            }
        }
        if url.len() > limits::URL_BYTES {
            return Err(Refused::TooLong);
        }
        Ok(url)
    }
}

fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// A JSON value whose texts are templates.
#[derive(Clone, Debug)]
pub(crate) enum JsonTemplate {
    Text(Template),
    Plain(Value),
    List(Vec<JsonTemplate>),
    Object(Vec<(String, JsonTemplate)>),
}

impl JsonTemplate {
    /// The slots in it.
    pub(crate) fn slots(&self) -> Vec<&str> {
        match self {
            JsonTemplate::Text(template) => template.slots().collect(),
            JsonTemplate::Plain(_) => Vec::new(),
            JsonTemplate::List(items) => items.iter().flat_map(JsonTemplate::slots).collect(),
            JsonTemplate::Object(fields) => fields.iter().flat_map(|(_, value)| value.slots()).collect(),
        }
    }

    /// The value with its holes filled; a text that is nothing but one empty slot is `null`.
    pub(crate) fn fill<'v>(&self, value: &impl Fn(&str) -> Option<&'v str>) -> Result<Value, Refused> {
        Ok(match self {
            JsonTemplate::Text(template) => match template.0.as_slice() {
                [Part::Slot(slot)] => value(slot).map_or(Value::Null, Value::from),
                _ => template.fill(|slot| value(slot).map(str::to_owned)).map_err(Refused::Hole)?.into(),
            },
            JsonTemplate::Plain(plain) => plain.clone(),
            JsonTemplate::List(items) => {
                Value::Array(items.iter().map(|item| item.fill(value)).collect::<Result<_, _>>()?)
            }
            JsonTemplate::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, item)| Ok((key.clone(), item.fill(value)?)))
                    .collect::<Result<_, Refused>>()?,
            ),
        })
    }
}

/// The field of an answer at a path, as the text of a slot; numbers and flags as they are written.
pub(crate) fn field(answer: &Value, path: &[String]) -> Option<String> {
    let mut at = answer;
    for step in path {
        at = match at {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            other => other.get(step)?,
        };
    }
    match at {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn url(text: &str) -> Result<UrlTemplate, String> {
        let variables = BTreeMap::from([("relais".to_owned(), "http://127.0.0.1:8080".to_owned())]);
        let template = Template::parse(text, &variables, ["order", "name"].into_iter()).unwrap();
        UrlTemplate::new(template).map_err(|(message, _)| message)
    }

    #[test]
    fn no_slot_reaches_scheme_host_port_or_names() {
        for (text, message) in [
            ("{order}", "the address must begin with http:// or https://, not with a slot"),
            ("ftp://a/b", "the address must begin with http:// or https://"),
            ("https://{order}/a", "the host must be followed by a path, and no slot may be part of it"),
            ("https://a.b{order}/a", "the host must be followed by a path, and no slot may be part of it"),
            ("{{relais}}{order}", "the host must be followed by a path, and no slot may be part of it"),
            ("https://user@host/a", "the host is not a name or an address"),
            ("https:///a", "the host is not a name or an address"),
            ("https://a/b#{order}", "a `#` and what follows is never sent"),
            ("https://a/b?{order}=1", "`{order}` may be a value of the query, not a name"),
            ("https://a/b?x=1&{order}", "`{order}` may be a value of the query, not a name"),
            ("https://a/é", "`\\u{e9}` may not stand in an address"),
        ] {
            assert_eq!(url(text).unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn what_fills_a_hole_stays_in_it() {
        let template = url("{{relais}}/demo/orders/{order}.json?by={name}&x=1").unwrap();
        let fill = |order: &'static str, name: &'static str| {
            template.fill(|slot| Some(if slot == "order" { order } else { name }))
        };
        assert_eq!(
            fill("A 4521?#", "é&b=c/../").unwrap(),
            "http://127.0.0.1:8080/demo/orders/A%204521%3F%23.json?by=%C3%A9%26b%3Dc%2F..%2F&x=1"
        );
        for bad in ["../admin", "a\\b", "%2e%2e", "", "a\nb"] {
            assert_eq!(fill(bad, "n"), Err(Refused::Path("order".into())), "{bad}");
        }
        let whole = url("https://a/b/{order}/c").unwrap();
        assert_eq!(whole.fill(|_| Some("..")), Err(Refused::Path("order".into())));
        assert_eq!(whole.fill(|_| None), Err(Refused::Hole("order".into())));
        let long = "9".repeat(3_000);
        assert_eq!(whole.fill(|_| Some(&long)), Err(Refused::TooLong));
    }
}
