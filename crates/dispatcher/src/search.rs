//! Who may have a conversation at all: what is asked of an advisor, at a step of the queue's widening.

use crate::advisor::Advisor;
use crate::house::LineKey;
use crate::policy::{Language, Policy};
use crate::score::Merit;
use conversation::limits::OFFERS_AT_ONCE;
use conversation::{Lang, Millis, QueueId, Skill};
use std::sync::LazyLock;

/// What is asked, once `step` steps have widened it.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The advisor serves one of these.
    pub queues: Vec<QueueId>,
    /// Skill, level asked for at first, level asked for now (0: not any more).
    pub skills: Vec<(Skill, u8, u8)>,
    /// The customer's language.
    pub lang: Lang,
    /// The advisor must speak it.
    pub lang_required: bool,
    /// Offers at once.
    pub at_once: usize,
}

impl Search {
    /// The search of a queue for a request's language and own skills.
    pub fn new(policy: &Policy, queue: &QueueId, lang: &Lang, own: &[(Skill, u8)], step: usize) -> Search {
        let of = policy.queue(queue);
        let mut skills: Vec<(Skill, u8, u8)> = Vec::new();
        for (skill, level) in of.skills.iter().map(|(s, l)| (s, *l)).chain(own.iter().map(|(s, l)| (s, *l))) {
            let level = level.clamp(1, 5);
            match skills.iter_mut().find(|(name, ..)| name == skill) {
                Some(known) => (known.1, known.2) = (known.1.max(level), known.2.max(level)),
                None => skills.push((skill.clone(), level, level)),
            }
        }
        let mut search = Search {
            queues: vec![queue.clone()],
            skills,
            lang: lang.clone(),
            lang_required: of.language == Language::Required,
            at_once: usize::from(policy.offers(queue).at_once),
        };
        for step in of.steps.iter().take(step) {
            for (skill, _, now) in &mut search.skills {
                *now = if step.drop.contains(skill) {
                    0
                } else if *now > 0 {
                    now.saturating_sub(step.lower).max(1)
                } else {
                    0
                };
            }
            search.queues.extend(step.add.iter().filter(|q| **q != *queue).cloned());
            search.lang_required &= !step.any_language;
            if step.at_once > 0 {
                search.at_once = usize::from(step.at_once);
            }
        }
        search.at_once = search.at_once.clamp(1, OFFERS_AT_ONCE);
        search
    }

    pub(crate) fn of_line(policy: &Policy, key: &LineKey, step: usize) -> Search {
        match &key.lang {
            Some(lang) => Search::new(policy, &key.queue, lang, &key.skills, step),
            None => Search::any_language(policy, &key.queue, step),
        }
    }

    /// The search of a queue whoever the customer is.
    pub fn any_language(policy: &Policy, queue: &QueueId, step: usize) -> Search {
        static UNKNOWN: LazyLock<Lang> =
            LazyLock::new(|| Lang::new("und").unwrap_or_else(|_| unreachable!()));
        Search { lang_required: false, ..Search::new(policy, queue, &UNKNOWN, &[], step) }
    }

    /// Whether the advisor can do it; presence and seats are another matter.
    pub fn admits(&self, advisor: &Advisor) -> bool {
        self.skills.iter().all(|(skill, _, least)| advisor.level(skill) >= *least)
            && (!self.lang_required || advisor.langs.contains(&self.lang))
            && self.queues.iter().any(|queue| advisor.serves(queue))
    }

    /// What an advisor is worth for it, apart from how they stand at the moment.
    pub fn merit(&self, advisor: &Advisor) -> Merit {
        let asked = self.skills.len().max(1) as f32;
        let above: i32 = self
            .skills
            .iter()
            .map(|(skill, level, _)| i32::from(advisor.level(skill)) - i32::from(*level))
            .sum();
        let language = match advisor.langs.iter().position(|lang| *lang == self.lang) {
            Some(0) => 1.0,
            Some(_) => 0.5,
            None => 0.0,
        };
        Merit { fit: above as f32 / (5.0 * asked), language }
    }
}

/// How many of the queue's steps have passed after a wait.
pub fn steps_after(policy: &Policy, queue: &QueueId, since: Millis, now: Millis) -> usize {
    let waited = now.saturating_sub(since);
    policy.queue(queue).steps.iter().take_while(|s| u64::from(s.after_s) * 1_000 <= waited).count()
}
