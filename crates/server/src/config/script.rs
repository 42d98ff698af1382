//! A site's bot: its script, compiled with the house's figures, and whether it fits the house: the queues that it
//! hands over to, the addresses that it asks, the figures that it is given.

use super::site::Surroundings;
use bot::Script;
use conversation::QueueId;
use settings::{Document, Problems, Table, Written, spelling};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Values for a script's `[variables]`, by name.
pub type Variables = BTreeMap<String, Written<String>>;

/// What a script calls where a demo's back office answers.
const DEMO: &str = "{{relais}}/demo/";

/// Reads the bot of a site. `own_pages`: Relais serves the site's pages itself, as it does the demo's.
/// `declared` gains the names of the script's variables.
pub fn read(
    site: &Table<'_>,
    house: &Surroundings<'_>,
    variables: &Variables,
    shown: &str,
    own_pages: bool,
    declared: &mut BTreeSet<String>,
) -> Option<Arc<Script>> {
    let file = site.text("bot")?;
    let (name, text) = match house.files.beside(&file) {
        Ok(found) => found,
        Err(why) => {
            let near = house.files.neighbours(&file);
            let instead = spelling::did_you_mean(&file, near.iter().map(String::as_str));
            site.error(file.line, format!("`{}.bot`: {why}", site.path()), instead);
            return None;
        }
    };
    let mut values: BTreeMap<String, String> =
        variables.iter().map(|(name, written)| (name.clone(), written.value.clone())).collect();
    values.entry("relais".into()).or_insert_with(|| house.relais.to_owned());
    values.entry("shop".into()).or_insert_with(|| shown.to_owned());
    let (script, found) = Script::compile_with(&name, &text, &values);
    found.into_iter().for_each(|problem| house.problems.push(problem));
    // The script's own mistakes are told above; what follows is about its place in this house.
    let silent = Problems::new();
    if let Some(document) = Document::parse(&name, &text, &silent) {
        let root = document.root(&silent);
        declared.extend(root.table("variables").iter().flat_map(Table::keys).map(|key| key.value.to_owned()));
        queues(&root, house);
        if !own_pages && !variables.contains_key("relais") {
            back_offices(&root, house);
        }
    }
    script.map(Arc::new)
}

/// Queues that the script hands over to and that do not exist.
fn queues(root: &Table<'_>, house: &Surroundings<'_>) {
    let default = root.table("bot").and_then(|bot| Some(("bot.queue".to_owned(), bot.text("queue")?)));
    let nodes = root.named_tables("nodes").into_iter().filter_map(|(node, table)| {
        let to = table.table("hand_over")?.text("queue")?;
        Some((format!("nodes.{}.hand_over.queue", node.value), to))
    });
    let mut missing: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
    for (path, to) in default.into_iter().chain(nodes) {
        if !house.queues.keys().any(|known| known.as_str() == to.value) {
            missing.entry(to.value).or_default().push((path, to.line));
        }
    }
    for (to, places) in missing {
        let (path, line) = &places[0];
        let near = spelling::nearest(&to, house.queues.keys().map(QueueId::as_str));
        let instead = match near {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("write `[queues.{to}]` in the configuration"),
        };
        let more = match &places[1..] {
            [] => String::new(),
            [one] => format!(" (and so does line {})", one.1),
            more => format!(" (and so do {})", lines(more)),
        };
        let what =
            format!("`{path}` names \"{to}\"{more}, which is no queue here: the default queue takes it");
        house.problems.warning(root.file(), *line, what, instead);
    }
}

/// `lines 3, 7 and 9`.
fn lines(places: &[(String, u32)]) -> String {
    let all: Vec<String> = places.iter().map(|(_, line)| line.to_string()).collect();
    match all.split_last() {
        Some((last, before)) => format!("lines {} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// Addresses that answer in the demo alone.
fn back_offices(root: &Table<'_>, house: &Surroundings<'_>) {
    for (action, table) in root.named_tables("actions") {
        let Some(url) = table.text("url").filter(|url| url.contains(DEMO)) else { continue };
        let what = format!(
            "`actions.{}.url` asks the demo's back office, which answers only under --demo: whoever needs it is \
             handed to a person",
            action.value
        );
        house.problems.warning(
            root.file(),
            url.line,
            what,
            "write your own back office's address, such as \"https://shop.example.org/orders/{order}\"; it answers \
             in JSON with the fields that `save` names",
        );
    }
}
