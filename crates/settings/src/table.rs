//! Typed getters over a table that report what is wrong instead of failing.

use crate::document::{Entry, Node, Tree};
use crate::problem::Problems;
use crate::{duration, spelling};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::{Deref, RangeInclusive};
use std::str::FromStr;

/// A value and the line it was written on, for later checks across values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written<T> {
    /// The value.
    pub value: T,
    /// Its line, from 1.
    pub line: u32,
}

impl<T> Written<T> {
    /// Another value from the same line.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Written<U> {
        Written { value: change(self.value), line: self.line }
    }
}

impl<T> Deref for Written<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A table of a document. Every getter marks its key as known; [`Table::finish`] reports the others.
#[derive(Debug)]
pub struct Table<'a> {
    file: &'a str,
    pub(crate) entries: &'a [Entry],
    line: u32,
    path: String,
    known: RefCell<BTreeSet<String>>,
    problems: &'a Problems,
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        file: &'a str,
        entries: &'a [Entry],
        line: u32,
        path: String,
        problems: &'a Problems,
    ) -> Self {
        Self { file, entries, line, path, known: RefCell::default(), problems }
    }

    /// The line it begins on.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Where it stands in the document, as `a.b.c`; empty for the top.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The file, as messages name it.
    pub fn file(&self) -> &'a str {
        self.file
    }

    /// Where problems go.
    pub fn problems(&self) -> &'a Problems {
        self.problems
    }

    /// Its keys in the order of the file, known or not.
    pub fn keys(&self) -> impl Iterator<Item = Written<&'a str>> + use<'a> {
        let entries = self.entries;
        entries.iter().map(|entry| Written { value: entry.key.as_str(), line: entry.line })
    }

    /// Whether the key was written.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Whether the key holds a text; nothing is reported.
    pub fn is_text(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key && matches!(entry.node.value, Tree::Text(_)))
    }

    /// Whether the key holds a list; nothing is reported.
    pub fn is_list(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key && matches!(entry.node.value, Tree::List(_)))
    }

    /// The line of a key, or the table's where it was not written.
    pub fn line_of(&self, key: &str) -> u32 {
        self.entries.iter().find(|entry| entry.key == key).map_or(self.line, |entry| entry.line)
    }

    /// Reports an error; an empty suggestion is none.
    pub fn error(&self, line: u32, message: impl Into<String>, suggestion: impl Into<String>) {
        self.problems.error(self.file, line, message, suggestion);
    }

    /// Reports a warning; an empty suggestion is none.
    pub fn warning(&self, line: u32, message: impl Into<String>, suggestion: impl Into<String>) {
        self.problems.warning(self.file, line, message, suggestion);
    }

    /// The key's full name, as messages give it.
    pub fn name_of(&self, key: &str) -> String {
        if self.path.is_empty() { format!("`{key}`") } else { format!("`{}.{key}`", self.path) }
    }

    /// Reports each of these keys that was not written.
    pub fn require(&self, keys: &[&str]) {
        for key in keys {
            self.known.borrow_mut().insert((*key).to_owned());
            if !self.has(key) {
                self.error(self.line, format!("{} is missing", self.name_of(key)), "");
            }
        }
    }

    fn node(&self, key: &str) -> Option<&'a Entry> {
        self.known.borrow_mut().insert(key.to_owned());
        let entries = self.entries;
        entries.iter().find(|entry| entry.key == key)
    }

    fn wrong(&self, key: &str, node: &Node, wanted: &str, suggestion: impl Into<String>) {
        self.error(
            node.line,
            format!("{} must be {wanted}, not {}", self.name_of(key), node.value.what()),
            suggestion,
        );
    }

    /// A text that may be missing.
    pub fn text(&self, key: &str) -> Option<Written<String>> {
        let entry = self.node(key)?;
        match &entry.node.value {
            Tree::Text(text) => Some(Written { value: text.clone(), line: entry.node.line }),
            Tree::Integer(number) => {
                self.wrong(key, &entry.node, "a text", format!("write \"{number}\""));
                None
            }
            Tree::Float(_) | Tree::Flag(_) | Tree::Date(_) | Tree::List(_) | Tree::Table(_) => {
                self.wrong(key, &entry.node, "a text", "");
                None
            }
        }
    }

    /// A text that must be there and not be empty.
    pub fn required_text(&self, key: &str) -> Option<Written<String>> {
        self.require(&[key]);
        let text = self.text(key)?;
        if text.trim().is_empty() {
            self.error(text.line, format!("{} is empty", self.name_of(key)), "");
            return None;
        }
        Some(text)
    }

    /// A whole number in a range.
    pub fn integer(&self, key: &str, range: RangeInclusive<i64>) -> Option<Written<i64>> {
        let entry = self.node(key)?;
        let Tree::Integer(number) = &entry.node.value else {
            self.wrong(key, &entry.node, "a whole number", entry.node.value.unquoted(key));
            return None;
        };
        self.within(key, *number, range, entry.node.line)
    }

    /// A number in a range.
    pub fn float(&self, key: &str, range: RangeInclusive<f64>) -> Option<Written<f64>> {
        let entry = self.node(key)?;
        let number = match &entry.node.value {
            Tree::Float(number) => *number,
            // TOML tells 1 from 1.0; a person does not.
            #[expect(
                clippy::cast_precision_loss,
                reason = "beyond 2^53 no range of a setting tells the difference"
            )]
            Tree::Integer(number) => *number as f64,
            Tree::Text(_) | Tree::Flag(_) | Tree::Date(_) | Tree::List(_) | Tree::Table(_) => {
                self.wrong(key, &entry.node, "a number", entry.node.value.unquoted(key));
                return None;
            }
        };
        self.within(key, number, range, entry.node.line)
    }

    fn within<T: PartialOrd + Display>(
        &self,
        key: &str,
        value: T,
        range: RangeInclusive<T>,
        line: u32,
    ) -> Option<Written<T>> {
        if range.contains(&value) {
            return Some(Written { value, line });
        }
        let (low, high) = (range.start(), range.end());
        self.error(
            line,
            format!("{} is {value}, but must be between {low} and {high}", self.name_of(key)),
            "",
        );
        None
    }

    /// `true` or `false`.
    pub fn flag(&self, key: &str) -> Option<Written<bool>> {
        let entry = self.node(key)?;
        match &entry.node.value {
            Tree::Flag(flag) => Some(Written { value: *flag, line: entry.node.line }),
            Tree::Text(_)
            | Tree::Integer(_)
            | Tree::Float(_)
            | Tree::Date(_)
            | Tree::List(_)
            | Tree::Table(_) => {
                self.wrong(key, &entry.node, "true or false", "without quotes");
                None
            }
        }
    }

    /// Milliseconds, written as `"20s"`, `"5m"`, `"250ms"` …; the range is in milliseconds too.
    pub fn duration(&self, key: &str, range: RangeInclusive<u64>) -> Option<Written<u64>> {
        let entry = self.node(key)?;
        let line = entry.node.line;
        let Tree::Text(text) = &entry.node.value else {
            let suggestion = match &entry.node.value {
                Tree::Integer(number) => format!("write \"{number}s\" or \"{number}ms\""),
                _ => String::new(),
            };
            self.wrong(key, &entry.node, "a duration such as \"20s\"", suggestion);
            return None;
        };
        let Some(ms) = duration::parse(text) else {
            let message = format!("{} is not a duration: \"{text}\"", self.name_of(key));
            self.error(
                line,
                message,
                "write a number and a unit: \"250ms\", \"20s\", \"5m\", \"2h\" or \"7d\"",
            );
            return None;
        };
        if !range.contains(&ms) {
            let (low, high) = (duration::write(*range.start()), duration::write(*range.end()));
            self.error(
                line,
                format!("{} is {text}, but must be between {low} and {high}", self.name_of(key)),
                "",
            );
            return None;
        }
        Some(Written { value: ms, line })
    }

    /// A list of texts; empty where it was not written. What is not a text is reported and left out.
    pub fn texts(&self, key: &str) -> Vec<Written<String>> {
        let Some(entry) = self.node(key) else { return Vec::new() };
        let Tree::List(items) = &entry.node.value else {
            let suggestion = match &entry.node.value {
                Tree::Text(text) if text.len() <= 40 => format!("write [\"{text}\"]"),
                _ => String::new(),
            };
            self.wrong(key, &entry.node, "a list of texts", suggestion);
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match &item.value {
                Tree::Text(text) => texts.push(Written { value: text.clone(), line: item.line }),
                other => self.error(
                    item.line,
                    format!("{} must hold texts only, not {}", self.name_of(key), other.what()),
                    "",
                ),
            }
        }
        texts
    }

    fn below(&self, entry: &'a Entry, entries: &'a [Entry]) -> Table<'a> {
        let path =
            if self.path.is_empty() { entry.key.clone() } else { format!("{}.{}", self.path, entry.key) };
        Table::new(self.file, entries, entry.line, path, self.problems)
    }

    /// A table inside this one.
    pub fn table(&self, key: &str) -> Option<Table<'a>> {
        let entry = self.node(key)?;
        if let Tree::Table(entries) = &entry.node.value {
            return Some(self.below(entry, entries));
        }
        self.wrong(key, &entry.node, "a table", "");
        None
    }

    /// A list of tables, `[[key]]` or `key = [{ … }]`; empty where it was not written.
    pub fn tables(&self, key: &str) -> Vec<Table<'a>> {
        self.items(key)
            .into_iter()
            .filter_map(|item| match item {
                Item::Table(table) => Some(table),
                Item::Text(text) => {
                    self.error(
                        text.line,
                        format!("{} must hold tables only, not a text", self.name_of(key)),
                        "",
                    );
                    None
                }
            })
            .collect()
    }

    /// A list whose items are texts or tables, where a text is a short form of a table.
    pub fn items(&self, key: &str) -> Vec<Item<'a>> {
        let Some(entry) = self.node(key) else { return Vec::new() };
        let Tree::List(items) = &entry.node.value else {
            self.wrong(key, &entry.node, "a list", "");
            return Vec::new();
        };
        let mut found = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match &item.value {
                Tree::Table(entries) => {
                    let name = format!("{key}[{index}]");
                    let path = if self.path.is_empty() { name } else { format!("{}.{name}", self.path) };
                    found.push(Item::Table(Table::new(self.file, entries, item.line, path, self.problems)));
                }
                Tree::Text(text) => found.push(Item::Text(Written { value: text.clone(), line: item.line })),
                other => self.error(
                    item.line,
                    format!("{} must hold tables or texts, not {}", self.name_of(key), other.what()),
                    "",
                ),
            }
        }
        found
    }

    /// Every table in the table `key`, with its name: `[key.name]`. What is not a table is reported and left out.
    pub fn named_tables(&self, key: &str) -> Vec<(Written<String>, Table<'a>)> {
        let Some(outer) = self.table(key) else { return Vec::new() };
        outer.into_named_tables()
    }

    /// Every table in this one, with its name.
    pub fn into_named_tables(self) -> Vec<(Written<String>, Table<'a>)> {
        let entries = self.entries;
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(table) = self.table(&entry.key) {
                found.push((Written { value: entry.key.clone(), line: entry.line }, table));
            }
        }
        found
    }

    /// Every text in this table with its key, for tables whose keys are free (headers, variables).
    pub fn into_named_texts(self) -> Vec<(Written<String>, Written<String>)> {
        let entries = self.entries;
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(text) = self.text(&entry.key) {
                found.push((Written { value: entry.key.clone(), line: entry.line }, text));
            }
        }
        found
    }

    /// A text that is the name of something (a queue, a skill, a language …).
    pub fn parsed<T>(&self, key: &str) -> Option<Written<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(key)?;
        match text.value.parse() {
            Ok(value) => Some(Written { value, line: text.line }),
            Err(error) => {
                self.error(text.line, format!("{} is \"{}\": {error}", self.name_of(key), text.value), "");
                None
            }
        }
    }

    /// One of a closed set of words.
    pub fn word<T: Clone>(&self, key: &str, words: &[(&str, T)]) -> Option<Written<T>> {
        let text = self.text(key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(Written { value: value.clone(), line: text.line });
        }
        let all: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let message =
            format!("{} is \"{}\", but must be one of {}", self.name_of(key), text.value, all.join(", "));
        self.error(
            text.line,
            message,
            spelling::did_you_mean(&text.value, words.iter().map(|(word, _)| *word)),
        );
        None
    }

    /// The value as JSON, whatever it is; a date becomes a text.
    pub fn json(&self, key: &str) -> Option<Written<serde_json::Value>> {
        let entry = self.node(key)?;
        Some(Written { value: json(&entry.node.value), line: entry.node.line })
    }

    /// Marks a key as known without reading it.
    pub fn know(&self, key: &str) {
        self.known.borrow_mut().insert(key.to_owned());
    }

    /// Reports every key that nobody asked for. Call it last; a table that it is not called on accepts any key.
    pub fn finish(&self) {
        let known = self.known.borrow();
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key)) {
            let open = known.iter().map(String::as_str).filter(|key| !self.has(key));
            let suggestion = match spelling::nearest(&entry.key, open) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None if known.is_empty() => String::new(),
                None => format!("known here: {}", known.iter().cloned().collect::<Vec<_>>().join(", ")),
            };
            self.error(entry.line, format!("{} is not a setting", self.name_of(&entry.key)), suggestion);
        }
    }
}

/// An item of a list that holds texts or tables.
#[derive(Debug)]
pub enum Item<'a> {
    /// A text.
    Text(Written<String>),
    /// A table.
    Table(Table<'a>),
}

fn json(tree: &Tree) -> serde_json::Value {
    match tree {
        Tree::Text(text) | Tree::Date(text) => text.clone().into(),
        Tree::Integer(number) => (*number).into(),
        Tree::Float(number) => (*number).into(),
        Tree::Flag(flag) => (*flag).into(),
        Tree::List(items) => items.iter().map(|item| json(&item.value)).collect(),
        Tree::Table(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), json(&entry.node.value))).collect()
        }
    }
}
