//! Labelled conversations, one JSON object a line.

use serde::{Deserialize, Serialize};
use std::io::BufRead;

/// Bytes in one line; a longer one is refused.
pub const LINE_BYTES: usize = 4 * 1024 * 1024;

/// Who wrote a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The customer; these turns are analysed.
    Customer,
    /// The script.
    Bot,
    /// A person of the house.
    Advisor,
}

/// One turn. Fields that are not listed here are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Who.
    pub role: Role,
    /// The words.
    pub text: String,
    /// When, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
    /// Whether the bot had an answer; where it is not told, its words are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub understood: Option<bool>,
    /// The label: frustrated or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frustrated: Option<bool>,
    /// Any annoyance, the mild included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annoyed: Option<bool>,
    /// The rating: 0–3 on our scale, other scales elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<f32>,
    /// How many of a hundred people would call it frustrated, as a reader guesses. Learning alone looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub felt: Option<f32>,
    /// Whether the customer asks for a human in so many words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human_request: Option<bool>,
}

/// One conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id; learning splits by it.
    pub id: String,
    /// Its language, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Earlier contacts about the same matter.
    #[serde(default)]
    pub earlier_contacts: u16,
    /// Its turns in order.
    pub turns: Vec<Turn>,
}

/// A line that is no conversation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct BadLine {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Reads one line.
pub fn parse(line: &str, number: usize) -> Result<Conversation, BadLine> {
    let bad = |message: String| BadLine { line: number, message };
    if line.len() > LINE_BYTES {
        return Err(bad(format!("longer than {LINE_BYTES} bytes")));
    }
    if !line.trim_start().starts_with('{') {
        return Err(bad("a conversation is an object: {\"id\":…,\"turns\":[…]}".into()));
    }
    let read: Result<Conversation, _> = serde_json::from_str(line);
    let read = read.map_err(|error| {
        // serde_json counts lines within the one it is given; the place within it is its column.
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        bad(if error.is_data() || error.is_syntax() || error.is_eof() {
            format!("{text} (column {})", error.column())
        } else {
            text.to_owned()
        })
    })?;
    match read.turns.iter().filter_map(|turn| turn.felt).find(|felt| !(0.0..=100.0).contains(felt)) {
        Some(felt) => Err(bad(format!("\"felt\" is a number from 0 to 100, not {felt}"))),
        None => Ok(read),
    }
}

/// Reads a whole file; empty lines are skipped, the first bad one ends it.
pub fn read(input: &mut dyn BufRead) -> Result<Vec<Conversation>, BadLine> {
    let mut conversations = Vec::new();
    for (index, line) in input.lines().enumerate() {
        let line = line.map_err(|error| BadLine { line: index + 1, message: error.to_string() })?;
        if !line.trim().is_empty() {
            conversations.push(parse(&line, index + 1)?);
        }
    }
    Ok(conversations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_says_where_and_why() {
        let good = r#"{"id":"a","lang":"fr","turns":[{"role":"customer","text":"bonjour","rating":0,"frustrated":false}]}"#;
        let both = format!("{good}\n\n{{\"id\":3}}\n");
        let error = read(&mut both.as_bytes()).unwrap_err();
        assert_eq!(error.line, 3);
        assert!(error.message.contains("expected a string"), "{error}");
        let felt = good.replace("\"rating\":0", "\"felt\":150");
        assert_eq!(parse(&felt, 1).unwrap_err().message, "\"felt\" is a number from 0 to 100, not 150");
        assert_eq!(parse(&felt.replace("150", "15"), 1).unwrap().turns[0].felt, Some(15.0));
        assert_eq!(read(&mut good.as_bytes()).unwrap()[0].turns[0].rating, Some(0.0));
        let error = parse(r#"{"id":"a","turns":[{"role":"martian","text":""}]}"#, 1).unwrap_err();
        assert!(error.message.contains("martian"), "{error}");
    }
}
