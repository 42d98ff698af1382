//! The house of every run: the shipped shop script, three queues, five people. Built in code, the same each time.

use analyzer::Analyzer;
use bot::Script;
use conversation::{AdvisorId, Lang, QueueId, SiteId};
use dispatcher::Policy;
use dispatcher::policy::{Offers, Queue, Step};
use router::{Account, House, QueueSettings, Role, Site};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use wire::frame::advisor::Status;
use wire::frame::server::SiteTexts;

/// How long an advisor may be without a connection, in milliseconds.
pub const LOST_MS: u64 = 45_000;
/// How long a waiting customer may be without a connection until those who are there come first.
pub const AWAY_MS: u64 = 10_000;
/// How long a waiting customer may be without one.
pub const ABANDON_MS: u64 = 120_000;
/// The same for a conversation that the bot has.
pub const IDLE_MS: u64 = 300_000;
/// For how long a conversation is not offered again to somebody who did not take it.
pub const AVOID_MS: u64 = 60_000;
/// For how long one that is meant for an advisor waits for them alone.
pub const DIRECT_MS: u64 = 40_000;
/// How many conversations can wait: few, so that the limit is met.
pub const WAITING: usize = 6;

static SCRIPT: LazyLock<Arc<Script>> = LazyLock::new(|| {
    let (script, problems) = Script::compile("shop.toml", include_str!("../../../config/bots/shop.toml"));
    Arc::new(script.unwrap_or_else(|| panic!("the shipped script: {problems:?}")))
});

// The lexicons alone: the encoder would be most of a run's time and nothing of what is looked for.
static ANALYZER: LazyLock<Arc<Analyzer>> = LazyLock::new(|| {
    Arc::new(Analyzer::without_model(&[]).unwrap_or_else(|problems| panic!("the lexicons: {problems:?}")))
});

/// The one who listens.
pub fn analyzer() -> Arc<Analyzer> {
    ANALYZER.clone()
}

/// A name that is known to be good.
pub fn lang(name: &str) -> Lang {
    Lang::new(name).expect("a language")
}

/// A name that is known to be good.
pub fn queue(name: &str) -> QueueId {
    QueueId::new(name).expect("a queue")
}

/// A name that is known to be good.
pub fn advisor(name: &str) -> AdvisorId {
    AdvisorId::new(name).expect("an advisor")
}

/// The only site.
pub fn site() -> SiteId {
    SiteId::new("shop").expect("a site")
}

/// The queues.
pub const QUEUES: [&str; 3] = ["care", "orders", "returns"];

/// The queues of a configuration that has all of them, or of one that has the last no more.
pub fn queues(whole: bool) -> &'static [&'static str] {
    &QUEUES[..if whole { 3 } else { 2 }]
}

/// The house, for one life of the log; `whole`: as in [`queues`].
pub fn house(epoch: &str, whole: bool) -> House {
    let texts =
        |name: &str| Arc::new(SiteTexts { id: site(), name: name.to_owned(), texts: BTreeMap::new() });
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    House {
        version: "1".into(),
        epoch: epoch.to_owned(),
        sites: BTreeMap::from([(
            site(),
            Site {
                lang: lang("fr"),
                script: SCRIPT.clone(),
                queue: queue("care"),
                texts: BTreeMap::from([(lang("fr"), texts("La boutique")), (lang("en"), texts("The shop"))]),
            },
        )]),
        queues: queues(whole).iter().map(|name| (queue(name), QueueSettings::default())).collect(),
        default_queue: queue("care"),
        declines: words(&["busy", "other"]),
        outcomes: words(&["resolved", "unresolved"]),
        advisors_may_take: true,
        advisor_lost_ms: LOST_MS,
        away_ms: AWAY_MS,
        abandon_ms: ABANDON_MS,
        idle_ms: IDLE_MS,
    }
}

/// What the dispatcher goes by.
pub fn policy(whole: bool) -> Policy {
    let plain = Queue { hard_weight: 2, ..Queue::default() };
    let widening = Step { after_s: 60, any_language: true, add: vec![queue("care")], ..Step::default() };
    let crowd = Offers { at_once: 2, ..offers() };
    let mut queues = BTreeMap::from([
        (queue("care"), Queue { priority: 1, ..plain.clone() }),
        (queue("orders"), Queue { steps: vec![widening], ..plain.clone() }),
        (queue("returns"), Queue { offers: Some(crowd), ..plain }),
    ]);
    queues.retain(|id, _| self::queues(whole).contains(&id.as_str()));
    Policy { version: "1".into(), offers: offers(), queues, ..Policy::default() }
}

fn offers() -> Offers {
    Offers { avoid_s: (AVOID_MS / 1_000) as u32, direct_s: (DIRECT_MS / 1_000) as u32, ..Offers::default() }
}

/// The people of the house, the supervisor last.
pub fn accounts() -> Vec<Account> {
    let person = |id: &str, langs: &[&str], capacity, queues: Option<&[&str]>, role| Account {
        id: advisor(id),
        name: id.to_uppercase(),
        role,
        skills: Vec::new(),
        langs: langs.iter().map(|name| lang(name)).collect(),
        capacity,
        queues: queues.map(|names| names.iter().map(|name| queue(name)).collect()),
        status: Status::Available,
    };
    vec![
        person("ines", &["fr", "en"], 2, None, Role::Advisor),
        person("jo", &["en"], 3, Some(&["care", "returns"]), Role::Advisor),
        person("karim", &["fr"], 1, Some(&["orders", "returns"]), Role::Advisor),
        person("lea", &["fr"], 2, Some(&["care"]), Role::Advisor),
        person("zoe", &["fr", "en"], 2, None, Role::Supervisor),
    ]
}
