//! Conditions of branches: `status is shipped and order is filled`, `language is not fr`, `action orders failed`.
//!
//! Grammar: clauses joined by `and`. A clause is one of
//! `SLOT is [not] VALUE`, `SLOT is [not] filled`, `SLOT is [not] empty`, `language is [not] LANG`,
//! `action NAME failed`, `action NAME succeeded`, `action NAME answered CODE`, `greeted`, `not greeted`.
//! A value with spaces stands in double quotes.

use conversation::Lang;
use settings::spelling;

/// What must hold: every clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition(pub(crate) Vec<Clause>);

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    /// A slot has (or has not) a value.
    Is { slot: String, value: String, holds: bool },
    /// A slot is filled (or not).
    Filled { slot: String, holds: bool },
    /// The conversation is (or is not) in a language.
    Language { lang: Lang, holds: bool },
    /// How the last call of an action ended.
    Action { action: String, outcome: Outcome },
    /// The bot has (or has not) introduced itself before.
    Greeted { holds: bool },
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Failed,
    Succeeded,
    /// Failed with this word in the error, a status code for instance.
    Answered(String),
}

/// What a condition is judged by.
pub(crate) trait Facts {
    /// The value of a slot.
    fn slot(&self, name: &str) -> Option<&str>;
    /// The language.
    fn lang(&self) -> &Lang;
    /// The last result of an action: `None` if it was not called, the error if it failed.
    fn action(&self, name: &str) -> Option<Result<(), &str>>;
    /// Whether the bot has introduced itself before this answer.
    fn greeted(&self) -> bool;
}

impl Condition {
    /// Reads a condition; the message and the suggestion if it is none.
    pub(crate) fn parse(text: &str) -> Result<Condition, (String, String)> {
        let words = words(text)?;
        if words.is_empty() {
            return Err(("the condition is empty".to_owned(), "for instance: order is filled".to_owned()));
        }
        let clauses: Result<Vec<Clause>, _> = words.split(|word| word == "and").map(clause).collect();
        clauses.map(Condition)
    }

    /// Whether it asks how an action ended.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        self.0.iter().any(|clause| matches!(clause, Clause::Action { action, .. } if action == name))
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, facts: &impl Facts) -> bool {
        self.0.iter().all(|clause| match clause {
            Clause::Is { slot, value, holds } => (facts.slot(slot) == Some(value)) == *holds,
            Clause::Filled { slot, holds } => facts.slot(slot).is_some() == *holds,
            Clause::Language { lang, holds } => (facts.lang() == lang) == *holds,
            Clause::Greeted { holds } => facts.greeted() == *holds,
            Clause::Action { action, outcome } => match (facts.action(action), outcome) {
                (Some(Ok(())), Outcome::Succeeded) | (Some(Err(_)), Outcome::Failed) => true,
                (Some(Err(error)), Outcome::Answered(code)) => {
                    error.split(|c: char| !c.is_alphanumeric()).any(|word| word == code)
                }
                _ => false,
            },
        })
    }
}

fn words(text: &str) -> Result<Vec<String>, (String, String)> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let Some(end) = quoted.find('"') else {
                return Err((
                    format!("a quote is never closed in \"{text}\""),
                    "add a double quote".to_owned(),
                ));
            };
            words.push(quoted[..end].to_owned());
            rest = quoted[end + 1..].trim_start();
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            words.push(rest[..end].to_owned());
            rest = rest[end..].trim_start();
        }
    }
    Ok(words)
}

fn clause(words: &[String]) -> Result<Clause, (String, String)> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["greeted"] => Ok(Clause::Greeted { holds: true }),
        ["not", "greeted"] => Ok(Clause::Greeted { holds: false }),
        ["action", name, "failed"] => {
            Ok(Clause::Action { action: (*name).to_owned(), outcome: Outcome::Failed })
        }
        ["action", name, "succeeded"] => {
            Ok(Clause::Action { action: (*name).to_owned(), outcome: Outcome::Succeeded })
        }
        ["action", name, "answered", code] => {
            Ok(Clause::Action { action: (*name).to_owned(), outcome: Outcome::Answered((*code).to_owned()) })
        }
        ["language", "is", rest @ ..] => {
            let (holds, lang) = negated(rest);
            match lang {
                [lang] => match Lang::new(lang) {
                    Ok(lang) => Ok(Clause::Language { lang, holds }),
                    Err(error) => Err((format!("\"{lang}\": {error}"), String::new())),
                },
                _ => Err(("`language is` needs one language".to_owned(), "language is fr".to_owned())),
            }
        }
        [slot, "is", rest @ ..] if !rest.is_empty() && *rest != ["not"] => {
            let (holds, value) = negated(rest);
            let slot = (*slot).to_owned();
            match value {
                ["filled"] => Ok(Clause::Filled { slot, holds }),
                ["empty"] => Ok(Clause::Filled { slot, holds: !holds }),
                [value] => Ok(Clause::Is { slot, value: (*value).to_owned(), holds }),
                _ => Err((
                    format!("`{slot} is` needs one value"),
                    format!("write {slot} is \"{}\"", value.join(" ")),
                )),
            }
        }
        _ => {
            let text = words.join(" ");
            let near = words.get(1).map_or(String::new(), |word| spelling::did_you_mean(word, ["is"]));
            let forms = "a clause is `SLOT is VALUE`, `SLOT is filled`, `language is LANG`, `action NAME failed` or `greeted`";
            Err((
                format!("\"{text}\" is not a condition"),
                if near.is_empty() { forms.to_owned() } else { near },
            ))
        }
    }
}

fn negated<'a, 'b>(words: &'a [&'b str]) -> (bool, &'a [&'b str]) {
    match words {
        ["not", rest @ ..] => (false, rest),
        _ => (true, words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Now;
    impl Facts for Now {
        fn slot(&self, name: &str) -> Option<&str> {
            match name {
                "status" => Some("in transit"),
                "order" => Some("4521"),
                _ => None,
            }
        }
        fn lang(&self) -> &Lang {
            static LANG: std::sync::LazyLock<Lang> = std::sync::LazyLock::new(|| Lang::new("fr").unwrap());
            &LANG
        }
        fn action(&self, name: &str) -> Option<Result<(), &str>> {
            match name {
                "orders" => Some(Err("status 404")),
                "stock" => Some(Ok(())),
                _ => None,
            }
        }
        fn greeted(&self) -> bool {
            true
        }
    }

    #[test]
    fn conditions_hold_or_not() {
        for (text, holds) in [
            ("status is \"in transit\" and order is filled", true),
            ("status is not \"in transit\"", false),
            ("status is shipped", false),
            ("email is empty", true),
            ("email is not empty", false),
            ("email is not x", true),
            ("language is fr", true),
            ("language is not fr", false),
            ("action orders failed", true),
            ("action orders answered 404", true),
            ("action orders answered 40", false),
            ("action orders succeeded", false),
            ("action stock succeeded and greeted", true),
            ("action never failed", false),
            ("not greeted", false),
        ] {
            assert_eq!(Condition::parse(text).unwrap().holds(&Now), holds, "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_says_why() {
        for (text, message) in [
            ("", "the condition is empty"),
            ("order", "\"order\" is not a condition"),
            ("order si filled", "\"order si filled\" is not a condition"),
            ("status is in transit", "`status is` needs one value"),
            ("status is \"in transit", "a quote is never closed in \"status is \"in transit\""),
            ("order is filled and", "\"\" is not a condition"),
            ("language is FR", "\"FR\": a language has a character that is not allowed in it"),
            ("order is not", "\"order is not\" is not a condition"),
        ] {
            assert_eq!(Condition::parse(text).unwrap_err().0, message);
        }
        assert_eq!(Condition::parse("order si filled").unwrap_err().1, "did you mean \"is\"?");
    }
}
