//! From the main file to what is valid.

use super::doorway::{self, Doorway};
use super::files::Files;
use super::{Config, limits, queue, site};
use conversation::QueueId;
use router::House;
use settings::{Document, Problem, Problems, Table};

/// Reads and checks a configuration with everything that it names. `relais` is this server's own address, for
/// scripts that ask it (the demo).
pub fn read(files: &Files, relais: &str) -> (Option<Config>, Vec<Problem>) {
    let problems = Problems::new();
    let name = files.name();
    let config = match files.main() {
        Ok(text) => Document::parse(&name, &text, &problems)
            .and_then(|document| valid(files, document.root(&problems), relais, &problems)),
        Err(why) => {
            problems.error(&name, 1, why, "");
            None
        }
    };
    let failed = problems.has_errors();
    (config.filter(|_| !failed), problems.into_sorted())
}

fn valid(files: &Files, root: Table<'_>, relais: &str, problems: &Problems) -> Option<Config> {
    let version = root.text("version").map_or_else(|| "0".into(), |text| text.value);
    let default_queue = root.parsed::<QueueId>("default_queue");
    if !root.has("default_queue") {
        root.error(
            1,
            "`default_queue` is missing",
            "name the queue for whatever names none: default_queue = \"care\"",
        );
    }

    let Doorway { listen, public_url, trusted_proxies, metrics_from } = doorway::read(&root);

    let (mut advisor_lost_ms, mut away_ms) = (5_000, 30_000);
    let (mut abandon_ms, mut idle_ms) = (300_000, 1_800_000);
    if let Some(table) = root.table("timing") {
        let hour = 3_600_000;
        for (name, limits, setting) in [
            ("advisor_lost_after", 0..=hour, &mut advisor_lost_ms),
            ("abandon_after", 1_000..=24 * hour, &mut abandon_ms),
            ("away_after", 0..=24 * hour, &mut away_ms),
            ("idle_after", 1_000..=7 * 24 * hour, &mut idle_ms),
        ] {
            if let Some(ms) = table.duration(name, limits) {
                *setting = ms.value;
            }
        }
        table.finish();
    }

    let mut forget_after_ms = None;
    if let Some(table) = root.table("retention") {
        let day = 24 * 3_600_000;
        forget_after_ms = table.duration("forget_after", day..=36_500 * day).map(|ms| ms.value);
        table.require(&["forget_after"]);
        table.finish();
    }

    let (limits, rates) = limits::read(&root);

    let mut advisors_may_take = true;
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let mut declines = words(&["busy", "wrong_skill", "wrong_language", "break", "personal", "other"]);
    let mut outcomes = words(&["resolved", "answered", "forwarded", "unresolved", "spam"]);
    if let Some(people) = root.table("people") {
        advisors_may_take = people.flag("advisors_may_take").is_none_or(|flag| flag.value);
        for (key, list) in [("declines", &mut declines), ("outcomes", &mut outcomes)] {
            if people.has(key) {
                *list = people.texts(key).into_iter().map(|text| text.value).collect();
                if list.is_empty() {
                    people.error(people.line_of(key), format!("`{key}` is empty"), "name at least one");
                }
            }
        }
        people.finish();
    }

    let (queues, policy_queues) = queue::read(&root);
    let (hours, offers, ageing, terms) = queue::whole(&root);
    if let Some(queue) = &default_queue
        && !queues.contains_key(&queue.value)
    {
        let known = queues.keys().map(QueueId::as_str);
        let hint = settings::spelling::did_you_mean(queue.as_str(), known);
        root.error(
            queue.line,
            format!("`default_queue` names {:?}, which is no queue", queue.as_str()),
            hint,
        );
    }
    let variables = site::variables(&root);
    let house = site::Surroundings { files, relais, queues: &queues, problems };
    let (sites, doors) = site::read(&root, &house, &variables);
    let policy =
        dispatcher::Policy { version: version.clone(), queues: policy_queues, hours, offers, ageing, terms };
    queue::sense(&root, &policy);
    root.finish();

    Some(Config {
        listen,
        public_url,
        trusted_proxies,
        metrics_from,
        limits,
        rates,
        forget_after_ms,
        house: House {
            version,
            epoch: String::new(),
            sites,
            queues,
            default_queue: default_queue?.value,
            declines,
            outcomes,
            advisors_may_take,
            advisor_lost_ms,
            away_ms,
            abandon_ms,
            idle_ms,
        },
        policy,
        doors,
    })
}
