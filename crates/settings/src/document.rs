//! A TOML text as a tree in the order of the file, every key and value with its line.

use crate::problem::Problems;
use crate::table::Table;
use toml::de::{DeTable, DeValue};

/// One value.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Text(String),
    Integer(i64),
    Float(f64),
    Flag(bool),
    Date(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

impl Tree {
    /// What it is, as a message names it.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Tree::Text(_) => "a text",
            Tree::Integer(_) => "a whole number",
            Tree::Float(_) => "a number",
            Tree::Flag(_) => "true or false",
            Tree::Date(_) => "a date",
            Tree::List(_) => "a list",
            Tree::Table(_) => "a table",
        }
    }

    /// What to write instead of a number in quotes, or an empty text.
    pub(crate) fn unquoted(&self, key: &str) -> String {
        match self {
            Tree::Text(text) if text.trim().parse::<f64>().is_ok_and(f64::is_finite) => {
                format!("write {key} = {}, without quotes", text.trim())
            }
            _ => String::new(),
        }
    }
}

/// A value and its line.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) line: u32,
    pub(crate) value: Tree,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) line: u32,
    pub(crate) node: Node,
}

/// A file that is TOML.
#[derive(Clone, Debug)]
pub struct Document {
    file: String,
    entries: Vec<Entry>,
}

impl Document {
    /// Reads a text; `file` is only for messages. Every syntax error is one [`crate::Problem`] with its line, and
    /// `None` is returned.
    pub fn parse(file: &str, text: &str, problems: &Problems) -> Option<Document> {
        let lines = Lines::new(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            // Of a table that is written twice, every key that both have would be told too.
            let mut twice: Option<u32> = None;
            for error in errors {
                let line = error.span().map_or(1, |span| lines.at(span.start));
                if error.message() == DUPLICATE {
                    if twice.is_some_and(|head| lines.are_one_table(text, head, line)) {
                        continue;
                    }
                    let written = lines.text(text, line);
                    twice = written.starts_with('[').then_some(line);
                    told_twice(file, text, &lines, line, error.span(), problems);
                    continue;
                }
                // The parser words some errors over several lines; a problem is one sentence.
                let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
                problems.error(file, line, format!("this is not TOML: {message}"), "");
            }
            return None;
        }
        let before = problems.len();
        let entries = entries(table.get_ref(), &lines, file, problems);
        (problems.len() == before).then(|| Document { file: file.to_owned(), entries })
    }

    /// The top of the file.
    pub fn root<'a>(&'a self, problems: &'a Problems) -> Table<'a> {
        Table::new(&self.file, &self.entries, 1, String::new(), problems)
    }

    /// The name that messages give the file.
    pub fn file(&self) -> &str {
        &self.file
    }
}

/// Offsets to lines.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn at(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// A line's text, without the blanks around it.
    fn text<'t>(&self, text: &'t str, line: u32) -> &'t str {
        text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("").trim()
    }

    /// Whether no other table begins between the head of one and a later line.
    fn are_one_table(&self, text: &str, head: u32, line: u32) -> bool {
        line > head && !(head + 1..=line).any(|between| self.text(text, between).starts_with('['))
    }
}

/// How the parser words that a key or a table stands there twice.
const DUPLICATE: &str = "duplicate key";

fn told_twice(
    file: &str,
    text: &str,
    lines: &Lines,
    line: u32,
    span: Option<std::ops::Range<usize>>,
    problems: &Problems,
) {
    let written = lines.text(text, line);
    let (name, what) = match written.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((name, _)) => (format!("[{name}]"), "its keys belong under one heading"),
        None => (
            span.and_then(|span| text.get(span)).unwrap_or("this key").to_owned(),
            "keep one of the two lines",
        ),
    };
    let first =
        (1..line).find(|earlier| name.starts_with('[') && lines.text(text, *earlier).starts_with(&name));
    let first = first.map(|line| format!(", first at line {line}")).unwrap_or_default();
    problems.error(file, line, format!("`{name}` is written twice{first}"), what);
}

fn entries(table: &DeTable<'_>, lines: &Lines, file: &str, problems: &Problems) -> Vec<Entry> {
    let mut found: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let at = key.span().start;
            let entry = Entry {
                key: key.get_ref().to_string(),
                line: lines.at(at),
                node: Node {
                    line: lines.at(value.span().start),
                    value: tree(value.get_ref(), lines, lines.at(at), file, problems),
                },
            };
            (at, entry)
        })
        .collect();
    // The parser orders keys by name; people expect the order that they wrote.
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, entry)| entry).collect()
}

fn tree(value: &DeValue<'_>, lines: &Lines, line: u32, file: &str, problems: &Problems) -> Tree {
    match value {
        DeValue::String(text) => Tree::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Tree::Integer(number),
            Err(_) => {
                problems.error(file, line, format!("{} is too large a number", number.as_str()), "");
                Tree::Integer(0)
            }
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Tree::Float(number),
            Err(_) => {
                problems.error(file, line, format!("{} is not a number", number.as_str()), "");
                Tree::Float(0.0)
            }
        },
        DeValue::Boolean(flag) => Tree::Flag(*flag),
        DeValue::Datetime(date) => Tree::Date(date.to_string()),
        DeValue::Array(items) => Tree::List(
            items
                .iter()
                .map(|item| {
                    let line = lines.at(item.span().start);
                    Node { line, value: tree(item.get_ref(), lines, line, file, problems) }
                })
                .collect(),
        ),
        DeValue::Table(table) => Tree::Table(entries(table, lines, file, problems)),
    }
}
