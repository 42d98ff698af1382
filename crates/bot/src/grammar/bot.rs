//! `[bot]`, `[variables]`, `[texts]` and `[synonyms]`: what a script says about itself.

use super::{HOLES, Reader, fill_gaps};
use crate::limits;
use crate::phrases;
use crate::script::{Intent, Said, Texts, Variables};
use crate::template::{self, Part, Template};
use crate::typography;
use crate::words::Words;
use conversation::{Lang, QueueId};
use settings::{Table, Written, spelling};
use std::collections::BTreeMap;

/// The languages; at least one.
pub(super) fn languages(bot: &Table<'_>) -> Option<Vec<Lang>> {
    bot.require(&["languages", "name", "queue"]);
    let written = bot.texts("languages");
    let mut languages: Vec<Lang> = Vec::new();
    for text in &written {
        match Lang::new(&text.value) {
            Ok(lang) if languages.contains(&lang) => {
                bot.error(text.line, format!("language \"{lang}\" is written twice"), "");
            }
            Ok(lang) => {
                if !Words::new(&lang).stems() {
                    let message = format!("there is no stemmer for \"{lang}\"");
                    bot.warning(text.line, message, "give each form of a word in the examples");
                }
                languages.push(lang);
            }
            Err(error) => bot.error(text.line, format!("\"{}\": {error}", text.value), "for instance \"fr\""),
        }
    }
    if let Some(text) = written.get(limits::LANGUAGES) {
        bot.error(text.line, format!("there are more than {} languages", limits::LANGUAGES), "");
    }
    if languages.is_empty() {
        if bot.has("languages") && written.is_empty() {
            bot.error(bot.line_of("languages"), "`bot.languages` is empty", "for instance [\"fr\", \"en\"]");
        }
        return None;
    }
    Some(languages)
}

/// The variables, with the configuration's values in place of the script's.
pub(super) fn variables(root: &Table<'_>, given: &Variables) -> BTreeMap<String, String> {
    let Some(table) = root.has("variables").then(|| root.table("variables")).flatten() else {
        root.know("variables");
        return BTreeMap::new();
    };
    table
        .into_named_texts()
        .into_iter()
        .map(|(name, value)| {
            let value = given.get(&name.value).cloned().unwrap_or(value.value);
            (name.value, value)
        })
        .collect()
}

/// What `[bot]` says besides the languages.
pub(super) struct Outline {
    pub(super) name: Vec<String>,
    pub(super) queue: QueueId,
    pub(super) patience: u8,
    pub(super) human: Option<Written<String>>,
    pub(super) menu: Vec<usize>,
}

pub(super) fn read(bot: &Table<'_>, reader: &Reader<'_>, intents: &[Intent]) -> Option<Outline> {
    let name = reader.label(bot, "name");
    let queue = bot.parsed::<QueueId>("queue");
    let patience =
        bot.integer("failures", 1..=5).map_or(2, |failures| u8::try_from(failures.value).unwrap_or(2));
    let human = bot.text("human");
    let mut menu = Vec::new();
    let written = bot.texts("menu");
    reader.at_most("intents in the menu", limits::CHOICES, written.iter().map(|text| text.line));
    for text in written {
        match intents.iter().position(|intent| intent.name == text.value) {
            Some(at) => menu.push(at),
            None => {
                let near =
                    spelling::did_you_mean(&text.value, intents.iter().map(|intent| intent.name.as_str()));
                bot.error(text.line, format!("\"{}\" is not an intent", text.value), near);
            }
        }
    }
    if !bot.has("menu") {
        let plain =
            intents.iter().enumerate().filter(|(_, intent)| intent.weight == crate::hearing::Weight::Plain);
        menu.extend(plain.map(|(at, _)| at).take(5));
    }
    Some(Outline { name: name?, queue: queue?.value, patience, human, menu })
}

/// Canonical word and the words that mean the same, by language.
pub(super) fn synonyms(reader: &Reader<'_>) -> Vec<Vec<(String, Vec<String>)>> {
    let mut found = vec![Vec::new(); reader.languages.len()];
    let Some(table) = reader.root.has("synonyms").then(|| reader.root.table("synonyms")).flatten() else {
        reader.root.know("synonyms");
        return found;
    };
    for (list, lang) in found.iter_mut().zip(&reader.languages) {
        let Some(inner) = table.has(lang.as_str()).then(|| table.table(lang.as_str())).flatten() else {
            continue;
        };
        let words = Words::new(lang);
        for key in inner.keys() {
            let others = inner.texts(key.value);
            for other in &others {
                if words.cut(&other.value).len() != 1 {
                    let message = format!("\"{}\" is not one word", other.value);
                    inner.error(
                        other.line,
                        message,
                        "a synonym stands for one word; put a phrase into the examples",
                    );
                }
            }
            list.push((key.value.to_owned(), others.into_iter().map(|other| other.value).collect()));
        }
        inner.finish();
    }
    table.finish();
    found
}

/// The texts, and where the greeting was written.
pub(super) struct OwnTexts {
    pub(super) texts: Texts,
    greeting: Said,
}

/// What the bot says by itself, with the defaults where the script says nothing.
pub(super) fn texts(reader: &Reader<'_>) -> OwnTexts {
    let table = reader.root.has("texts").then(|| reader.root.table("texts")).flatten();
    if table.is_none() {
        reader.root.know("texts");
    }
    let mut all: BTreeMap<&str, Said> = BTreeMap::new();
    for (name, _, _) in phrases::PHRASES {
        let written = table.as_ref().and_then(|table| reader.said(table, name));
        if let (Some(said), "introduction" | "greeting") = (&written, name) {
            says_that_it_is_a_bot(reader, table.as_ref(), name, said);
        }
        all.insert(name, written.unwrap_or_else(|| defaults(reader, table.as_ref(), name)));
    }
    if let Some(table) = table {
        table.finish();
    }
    let mut take = |name: &str| all.remove(name).unwrap_or_default();
    let human = take("human");
    let texts = Texts {
        introduction: take("introduction"),
        not_understood: take("not_understood"),
        maybe: take("maybe"),
        which: take("which"),
        choose: take("choose"),
        noted: take("noted"),
        denied: take("denied"),
        number: take("number"),
        again: take("again"),
        offer: take("offer"),
        wrong: take("wrong"),
        patience: take("patience"),
        stuck: take("stuck"),
        failure: take("failure"),
        circles: take("circles"),
        handing_over: take("handing_over"),
        human: human.iter().map(|variants| said_plainly(variants.first(), "")).collect(),
    };
    OwnTexts { texts, greeting: take("greeting") }
}

fn says_that_it_is_a_bot(reader: &Reader<'_>, table: Option<&Table<'_>>, name: &str, said: &Said) {
    let Some(table) = table else { return };
    for (language, variants) in said.iter().enumerate() {
        if variants.iter().any(|variant| !reader.says_bot(language, &said_plainly(Some(variant), ""))) {
            let message = format!(
                "`texts.{name}` does not say in \"{}\" that it comes from a bot",
                reader.languages[language]
            );
            table.error(
                table.line_of(name),
                message,
                "people have a right to know: say \"robot\", \"bot\" or \"automated\"",
            );
        }
    }
}

fn defaults(reader: &Reader<'_>, table: Option<&Table<'_>>, name: &str) -> Said {
    let mut said: Vec<Option<Vec<Template>>> = Vec::with_capacity(reader.languages.len());
    for lang in &reader.languages {
        let phrases = phrases::phrase(name, lang);
        if phrases.is_none() {
            let line = table.map_or(1, Table::line);
            let message = format!("`texts.{name}` has no text in \"{lang}\"");
            reader.root.warning(line, message, format!("add {name}.{lang} to [texts]"));
        }
        said.push(phrases.map(|phrases| {
            let parsed = phrases.iter().map(|text| {
                Template::parse(&typography::set(lang, text), &reader.variables, HOLES.into_iter())
            });
            parsed.filter_map(Result::ok).collect()
        }));
    }
    let english = || {
        let phrases = Lang::new("en").ok().and_then(|lang| phrases::phrase(name, &lang)).unwrap_or_default();
        phrases
            .iter()
            .filter_map(|text| Template::parse(text, &reader.variables, HOLES.into_iter()).ok())
            .collect()
    };
    fill_gaps(said).unwrap_or_else(|| vec![english(); reader.languages.len()])
}

/// The greeting, complete: it is shown before any turn.
pub(super) fn greeting(texts: &OwnTexts, name: &[String], languages: usize) -> Vec<String> {
    (0..languages)
        .map(|language| {
            let variant = texts.greeting.get(language).and_then(|variants| variants.first());
            said_plainly(variant, name.get(language).map_or("", String::as_str))
        })
        .collect()
}

fn said_plainly(template: Option<&Template>, bot: &str) -> String {
    let Some(template) = template else { return String::new() };
    let text: String = template
        .0
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Slot(slot) if slot == "bot" => bot,
            Part::Slot(_) => "",
        })
        .collect();
    template::cut(&text, limits::TEXT_CHARS)
}
