//! Sites as they are written: who may carry the widget, in which words, with which bot.

use super::Door;
use super::files::Files;
use bot::Script;
use conversation::{Lang, QueueId, SiteId};
use gateway::Origin;
use router::Site;
use settings::{Problems, Table};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::frame::server::SiteTexts;

/// Bytes of an identity key, at least (RFC 7518, 3.2: a key as long as the hash's output).
const KEY_BYTES: usize = 32;

/// Every `[sites.NAME]`.
pub fn read(
    root: &Table<'_>,
    files: &Files,
    relais: &str,
    variables: &BTreeMap<String, String>,
    queue_known: &dyn Fn(&QueueId) -> bool,
    problems: &Problems,
) -> (BTreeMap<SiteId, Site>, BTreeMap<SiteId, Door>) {
    let (mut sites, mut doors) = (BTreeMap::new(), BTreeMap::new());
    let tables = root.named_tables("sites");
    if tables.is_empty() {
        root.error(root.line_of("sites"), "there is no site", "write at least one `[sites.NAME]`");
    }
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
        let mut door = door(&table, files);
        if table.is_text("bot") {
            door.files.extend(table.text("bot").map(|file| file.value));
        }
        let lang = table.parsed::<Lang>("lang");
        let queue = table.parsed::<QueueId>("queue");
        if let Some(queue) = &queue
            && !queue_known(&queue.value)
        {
            table.error(queue.line, format!("`queue` names {:?}, which is no queue", queue.as_str()), "");
        }
        table.require(&["bot", "queue"]);
        let own_texts = texts(&table);
        let script = script(&table, files, relais, variables, &shown, queue_known, problems);
        table.finish();
        doors.insert(id.clone(), door);
        if let (Some(script), Some(queue)) = (script, queue) {
            let lang = lang.map(|lang| lang.value).or_else(|| script.languages().first().cloned());
            let Some(lang) = lang else { continue };
            let texts = spoken(&script, &id, &shown, &own_texts);
            let lang = if texts.contains_key(&lang) { lang } else { script.languages()[0].clone() };
            sites.insert(id, Site { lang, script, queue: queue.value, texts });
        }
    }
    (sites, doors)
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
                    format!("{:?} in `origins` {error}", origin.value),
                    "such as \"https://www.example.org\"",
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
            Err(why) => table.error(file.line, why, ""),
        }
    }
    door
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

fn script(
    table: &Table<'_>,
    files: &Files,
    relais: &str,
    variables: &BTreeMap<String, String>,
    shown: &str,
    queue_known: &dyn Fn(&QueueId) -> bool,
    problems: &Problems,
) -> Option<Arc<Script>> {
    let file = table.text("bot")?;
    let (name, text) = match files.beside(&file) {
        Ok(found) => found,
        Err(why) => {
            table.error(file.line, why, "");
            return None;
        }
    };
    let mut variables = variables.clone();
    variables.entry("relais".into()).or_insert_with(|| relais.to_owned());
    variables.entry("shop".into()).or_insert_with(|| shown.to_owned());
    let (script, found) = Script::compile_with(&name, &text, &variables);
    found.into_iter().for_each(|problem| problems.push(problem));
    let script = script?;
    for queue in script.queues() {
        if !queue_known(queue) {
            table.warning(
                file.line,
                format!(
                    "the script hands over to {:?}, which is no queue here: the default queue takes it",
                    queue.as_str()
                ),
                format!("write `[queues.{queue}]`"),
            );
        }
    }
    Some(Arc::new(script))
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
