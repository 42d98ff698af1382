//! How a script is written. `config/bots/*.toml` are complete examples; in short:
//!
//! ```toml
//! [bot]          # languages, name, queue, human (node), failures, menu (intents)
//! [variables]    # {{name}} in texts and addresses; the configuration may give other values
//! [texts]        # what the bot says by itself: introduction, greeting, not_understood, maybe, which …
//! [synonyms.fr]  # word = ["words that mean the same"]
//! [slots.x]      # check, label, ask, wrong, cues, pattern, when, values, without, leads_to
//! [intents.x]    # label, to, small_talk, sensitive, asks_for_human, without, examples.fr, patterns.fr, needs.fr, unless.fr
//! [actions.x]    # method, url, headers, body, timeout, save, failed
//! [nodes.x]      # set, forget, takes, needs, call, when, say, choices, to, hand_over, close, introduces, entry
//! ```
//!
//! A choice is an intent's name, or `{ label, to, intent, set, words }`: `words` are what people say instead of the
//! label. What is said so is also the value of a text slot that the choice leads to.
//!
//! An intent that answers wrongly would hurt (a bereavement, a legal threat) has `needs`: phrases of which one must
//! stand in a message for the intent to be heard in it, by example, by pattern or by likeness. `(père|mère) … mort`
//! is one of the words in brackets, up to four words, and another word, in any form. Every example must have one.
//! `unless` are sentences or phrases that look like the intent and are not it: it learns from them, is never
//! heard in them, and their words are no evidence (« morte de rire »).
//!
//! A text for people is a table by language (`say.fr = "…"`), each a text or a list of variants; one text for
//! all languages may stand alone (`name = "Lou"`).

mod actions;
mod bot;
mod intents;
mod nodes;
mod slots;

use crate::limits;
use crate::matcher::{Matcher, Material};
use crate::phrases;
use crate::script::{Intent, Said, Script, Variables};
use crate::template::{self, Template};
use crate::typography;
use crate::words::Words;
use conversation::Lang;
use settings::{Document, Problems, Table, Written, spelling};
use std::collections::BTreeMap;

/// Holes that are no slots: the customer's last words, the bot's name.
const HOLES: [&str; 2] = ["quote", "bot"];

/// What every part of the reader needs to know.
struct Reader<'a> {
    languages: Vec<Lang>,
    variables: BTreeMap<String, String>,
    slots: Vec<String>,
    root: &'a Table<'a>,
}

/// Reads a script. It is there if its outline could be read; whether it may be used, the problems say.
pub(crate) fn read(file: &str, text: &str, given: &Variables, problems: &Problems) -> Option<Script> {
    if text.len() > limits::SCRIPT_BYTES {
        let message = format!("the script has more than {} bytes", limits::SCRIPT_BYTES);
        problems.error(file, 1, message, "split it into several bots");
        return None;
    }
    let document = Document::parse(file, text, problems)?;
    let root = document.root(problems);
    root.require(&["bot", "intents", "nodes"]);
    let bot = root.table("bot")?;
    let languages = bot::languages(&bot)?;
    let variables = bot::variables(&root, given);
    let slot_names = root.table("slots").map(|slots| slots.keys().map(|key| key.value.to_owned()).collect());
    let reader = Reader { languages, variables, slots: slot_names.unwrap_or_default(), root: &root };
    let slots = slots::read(&reader);
    let intents = intents::read(&reader);
    let actions = actions::read(&reader);
    let nodes = nodes::read(&reader);
    let synonyms = bot::synonyms(&reader);
    let outline = bot::read(&bot, &reader, &intents);
    let texts = bot::texts(&reader);
    bot.finish();
    root.finish();
    let outline = outline?;
    if problems.has_errors() {
        return None;
    }
    let matchers = reader
        .languages
        .iter()
        .enumerate()
        .zip(synonyms)
        .map(|((language, lang), synonyms)| {
            let patterns = intents.iter().enumerate().flat_map(|(at, intent)| {
                intent.patterns[language].iter().map(move |pattern| (at, pattern.value.clone()))
            });
            let texts = |of: fn(&Intent) -> &Vec<Vec<Written<String>>>| {
                let list = |intent| of(intent)[language].iter().map(|text| text.value.as_str()).collect();
                intents.iter().map(list).collect()
            };
            Matcher::fit(Material {
                lang,
                examples: texts(|intent| &intent.examples),
                patterns: patterns.collect(),
                needs: texts(|intent| &intent.needs),
                unless: texts(|intent| &intent.unless),
                synonyms,
            })
        })
        .collect();
    let greeting = bot::greeting(&texts, &outline.name, reader.languages.len());
    Some(Script {
        greeting,
        name: outline.name,
        queue: outline.queue,
        patience: outline.patience,
        human: outline.human,
        menu: outline.menu,
        texts: texts.texts,
        languages: reader.languages,
        slots,
        intents,
        nodes,
        actions,
        matchers,
    })
}

impl Reader<'_> {
    /// Reads a text for people: by language, with variants. A language that it lacks gets the first one's words and
    /// a warning.
    fn said(&self, table: &Table<'_>, key: &str) -> Option<Said> {
        let lists = self.by_language(table, key, limits::VARIANTS)?;
        let holes = HOLES.into_iter().chain(self.slots.iter().map(String::as_str));
        let mut said: Vec<Option<Vec<Template>>> = Vec::with_capacity(lists.len());
        for list in lists {
            said.push(list.map(|texts| {
                texts
                    .iter()
                    .filter_map(|text| template::read(text, &self.variables, holes.clone(), table))
                    .collect()
            }));
        }
        fill_gaps(said)
    }

    /// Reads a short text for people without holes for slots: a label, a name.
    fn label(&self, table: &Table<'_>, key: &str) -> Option<Vec<String>> {
        let lists = self.by_language(table, key, 1)?;
        let mut labels: Vec<Option<String>> = Vec::with_capacity(lists.len());
        for list in lists {
            let Some(text) = list.and_then(|texts| texts.into_iter().next()) else {
                labels.push(None);
                continue;
            };
            if text.chars().count() > limits::CHOICE_CHARS {
                let message =
                    format!("{} has more than {} characters", table.name_of(key), limits::CHOICE_CHARS);
                table.error(text.line, message, "it is shown on a button");
            }
            let template = template::read(&text, &self.variables, std::iter::empty(), table);
            labels.push(template.map(|template| template.fill(|_| None).unwrap_or_default()));
        }
        fill_gaps(labels)
    }

    /// The texts of each language; `None` for a language that has none. Reports what is missing.
    fn by_language(
        &self,
        table: &Table<'_>,
        key: &str,
        variants: usize,
    ) -> Option<Vec<Option<Vec<Written<String>>>>> {
        if !table.has(key) {
            table.know(key);
            return None;
        }
        if table.is_text(key) {
            let text = table.text(key)?;
            self.not_empty(table, key, &text);
            return Some(self.languages.iter().map(|lang| Some(vec![set(lang, text.clone())])).collect());
        }
        if table.is_list(key) {
            let message = format!("{} must say its language", table.name_of(key));
            table.error(table.line_of(key), message, format!("write {key}.{} = [ … ]", self.languages[0]));
            table.know(key);
            return None;
        }
        let inner = table.table(key)?;
        let mut found = Vec::with_capacity(self.languages.len());
        for lang in &self.languages {
            let key_of = lang.as_str();
            let texts = if inner.is_list(key_of) {
                inner.texts(key_of)
            } else {
                inner.text(key_of).into_iter().collect()
            };
            let texts: Vec<Written<String>> = texts.into_iter().map(|text| set(lang, text)).collect();
            if let Some(extra) = texts.get(variants) {
                let message = format!("{} has more than {variants} variants", inner.name_of(key_of));
                inner.error(extra.line, message, "");
            }
            for text in &texts {
                self.not_empty(&inner, key_of, text);
            }
            if texts.is_empty() && !inner.has(key_of) {
                let message = format!("{} has no text in \"{lang}\"", table.name_of(key));
                inner.warning(
                    inner.line(),
                    message,
                    format!("add {key}.{lang}; until then another language is shown"),
                );
            }
            found.push(Some(texts).filter(|texts| !texts.is_empty()));
        }
        inner.finish();
        if found.iter().all(Option::is_none) {
            table.error(
                table.line_of(key),
                format!("{} has no text in any language", table.name_of(key)),
                "",
            );
            return None;
        }
        Some(found)
    }

    fn not_empty(&self, table: &Table<'_>, key: &str, text: &Written<String>) {
        if text.trim().is_empty() {
            table.error(text.line, format!("{} is empty", table.name_of(key)), "");
        }
    }

    /// Lists of texts by language (examples, cues, patterns); empty where a language has none.
    fn lists(&self, table: &Table<'_>, key: &str) -> Vec<Vec<Written<String>>> {
        let empty = || vec![Vec::new(); self.languages.len()];
        if !table.has(key) {
            table.know(key);
            return empty();
        }
        let Some(inner) = table.table(key) else { return empty() };
        let found = self.languages.iter().map(|lang| inner.texts(lang.as_str())).collect();
        inner.finish();
        found
    }

    /// Lists of phrases by language, as stems.
    fn phrases(&self, table: &Table<'_>, key: &str) -> Vec<Vec<Vec<String>>> {
        let lists = self.lists(table, key);
        lists
            .iter()
            .zip(&self.languages)
            .map(|(list, lang)| {
                let words = Words::new(lang);
                list.iter()
                    .map(|phrase| words.stems_of(&phrase.value))
                    .filter(|stems| !stems.is_empty())
                    .collect()
            })
            .collect()
    }

    /// Reports the first item beyond a limit.
    fn at_most<'t>(&self, what: &str, limit: usize, lines: impl Iterator<Item = u32> + 't) {
        if let Some(line) = lines.into_iter().nth(limit) {
            self.root.error(line, format!("there are more than {limit} {what}"), "");
        }
    }

    /// Checks the name of a slot, an intent, a node or an action.
    fn name(&self, what: &str, name: &Written<String>) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            let message = format!("\"{}\" is not a name for {what}", name.value);
            self.root.error(name.line, message, "use at most 64 of a–z, 0–9 and _");
        }
    }

    /// Slots with fixed values: `set = { topic = "x" }`.
    fn set(&self, table: &Table<'_>) -> BTreeMap<String, String> {
        let Some(inner) = table.has("set").then(|| table.table("set")).flatten() else {
            table.know("set");
            return BTreeMap::new();
        };
        let mut set = BTreeMap::new();
        for (slot, value) in inner.into_named_texts() {
            if !self.slots.contains(&slot.value) {
                let near = spelling::did_you_mean(&slot.value, self.slots.iter().map(String::as_str));
                table.error(slot.line, format!("\"{}\" is not a slot", slot.value), near);
            }
            set.insert(slot.value, value.value);
        }
        set
    }

    /// Whether a text in a language says that a bot is speaking; other languages are taken at their word.
    fn says_bot(&self, language: usize, said: &str) -> bool {
        let words = phrases::bot_words(&self.languages[language]);
        let folded = crate::words::fold(said);
        words.is_empty() || folded.split(' ').any(|word| words.contains(&word))
    }
}

fn set(lang: &Lang, text: Written<String>) -> Written<String> {
    text.map(|text| typography::set(lang, &text))
}

/// Gives languages without a value the first value that there is.
fn fill_gaps<T: Clone>(values: Vec<Option<T>>) -> Option<Vec<T>> {
    let first = values.iter().flatten().next()?.clone();
    Some(values.into_iter().map(|value| value.unwrap_or_else(|| first.clone())).collect())
}
