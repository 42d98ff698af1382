//! Lexicons: the words that an operator can read and extend, one TOML file a language.
//!
//! ```toml
//! lang = "fr"                       # "any" for what every language shares (emoji)
//! common = "le la les je vous ..."  # small words by which the language is recognised
//! names = "wifi iban sfr"           # written in capitals without shouting
//! numbers = "deux trois"            # what `#` stands for beside digits
//! negations = "pas jamais"          # take the force from what follows
//! intensifiers = "tres vraiment"
//! softeners = "peu legerement"
//! reports = ["il dit que"]          # what follows is somebody else's voice
//! about_others = ["le voisin"]      # annoyance in that sentence is not with us
//! bot_failures = ["pas compris"]    # a reply of the bot that is no answer
//! apologies = ["desole"]            # a reply that apologises
//! [sets]
//! person = "humain conseiller"      # `@person` in a pattern is one of these
//! people = "collegue type"          # those who could take over: wishes for a human are learned around them
//! offers = "appel agence"           # ways to reach them: a bot offers people with these, too, and wishes are
//!                                   # learned around them as well
//! either = "ou sinon"               # what stands between the things that a bot lets choose
//! yes = "oui volontiers"            # what says yes by itself
//! no = "non pas"                    # what says no
//! given = "julien ines"             # names that people go by, in small letters, too
//! [spelling]
//! jai = "j ai"
//! [[entry]]
//! kind = "annoyance"
//! strength = 1.5
//! say = ["inadmissible|inacceptable"]
//! example = "C'est inadmissible."
//! ```
//!
//! An entry of kind `not_human_request` (or `not_annoyance`) cancels what it overlaps: a near miss.

use crate::hash;
use crate::pattern::{Assent, Pattern, Table};
use crate::pattern_set::PatternSet;
use crate::signal::SignalKind;
use crate::stem::Stemmer;
use crate::text;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// Patterns that all lexicons together may hold.
pub const MAX_PATTERNS: usize = 20_000;
/// The strongest an entry may be.
pub const MAX_STRENGTH: f32 = 4.0;

/// Something wrong with a lexicon or a model, with its place and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}{}", if *.line > 0 { format!(":{}", .line) } else { String::new() },
    .suggestion.as_ref().map(|s| format!(" ({s})")).unwrap_or_default())]
pub struct Problem {
    /// The file's name as it was given.
    pub file: String,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub suggestion: Option<String>,
}

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is heard.
    Says(SignalKind),
    /// It cancels a wish for a human that it overlaps.
    NotHumanRequest,
    /// It cancels annoyance of any kind that it overlaps.
    NotAnnoyance,
    /// What follows, up to the end of the sentence, is told in somebody else's voice.
    Reports,
    /// The sentence is about somebody else.
    AboutOthers,
    /// In a reply of the bot: it had no answer.
    BotFails,
    /// In a reply: it apologises.
    Apologises,
}

/// An entry as the matcher reports it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The pattern as it was written.
    pub written: String,
    /// What it does.
    pub effect: Effect,
    /// How strongly, at most [`MAX_STRENGTH`].
    pub strength: f32,
}

/// What a word does to the strength of what it touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Takes its force.
    Negation,
    /// Makes it stronger.
    Intensifier,
    /// Makes it weaker.
    Softener,
}

/// One language, compiled.
#[derive(Debug)]
pub struct Lexicon {
    /// Its code (`fr`), `any` for what every language shares.
    pub lang: String,
    /// Tells its words from another language's in tables that hold both.
    pub salt: u64,
    /// Small words by which it is recognised.
    pub common: Table<()>,
    /// Words in capitals that shout nothing.
    pub names: Table<()>,
    /// Words that count as numbers.
    pub numbers: Table<()>,
    /// Words for people who could take over: the set `people`.
    pub people: Table<()>,
    /// Ways to reach people, with which a bot offers them without naming them: the set `offers`.
    pub offers: Table<()>,
    /// Names that people go by, however they are written: the set `given`.
    pub given: Table<()>,
    /// Words that stand between what may be chosen: the set `either`.
    pub either: Table<()>,
    /// Words that say yes or no by themselves: the sets `yes` and `no`.
    yes: Table<()>,
    no: Table<()>,
    /// Words that change their neighbours.
    pub touches: Table<Touch>,
    /// Spellings put right: the hashes and stems of the words that one stands for.
    pub spelling: Table<Vec<(String, u64)>>,
    /// The entries' patterns; a match's id is an index into `entries`.
    pub patterns: PatternSet,
    /// The patterns that are looked for in replies.
    pub replies: PatternSet,
    /// The entries.
    pub entries: Vec<Entry>,
    /// Its stemmer.
    pub stemmer: Stemmer,
    /// Named sets of words, as alternatives.
    sets: BTreeMap<String, String>,
    /// The examples, each with the kind that it shows: lexicons are tested by them.
    pub examples: Vec<(Effect, String, usize)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    lang: Spanned<String>,
    #[serde(default)]
    common: String,
    #[serde(default)]
    names: String,
    #[serde(default)]
    numbers: String,
    #[serde(default)]
    negations: String,
    #[serde(default)]
    intensifiers: String,
    #[serde(default)]
    softeners: String,
    #[serde(default)]
    reports: Vec<Spanned<String>>,
    #[serde(default)]
    about_others: Vec<Spanned<String>>,
    #[serde(default)]
    bot_failures: Vec<Spanned<String>>,
    #[serde(default)]
    apologies: Vec<Spanned<String>>,
    #[serde(default)]
    spelling: BTreeMap<String, String>,
    #[serde(default)]
    sets: BTreeMap<String, String>,
    #[serde(default)]
    entry: Vec<WrittenEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    kind: Spanned<String>,
    strength: Spanned<f32>,
    say: Vec<Spanned<String>>,
    example: Spanned<String>,
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.as_bytes().iter().take(span.start).filter(|b| **b == b'\n').count() + 1
}

/// The known name nearest to a mistyped one, if one is near.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known.map(|k| (distance(name, k), k)).min().filter(|(d, _)| *d <= 3).map(|(_, k)| k)
}

/// Levenshtein distance (1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = (diagonal + usize::from(ca != *cb)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

/// The hashes of a list's words, one by one: a message is read to its limit only, a list to its end.
fn hashes(list: &str) -> impl Iterator<Item = u64> {
    list.split_whitespace().flat_map(|word| text::read(word).tokens).map(|token| token.hash)
}

impl Lexicon {
    /// Hash of the stem of a folded word.
    pub fn stem(&self, form: &str) -> u64 {
        hash::bytes(self.stemmer.stem(form).as_bytes())
    }

    /// Reads and compiles a lexicon; all that is wrong with it at once.
    pub fn parse(file: &str, source: &str) -> Result<Lexicon, Vec<Problem>> {
        let problem = |line: usize, message: String, suggestion: Option<String>| Problem {
            file: file.to_owned(),
            line,
            message,
            suggestion,
        };
        let written: Written = match toml::from_str(source) {
            Ok(written) => written,
            Err(error) => {
                let line = error.span().map_or(0, |span| line_of(source, &span));
                return Err(vec![problem(line, error.message().to_owned(), None)]);
            }
        };
        let mut problems = Vec::new();
        let lang = written.lang.get_ref().clone();
        let lang_line = line_of(source, &written.lang.span());
        if lang != "any" && !(lang.len() == 2 && lang.bytes().all(|b| b.is_ascii_lowercase())) {
            problems.push(problem(
                lang_line,
                format!("`lang` is `{lang}`"),
                Some("two small letters such as \"fr\", or \"any\"".into()),
            ));
        }
        let stemmer = Stemmer::of(&lang);
        if lang != "any" && !stemmer.knows_language() {
            problems.push(problem(
                lang_line,
                format!("there is no Snowball stemmer for `{lang}`"),
                Some(format!("one of {}", Stemmer::LANGUAGES.join(", "))),
            ));
        }
        let words = |list: &str| -> Table<()> { hashes(list).map(|hash| (hash, ())).collect() };
        let set = |name: &str| written.sets.get(name).map_or("", String::as_str);
        let mut lexicon = Lexicon {
            // Turned, so that `en` in French is not `fr` in English.
            salt: hash::bytes(lang.as_bytes()).rotate_left(17),
            lang,
            common: words(&written.common),
            names: words(&written.names),
            numbers: words(&written.numbers),
            people: words(set("people")),
            offers: words(set("offers")),
            given: words(set("given")),
            either: words(set("either")),
            yes: words(set("yes")),
            no: words(set("no")),
            touches: Table::default(),
            spelling: Table::default(),
            patterns: PatternSet::default(),
            replies: PatternSet::default(),
            entries: Vec::new(),
            stemmer,
            sets: BTreeMap::new(),
            examples: Vec::new(),
        };
        for (name, members) in &written.sets {
            let members: Vec<&str> = members.split_whitespace().collect();
            lexicon.sets.insert(name.clone(), members.join("|"));
        }
        for (list, touch) in [
            (&written.negations, Touch::Negation),
            (&written.intensifiers, Touch::Intensifier),
            (&written.softeners, Touch::Softener),
        ] {
            lexicon.touches.extend(hashes(list).map(|hash| (hash, touch)));
        }
        for (from, to) in &written.spelling {
            let key = text::read(from);
            if key.tokens.len() != 1 {
                problems.push(problem(
                    0,
                    format!("spelling `{from}` is {} words", key.tokens.len()),
                    Some("put one word on the left; whole phrases belong into an entry".into()),
                ));
                continue;
            }
            let value = text::read(to);
            let words = value.tokens.iter().map(|t| (value.form(t).to_owned(), t.hash)).collect();
            lexicon.spelling.insert(key.tokens[0].hash, words);
        }
        for (patterns, effect) in [
            (&written.reports, Effect::Reports),
            (&written.about_others, Effect::AboutOthers),
            (&written.bot_failures, Effect::BotFails),
            (&written.apologies, Effect::Apologises),
        ] {
            for written in patterns {
                if let Err(message) = lexicon.add(written.get_ref(), effect, 1.0) {
                    problems.push(problem(line_of(source, &written.span()), message, None));
                }
            }
        }
        for entry in &written.entry {
            let line = line_of(source, &entry.kind.span());
            let name = entry.kind.get_ref().as_str();
            let effect = match (name, SignalKind::parse(name)) {
                ("not_human_request", _) => Effect::NotHumanRequest,
                ("not_annoyance", _) => Effect::NotAnnoyance,
                (_, Some(SignalKind::Wording | SignalKind::Capitals | SignalKind::Lengthening))
                | (_, Some(SignalKind::Punctuation)) => {
                    problems.push(problem(line, format!("`{name}` is heard without words"), None));
                    continue;
                }
                (_, Some(kind)) => Effect::Says(kind),
                (_, None) => {
                    let known = SignalKind::ALL.iter().map(|kind| kind.as_str());
                    let near = nearest(name, known.chain(["not_human_request", "not_annoyance"]));
                    problems.push(problem(
                        line,
                        format!("there is no signal of the kind `{name}`"),
                        near.map(|near| format!("did you mean `{near}`?")),
                    ));
                    continue;
                }
            };
            let strength = *entry.strength.get_ref();
            if !(strength > 0.0 && strength <= MAX_STRENGTH) {
                problems.push(problem(
                    line_of(source, &entry.strength.span()),
                    format!("strength {strength} is outside 0–{MAX_STRENGTH}"),
                    Some("what calms is a kind (`thanks`, `calm`), not a negative number".into()),
                ));
                continue;
            }
            for say in &entry.say {
                if let Err(message) = lexicon.add(say.get_ref(), effect, strength) {
                    problems.push(problem(line_of(source, &say.span()), message, None));
                }
            }
            if entry.say.is_empty() {
                problems.push(problem(line, "`say` is empty".into(), None));
            }
            let example_line = line_of(source, &entry.example.span());
            lexicon.examples.push((effect, entry.example.get_ref().clone(), example_line));
        }
        if lexicon.patterns.len() > MAX_PATTERNS {
            problems.push(problem(0, format!("more than {MAX_PATTERNS} patterns"), None));
        }
        if problems.is_empty() { Ok(lexicon) } else { Err(problems) }
    }

    fn add(&mut self, written: &str, effect: Effect, strength: f32) -> Result<(), String> {
        let id = self.entries.len() as u32;
        self.entries.push(Entry { written: written.to_owned(), effect, strength });
        let replies = matches!(effect, Effect::BotFails | Effect::Apologises);
        let written = self.expand(written)?;
        // Words in brackets at the front make several patterns, since a pattern is looked up by its first word.
        let (edge, mut body) = match written.strip_prefix("^ ") {
            Some(body) => ("^ ", body),
            None => ("", written.as_str()),
        };
        let mut variants = vec![];
        while let Some((inner, rest)) = body.strip_prefix('(').and_then(|body| body.split_once(") ")) {
            variants.push(format!("{edge}{inner} {rest}"));
            body = rest;
        }
        variants.push(format!("{edge}{body}"));
        for variant in &variants {
            let pattern = Pattern::parse(variant, &|form| hash::bytes(self.stemmer.stem(form).as_bytes()))?;
            if replies { &mut self.replies } else { &mut self.patterns }.add(pattern, id);
        }
        Ok(())
    }

    /// Whether a word is written like a name: one capital, no apostrophe (`I've`), neither small nor a known name of
    /// something else.
    pub fn is_name(&self, token: &text::Token) -> bool {
        token.kind == text::TokenKind::Word
            && token.capitals == 1
            && token.letters > 2
            && token.end - token.start == u32::from(token.letters)
            && !self.common.contains_key(&token.hash)
            && !self.names.contains_key(&token.hash)
    }

    /// Whether a word says yes or no.
    pub fn assent(&self, hash: u64) -> Assent {
        match (self.yes.contains_key(&hash), self.no.contains_key(&hash)) {
            (true, _) => Assent::Yes,
            (_, true) => Assent::No,
            _ => Assent::None,
        }
    }

    /// Puts the words of named sets (`@person`) in their place.
    fn expand(&self, written: &str) -> Result<String, String> {
        let mut pieces = written.split('@');
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(piece.len());
            let (name, rest) = piece.split_at(end);
            let members = self.sets.get(name).ok_or_else(|| {
                let near = nearest(name, self.sets.keys().map(String::as_str));
                let hint = near.map(|near| format!("; did you mean `@{near}`?")).unwrap_or_default();
                format!("there is no set `@{name}`{hint}")
            })?;
            out.push_str(members);
            out.push_str(rest);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(source: &str) -> Vec<String> {
        Lexicon::parse("x.toml", source).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_set_of_any_length_is_read_to_its_end() {
        let names: Vec<String> = (0..3_000).map(|n| format!("name{n}")).collect();
        assert!(names.join(" ").len() > 2 * text::LISTENED_CHARS);
        let source = format!("lang = \"fr\"\nsets.people = \"{}\"", names.join(" "));
        let lexicon = Lexicon::parse("fr.toml", &source).unwrap();
        assert_eq!(lexicon.people.len(), names.len());
    }

    #[test]
    fn all_mistakes_are_told_at_once_with_their_lines() {
        let source = "lang = \"french\"\n\n[[entry]]\nkind = \"anoyance\"\nstrength = 1\nsay = [\"a\"]\nexample = \"a\"\n\n[[entry]]\nkind = \"insult\"\nstrength = 9.0\nsay = [\"a\"]\nexample = \"a\"\n\n[[entry]]\nkind = \"insult\"\nstrength = 1.0\nsay = [\n  \"a|\",\n  \"_ b\",\n  \"ab*\",\n  \"@nobody\",\n]\nexample = \"a\"\n";
        let told = problems(source);
        assert!(told[0].starts_with("x.toml:1: `lang` is `french`"), "{told:#?}");
        assert!(told.contains(
            &"x.toml:4: there is no signal of the kind `anoyance` (did you mean `annoyance`?)".to_owned()
        ));
        assert!(told.iter().any(|p| p.starts_with("x.toml:11: strength 9 is outside 0–4")), "{told:#?}");
        for line in [19, 20, 21, 22] {
            assert!(told.iter().any(|p| p.starts_with(&format!("x.toml:{line}: "))), "{line} {told:#?}");
        }
    }

    #[test]
    fn broken_toml_has_its_line() {
        assert!(problems("lang = \"fr\"\ncommon = \n")[0].starts_with("x.toml:2: "));
    }

    #[test]
    fn every_example_of_the_shipped_lexicons_shows_its_entry() {
        let analyzer = crate::Analyzer::without_model(&[]).unwrap();
        for (file, source) in crate::embedded::LEXICONS {
            let lexicon = Lexicon::parse(file, source).unwrap_or_else(|problems| panic!("{problems:#?}"));
            for (effect, example, line) in &lexicon.examples {
                let lang = if lexicon.lang == "any" { "en" } else { &lexicon.lang };
                let effects = analyzer.entries(example, Some(lang));
                assert!(
                    effects.iter().any(|(shown, _)| shown == effect),
                    "{file}:{line}: `{example}` shows {effects:?}, not {effect:?}"
                );
            }
        }
    }
}
