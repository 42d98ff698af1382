//! From the main file to what is valid.

use super::files::Files;
use super::{Config, limits, queue, site};
use conversation::QueueId;
use gateway::{Network, Origin};
use router::House;
use settings::{Document, Problem, Problems, Table};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::str::FromStr;

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
    root.require(&["default_queue"]);

    let server = root.table("server");
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 8080));
    let (mut public_url, mut trusted_proxies, mut metrics_from) = (None, Vec::new(), None);
    if let Some(server) = server {
        listen = server.parsed::<SocketAddr>("listen").map_or(listen, |written| written.value);
        public_url = server.text("public_url").and_then(|text| match Origin::parse(&text) {
            Ok(origin) => Some(origin),
            Err(error) => {
                server.error(
                    text.line,
                    format!("`public_url` {error}"),
                    "such as \"https://chat.example.org\"",
                );
                None
            }
        });
        trusted_proxies = networks(&server, "trusted_proxies");
        metrics_from = server.has("metrics_from").then(|| networks(&server, "metrics_from"));
        server.finish();
    }

    let mut timing = (5_000, 300_000, 1_800_000);
    if let Some(table) = root.table("timing") {
        let hour = 3_600_000;
        timing.0 = table.duration("advisor_lost_after", 0..=hour).map_or(timing.0, |ms| ms.value);
        timing.1 = table.duration("abandon_after", 1_000..=24 * hour).map_or(timing.1, |ms| ms.value);
        timing.2 = table.duration("idle_after", 1_000..=7 * 24 * hour).map_or(timing.2, |ms| ms.value);
        table.finish();
    }

    let mut forget_after_ms = None;
    if let Some(table) = root.table("retention") {
        let day = 24 * 3_600_000;
        forget_after_ms = table.duration("forget_after", day..=36_500 * day).map(|ms| ms.value);
        table.require(&["forget_after"]);
        table.finish();
    }

    let limits = limits::read(&root);

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
    let queue_known = |id: &QueueId| queues.contains_key(id);
    if let Some(queue) = &default_queue
        && !queue_known(&queue.value)
    {
        let known = queues.keys().map(QueueId::as_str);
        let hint = settings::spelling::did_you_mean(queue.as_str(), known);
        root.error(
            queue.line,
            format!("`default_queue` names {:?}, which is no queue", queue.as_str()),
            hint,
        );
    }
    let variables: BTreeMap<String, String> = root
        .table("variables")
        .map(|table| {
            table.into_named_texts().into_iter().map(|(key, text)| (key.value, text.value)).collect()
        })
        .unwrap_or_default();
    let (sites, doors) = site::read(&root, files, relais, &variables, &queue_known, problems);
    let policy =
        dispatcher::Policy { version: version.clone(), queues: policy_queues, hours, offers, ageing, terms };
    for problem in policy.problems() {
        root.error(queue::line_of(&root, &problem.path), problem.to_string(), "");
    }
    root.finish();

    Some(Config {
        listen,
        public_url,
        trusted_proxies,
        metrics_from,
        limits,
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
            advisor_lost_ms: timing.0,
            abandon_ms: timing.1,
            idle_ms: timing.2,
        },
        policy,
        doors,
    })
}

fn networks(table: &Table<'_>, key: &str) -> Vec<Network> {
    let mut networks = Vec::new();
    for text in table.texts(key) {
        match Network::from_str(&text) {
            Ok(network) => networks.push(network),
            Err(error) => {
                table.error(
                    text.line,
                    format!("{:?} in `{key}` {error}", text.value),
                    "such as \"10.0.0.0/8\"",
                );
            }
        }
    }
    networks
}
