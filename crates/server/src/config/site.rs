//! Sites as they are written: who may carry the widget, in which words, with which bot.

use super::Door;
use super::files::Files;
use super::script::{self, Variables};
use bot::Script;
use conversation::{Lang, QueueId, SiteId};
use gateway::Origin;
use router::{QueueSettings, Site};
use settings::{Problems, Table, spelling};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire::frame::server::SiteTexts;

/// Bytes of an identity key, at least (RFC 7518, 3.2: a key as long as the hash's output).
const KEY_BYTES: usize = 32;

/// What a site is read beside.
pub struct Surroundings<'a> {
    /// The configuration's files.
    pub files: &'a Files,
    /// This server's own address.
    pub relais: &'a str,
    /// The queues.
    pub queues: &'a BTreeMap<QueueId, QueueSettings>,
    /// Where problems go.
    pub problems: &'a Problems,
}

/// `[variables]`, for every script.
pub fn variables(table: &Table<'_>) -> Variables {
    let Some(table) = table.table("variables") else { return Variables::new() };
    table.into_named_texts().into_iter().map(|(key, text)| (key.value, text)).collect()
}

/// Every `[sites.NAME]`.
pub fn read(
    root: &Table<'_>,
    house: &Surroundings<'_>,
    variables: &Variables,
) -> (BTreeMap<SiteId, Site>, BTreeMap<SiteId, Door>) {
    let (mut sites, mut doors) = (BTreeMap::new(), BTreeMap::new());
    let tables = root.named_tables("sites");
    if tables.is_empty() {
        let example = "write at least one: [sites.shop] with name, bot, queue and origins";
        root.error(root.line_of("sites"), "there is no site", example);
    }
    let (mut declared, mut all_read) = (BTreeSet::new(), true);
    for (name, table) in tables {
        let Ok(id) = SiteId::new(&name) else {
            root.error(
                name.line,
                format!("{:?} cannot be a site's name", name.value),
                "letters, digits, `-`, `_` and `.`",
            );
            continue;
        };
        let shown = table.text("name").map_or_else(|| id.to_string(), |text| text.value);
        let mut door = door(&table, house.files);
        if table.is_text("bot") {
            door.files.extend(table.text("bot").map(|file| file.value));
        }
        let lang = table.parsed::<Lang>("lang");
        let queue = queue(&table, house);
        for (key, example) in [("bot", "bots/shop.toml"), ("queue", "care")] {
            if !table.has(key) {
                table.error(
                    table.line(),
                    format!("{} is missing", table.name_of(key)),
                    format!("such as {key} = \"{example}\""),
                );
            }
        }
        let own_texts = texts(&table);
        let own = self::variables(&table);
        let mut values = variables.clone();
        values.extend(own.clone());
        let mut names = BTreeSet::new();
        let script = script::read(&table, house, &values, &shown, door.site.own_origin, &mut names);
        table.finish();
        if script.is_some() {
            unknown(&format!("{}.variables", table.path()), &own, &names, root);
        }
        all_read &= script.is_some();
        declared.extend(names);
        doors.insert(id.clone(), door);
        if let (Some(script), Some(queue)) = (script, queue) {
            let spoken_langs = script.languages();
            if let Some(lang) = &lang
                && !spoken_langs.contains(&lang.value)
            {
                let all: Vec<String> = spoken_langs.iter().map(|lang| format!("\"{lang}\"")).collect();
                table.error(
                    lang.line,
                    format!("{} is \"{}\", which its bot does not speak", table.name_of("lang"), lang.value),
                    format!("it speaks {}", all.join(", ")),
                );
            }
            let texts = spoken(&script, &id, &shown, &own_texts);
            let lang = lang.map(|lang| lang.value).filter(|lang| texts.contains_key(lang));
            let Some(lang) = lang.or_else(|| script.languages().first().cloned()) else { continue };
            sites.insert(id, Site { lang, script, queue, texts });
        }
    }
    // With a script that could not be read, its variables are not known.
    if all_read {
        unknown("variables", variables, &declared, root);
    }
    (sites, doors)
}

/// Figures that no script asks for.
fn unknown(path: &str, given: &Variables, declared: &BTreeSet<String>, root: &Table<'_>) {
    for (name, value) in given.iter().filter(|(name, _)| !declared.contains(*name)) {
        let instead = spelling::did_you_mean(name, declared.iter().map(String::as_str));
        root.warning(
            value.line,
            format!("`{path}.{name}` is in no script's [variables]: nothing uses it"),
            instead,
        );
    }
}

fn queue(table: &Table<'_>, house: &Surroundings<'_>) -> Option<QueueId> {
    let queue = table.parsed::<QueueId>("queue")?;
    if !house.queues.contains_key(&queue.value) {
        let hint = spelling::did_you_mean(queue.as_str(), house.queues.keys().map(QueueId::as_str));
        let what = format!("{} names \"{}\", which is no queue", table.name_of("queue"), queue.as_str());
        let known = || format!("write `[queues.{}]`", queue.as_str());
        table.error(queue.line, what, if hint.is_empty() { known() } else { hint });
    }
    Some(queue.value)
}

fn door(table: &Table<'_>, files: &Files) -> Door {
    let mut door = Door::default();
    door.site.own_origin = table.flag("own_origin").is_some_and(|flag| flag.value);
    door.site.allow_no_origin = table.flag("no_origin").is_none_or(|flag| flag.value);
    for origin in table.texts("origins") {
        match Origin::parse(&origin) {
            Ok(origin) => door.site.origins.push(origin),
            Err(error) => {
                table.error(
                    origin.line,
                    format!("{:?} in {} {error}", origin.value, table.name_of("origins")),
                    written_right(&origin),
                );
            }
        }
    }
    if let Some(file) = table.text("identity_key_file") {
        door.files.push(file.value.clone());
        match files.beside(&file) {
            Ok((_, key)) if key.trim().len() >= KEY_BYTES => {
                door.identity_key = Some(key.trim().as_bytes().to_vec())
            }
            Ok(_) => {
                table.error(
                    file.line,
                    format!("the key in {:?} is too short", file.value),
                    format!("{KEY_BYTES} bytes or more"),
                );
            }
            Err(why) => table.error(file.line, why, "32 random bytes or more, beside the configuration"),
        }
    }
    door
}

/// The origin that was meant, as far as it can be told.
fn written_right(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let meant = format!("{scheme}://{}", rest.split(['/', '?', '#']).next().unwrap_or(""));
    match Origin::parse(&meant) {
        Ok(origin) => format!("write \"{origin}\""),
        Err(_) => "name each page's scheme, host and port, such as \"https://www.example.org\"".into(),
    }
}

fn texts(table: &Table<'_>) -> BTreeMap<Lang, BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for (lang, texts) in table.named_tables("texts") {
        match Lang::new(&lang) {
            Ok(known) => {
                let texts = texts.into_named_texts();
                all.insert(known, texts.into_iter().map(|(key, text)| (key.value, text.value)).collect());
            }
            Err(error) => {
                table.error(lang.line, format!("{:?}: {error}", lang.value), "such as `fr` or `en`")
            }
        }
    }
    all
}

/// What the site says in each of the script's languages: the script's words, then the site's own.
fn spoken(
    script: &Script,
    id: &SiteId,
    shown: &str,
    own: &BTreeMap<Lang, BTreeMap<String, String>>,
) -> BTreeMap<Lang, Arc<SiteTexts>> {
    let mut all = BTreeMap::new();
    for lang in script.languages() {
        let mut texts = BTreeMap::from([
            ("greeting".to_owned(), script.greeting(lang).to_owned()),
            ("bot_name".to_owned(), script.name(lang).to_owned()),
        ]);
        texts.extend(own.get(lang).cloned().unwrap_or_default());
        all.insert(lang.clone(), Arc::new(SiteTexts { id: id.clone(), name: shown.to_owned(), texts }));
    }
    all
}
