//! What is wrong with a file, where, and what to write instead.

use serde::Serialize;
use std::cell::RefCell;
use std::fmt;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used; somebody should look at it.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong: a sentence without its full stop.
    pub message: String,
    /// What to do about it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// How bad it is.
    pub severity: Severity,
}

/// `file:line: message (suggestion)`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, " ({suggestion})"),
            None => Ok(()),
        }
    }
}

/// All that is wrong, gathered while a file is read. Shared by every [`crate::Table`] of a document.
#[derive(Clone, Debug, Default)]
pub struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn push(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// One more error; an empty suggestion is none.
    pub fn error(&self, file: &str, line: u32, message: impl Into<String>, suggestion: impl Into<String>) {
        self.add(file, line, message.into(), suggestion.into(), Severity::Error);
    }

    /// One more warning; an empty suggestion is none.
    pub fn warning(&self, file: &str, line: u32, message: impl Into<String>, suggestion: impl Into<String>) {
        self.add(file, line, message.into(), suggestion.into(), Severity::Warning);
    }

    fn add(&self, file: &str, line: u32, message: String, suggestion: String, severity: Severity) {
        let suggestion = Some(suggestion).filter(|text| !text.is_empty());
        self.push(Problem { file: file.to_owned(), line, message, suggestion, severity });
    }

    /// Whether one of them is an error: what was read is not to be used.
    pub fn has_errors(&self) -> bool {
        self.0.borrow().iter().any(|problem| problem.severity == Severity::Error)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// All of them by file and line, each once.
    pub fn into_sorted(self) -> Vec<Problem> {
        let mut all = self.0.into_inner();
        all.sort_by(|a, b| {
            (&a.file, a.line, a.severity, &a.message).cmp(&(&b.file, b.line, b.severity, &b.message))
        });
        all.dedup();
        all
    }
}
