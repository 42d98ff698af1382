//! Texts with holes: `{{variable}}` is filled when the script is compiled, `{slot}` when it is said.

use crate::limits;
use settings::{Written, spelling};
use std::collections::BTreeMap;

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// As it stands.
    Text(String),
    /// The value of a slot.
    Slot(String),
}

/// A text whose variables are filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template(pub(crate) Vec<Part>);

/// What is wrong with a template: message and suggestion.
pub(crate) type Wrong = (String, String);

impl Template {
    /// Cuts a text into its parts; every hole must be among the variables or the slots.
    pub(crate) fn parse<'a>(
        text: &str,
        variables: &BTreeMap<String, String>,
        slots: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<Template, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mut parts: Vec<Part> = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            plain.push_str(&rest[..open]);
            rest = &rest[open..];
            let (mark, is_variable) = if rest.starts_with("{{") { ("}}", true) } else { ("}", false) };
            let Some(close) = rest.find(mark) else {
                wrong.push((format!("a `{}` is never closed", &rest[..mark.len()]), format!("add `{mark}`")));
                break;
            };
            let name = rest[mark.len()..close].trim();
            rest = &rest[close + mark.len()..];
            if is_variable {
                match variables.get(name) {
                    Some(value) => plain.push_str(value),
                    None => {
                        let near = spelling::did_you_mean(name, variables.keys().map(String::as_str));
                        let or = if near.is_empty() { "declare it in [variables]".to_owned() } else { near };
                        wrong.push((format!("`{{{{{name}}}}}` is not a variable"), or));
                    }
                }
            } else if slots.clone().any(|slot| slot == name) {
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Slot(name.to_owned()));
            } else {
                let near = spelling::did_you_mean(name, slots.clone());
                let or = if near.is_empty() { format!("declare it as [slots.{name}]") } else { near };
                wrong.push((format!("`{{{name}}}` is not a slot"), or));
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        if wrong.is_empty() { Ok(Template(parts)) } else { Err(wrong) }
    }

    /// The slots that it needs.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Slot(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with its holes filled; the name of the first hole that cannot be.
    pub(crate) fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Slot(name) => out.push_str(&value(name).ok_or_else(|| name.clone())?),
            }
        }
        Ok(cut(&out, conversation::limits::TEXT_CHARS))
    }
}

/// Reads a template that was written in a file.
pub(crate) fn read<'a>(
    text: &Written<String>,
    variables: &BTreeMap<String, String>,
    slots: impl Iterator<Item = &'a str> + Clone,
    table: &settings::Table<'_>,
) -> Option<Template> {
    if text.chars().count() > limits::TEXT_CHARS {
        let message = format!("a text has more than {} characters", limits::TEXT_CHARS);
        table.error(text.line, message, "say it in fewer words, or in several nodes");
        return None;
    }
    match Template::parse(text, variables, slots) {
        Ok(template) => Some(template),
        Err(wrongs) => {
            for (message, suggestion) in wrongs {
                table.error(text.line, message, suggestion);
            }
            None
        }
    }
}

/// At most `limit` characters, an ellipsis at the end where some are missing.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(limit.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// What the customer said, on one line, short enough to be quoted.
pub(crate) fn quote(text: &str) -> String {
    cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), limits::QUOTE_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Template, Vec<Wrong>> {
        let variables = BTreeMap::from([("shop".to_owned(), "Chez {Lou}".to_owned())]);
        Template::parse(text, &variables, ["order", "email"].into_iter())
    }

    #[test]
    fn holes_are_filled_and_what_fills_them_is_not_read_again() {
        let template = parse("{{shop}} : commande {order}.").unwrap();
        let said = template.fill(|slot| (slot == "order").then(|| "{email}{{shop}}".to_owned()));
        assert_eq!(said.unwrap(), "Chez {Lou} : commande {email}{{shop}}.");
        assert_eq!(template.fill(|_| None), Err("order".to_owned()));
        assert_eq!(template.slots().collect::<Vec<_>>(), ["order"]);
    }

    #[test]
    fn a_hole_that_nothing_fills_is_a_mistake() {
        assert_eq!(
            parse("{ordre} {{shoop}} {open").unwrap_err(),
            [
                ("`{ordre}` is not a slot".to_owned(), "did you mean \"order\"?".to_owned()),
                ("`{{shoop}}` is not a variable".to_owned(), "did you mean \"shop\"?".to_owned()),
                ("a `{` is never closed".to_owned(), "add `}`".to_owned()),
            ]
        );
    }

    #[test]
    fn quotes_are_short_and_on_one_line() {
        assert_eq!(quote("a\n  b"), "a b");
        assert_eq!(quote(&"é".repeat(500)).chars().count(), limits::QUOTE_CHARS);
    }
}
