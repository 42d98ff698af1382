//! Who comes when: drawn from the scenario (Poisson, its rate by the hour), read from a table, or taken from a log.

use crate::dice::Dice;
use crate::scenario::{Arrival, BadScenario, Scenario};
use conversation::{ConversationId, Event, EventKind, Owner, Skill};
use std::collections::HashMap;

const HOUR_MS: f64 = 3_600_000.0;

/// Draws the day: the same seed, the same customers, whatever the policy.
pub fn draw(scenario: &Scenario, seed: u64) -> Vec<Arrival> {
    if !scenario.given.is_empty() {
        return scenario.given.clone();
    }
    let people: u32 = scenario.teams.iter().map(|team| team.people).sum();
    let mut all = Vec::new();
    for (n, kind) in scenario.customers.iter().enumerate() {
        let mut dice = Dice::new(seed, n as u64);
        let most = kind.per_hour.iter().copied().fold(0.0, f64::max);
        if most <= 0.0 {
            continue;
        }
        let skills: Vec<(Skill, u8)> = kind.skills.iter().map(|(s, l)| (s.clone(), *l)).collect();
        let mut at = 0.0;
        // Thinning (Lewis & Shedler, 1979): at the highest rate, then kept with the hour's share of it.
        loop {
            at += dice.exponential(HOUR_MS / most);
            if at >= scenario.hours * HOUR_MS {
                break;
            }
            let hour = ((at / HOUR_MS) as usize).min(kind.per_hour.len() - 1);
            if dice.share() * most > kind.per_hour[hour] {
                continue;
            }
            let frustrated = dice.share() < kind.frustrated;
            let heat = 0.5 + 0.5 * dice.share();
            let known = dice.share() < kind.known;
            let advisor = dice.below(people as usize);
            all.push(Arrival {
                at_ms: at as u64,
                queue: kind.queue.clone(),
                lang: kind.lang.clone(),
                skills: skills.clone(),
                handle_ms: (dice.log_normal(kind.handle_s, kind.handle_variation) * 1_000.0) as u64,
                patience_ms: (dice.exponential(kind.patience_s) * 1_000.0) as u64,
                frustration: if frustrated { heat as f32 } else { 0.0 },
                known: known.then_some(advisor),
            });
        }
    }
    all.sort_by_key(|arrival| arrival.at_ms);
    all
}

impl Scenario {
    /// Arrivals from a table with the columns `at_s,queue,lang,handle_s,patience_s,frustration`, a heading first.
    ///
    /// # Errors
    /// The first line that cannot be read, and why.
    pub fn read_arrivals(&mut self, csv: &str) -> Result<(), BadScenario> {
        let mut given = Vec::new();
        for (n, line) in csv.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            if n == 0 && line.starts_with("at_s") {
                continue;
            }
            let bad = |what: String| BadScenario(format!("arrivals, line {}: {what}", n + 1));
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let &[at, queue, lang, handle, patience, frustration] = cells.as_slice() else {
                return Err(bad(format!("6 columns are needed, there are {}", cells.len())));
            };
            let number = |name: &str, text: &str| match text.parse::<f64>() {
                Ok(value) if value.is_finite() && (0.0..1e9).contains(&value) => Ok(value),
                _ => Err(bad(format!("{name}: '{text}' is not a number from 0 up"))),
            };
            let ms = |name: &str, text: &str| number(name, text).map(|s| (s * 1_000.0) as u64);
            given.push(Arrival {
                at_ms: ms("at_s", at)?,
                queue: queue.parse().map_err(|e| bad(format!("{e}")))?,
                lang: lang.parse().map_err(|e| bad(format!("{e}")))?,
                skills: vec![],
                handle_ms: ms("handle_s", handle)?,
                patience_ms: ms("patience_s", patience)?,
                frustration: number("frustration", frustration)?.min(1.0) as f32,
                known: None,
            });
        }
        if given.is_empty() {
            return Err(BadScenario("arrivals: nobody comes".into()));
        }
        self.give(given);
        Ok(())
    }

    /// Those who come, in their order; the scenario lasts until the last of them has come.
    fn give(&mut self, mut given: Vec<Arrival>) {
        given.sort_by_key(|arrival| arrival.at_ms);
        let last = given.last().map_or(0, |arrival| arrival.at_ms);
        self.hours = (last as f64 / HOUR_MS).ceil().max(1.0);
        self.given = given;
    }

    /// Arrivals as a log tells them, in any order of conversations: each transfer that led to an advisor. Who gave
    /// up while waiting is taken to have had that much patience; the others are given `patience_s`.
    ///
    /// # Errors
    /// Nobody was transferred and came to an end.
    pub fn take_arrivals(
        &mut self,
        events: impl IntoIterator<Item = Event>,
        patience_s: f64,
    ) -> Result<(), BadScenario> {
        struct Open {
            arrival: Arrival,
            began: Option<u64>,
        }
        let mut lang = HashMap::new();
        let mut heat: HashMap<ConversationId, f32> = HashMap::new();
        let mut open: HashMap<ConversationId, Open> = HashMap::new();
        let mut given = Vec::new();
        let patience_ms = (patience_s * 1_000.0) as u64;
        for event in events {
            let id = event.conversation;
            match &event.kind {
                EventKind::Opened { lang: spoken, .. } => {
                    lang.insert(id, spoken.clone());
                }
                EventKind::Analyzed { frustration, .. } => {
                    heat.insert(id, *frustration);
                }
                EventKind::TransferRequested { queue, .. } => {
                    let Some(lang) = lang.get(&id).cloned() else { continue };
                    let frustration = heat.get(&id).copied().unwrap_or(0.0);
                    let arrival = Arrival {
                        at_ms: event.at,
                        queue: queue.clone(),
                        lang,
                        skills: vec![],
                        handle_ms: 0,
                        patience_ms,
                        frustration,
                        known: None,
                    };
                    open.entry(id).or_insert(Open { arrival, began: None });
                }
                EventKind::Owner { owner, .. } => match owner {
                    Owner::Advisor { .. } => {
                        if let Some(open) = open.get_mut(&id) {
                            open.began.get_or_insert(event.at);
                        }
                    }
                    Owner::Bot | Owner::Closed => {
                        let Some(Open { mut arrival, began }) = open.remove(&id) else { continue };
                        match began {
                            Some(began) => arrival.handle_ms = event.at.saturating_sub(began),
                            None => {
                                arrival.patience_ms = event.at.saturating_sub(arrival.at_ms);
                                arrival.handle_ms = u64::MAX;
                            }
                        }
                        given.push(arrival);
                    }
                    Owner::Queue { .. } | Owner::Offered { .. } => {}
                },
                _ => {}
            }
        }
        // Nobody knows how long those would have taken who left: as long as the others.
        let (sum, n) = given
            .iter()
            .filter(|arrival| arrival.handle_ms < u64::MAX)
            .fold((0, 0), |(sum, n), arrival| (sum + arrival.handle_ms, n + 1));
        let mean = sum / n.max(1);
        let first = given.iter().map(|arrival| arrival.at_ms).min().unwrap_or(0);
        for arrival in &mut given {
            arrival.at_ms -= first;
            arrival.handle_ms = if arrival.handle_ms == u64::MAX { mean } else { arrival.handle_ms };
        }
        if given.is_empty() {
            return Err(BadScenario(
                "the log tells of nobody who was handed to an advisor, or gave up".into(),
            ));
        }
        self.give(given);
        Ok(())
    }
}
