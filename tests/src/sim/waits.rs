//! Nobody waits longer than they must: for an advisor who is free, for a customer or an advisor who is gone.

use super::house;
use super::laws::Laws;
use super::ledger::Story;
use super::machine::Machine;
use conversation::{EventKind, Millis, Owner, State};
use dispatcher::Presence;
use dispatcher::search::{Search, steps_after};
use router::HOUSE;
use std::collections::{BTreeMap, BTreeSet};

/// For how long a conversation may stand in no line once there is room in them.
const UNPLACED_MS: Millis = 6_000;

/// How late anything may be that waits for the log to be read, in milliseconds.
const LATE_MS: Millis = 3_000;

impl Laws {
    /// Whoever is without their customer, or without their advisor, is so for as long as the house says and no longer.
    pub(super) fn nobody_is_left(&mut self, machine: &Machine, now: Millis) -> Result<(), String> {
        let (mut alone, mut absent) = (BTreeMap::new(), BTreeMap::new());
        for state in machine.router.states().filter(|state| state.id != HOUSE) {
            let id = state.id;
            let bot = state.owner == Owner::Bot;
            let line = matches!(state.owner, Owner::Queue { .. } | Owner::Offered { .. });
            let tabless = self.tabs.get(&id).is_none_or(BTreeSet::is_empty);
            if tabless && (bot || line && state.address.is_none()) {
                let before = self.alone.get(&id).filter(|(of, _)| *of == bot);
                let since = before.map_or(now, |(_, since)| *since);
                alone.insert(id, (bot, since));
                let most = if bot { house::IDLE_MS } else { house::ABANDON_MS } + LATE_MS;
                if now > since + most {
                    return Err(format!("{id} is without its customer since {} ms, not {most}", now - since));
                }
            }
            if let Owner::Advisor { advisor } = &state.owner
                && self.desks.get(advisor).is_none_or(BTreeSet::is_empty)
            {
                let before = self.absent.get(&id).filter(|(of, _)| of == advisor);
                let since = before.map_or(now, |(_, since)| *since);
                absent.insert(id, (advisor.clone(), since));
                let most = house::LOST_MS * if self.came.contains(advisor) { 1 } else { 6 } + LATE_MS;
                if now > since + most {
                    return Err(format!(
                        "{id} is with {advisor}, absent since {} ms, not {most}",
                        now - since
                    ));
                }
            }
        }
        (self.alone, self.absent) = (alone, absent);
        Ok(())
    }

    pub(super) fn nobody_waits(&mut self, machine: &Machine, now: Millis) -> Result<(), String> {
        let mut unplaced = BTreeMap::new();
        let full = lines_are_full(machine, now);
        for state in machine.router.states() {
            let story = machine.decided.stories.get(&state.id);
            if story.is_some_and(Story::asked_too_early) {
                return Err(format!(
                    "{} is offered before the moment that its customer wishes for",
                    state.id
                ));
            }
            let Owner::Queue { queue } = &state.owner else { continue };
            if !self.policy.queues.contains_key(queue) {
                return Err(format!("law 9: {} waits in {queue}, which no configuration has", state.id));
            }
            let from = state.not_before();
            if from.is_some_and(|from| from > now) {
                // Not before its time.
                continue;
            }
            self.checks += 1;
            let Some(since) = state.waiting_since else {
                return Err(format!("{} waits since never", state.id));
            };
            let since = from.map_or(since, |from| from.max(since));
            if machine.dispatcher.position(state.id, now).is_none() {
                // As long as there is no room, nobody can be given a place.
                let first = self.unplaced.get(&state.id).copied().filter(|_| !full).unwrap_or(now);
                unplaced.insert(state.id, first);
                if now > first + UNPLACED_MS {
                    return Err(format!("law 6: {} waits in {queue} and stands in no line", state.id));
                }
                continue;
            }
            let Some(story) = story else { continue };
            // Who leaves a message in the place of a callback that is being offered has waited since its moment.
            let moment = story.events.iter().rev().find_map(|event| match &event.kind {
                EventKind::CallbackAsked { from, .. } => Some(*from),
                _ => None,
            });
            let since = moment.flatten().map_or(since, |moment| moment.max(since));
            let step = steps_after(&self.policy, queue, since, now);
            let search = Search::new(&self.policy, queue, &state.lang, &[], step);
            let direct = story.only.as_ref().filter(|_| now < since + house::DIRECT_MS);
            for account in &self.accounts {
                let Some(load) = machine.dispatcher.load(&account.id) else { continue };
                let who = dispatcher::Advisor {
                    id: account.id.clone(),
                    skills: account.skills.clone(),
                    langs: account.langs.clone(),
                    capacity: account.capacity,
                    queues: account.queues.clone(),
                };
                let weight = if state.peak < 0.7 { 1 } else { 2.min(account.capacity) };
                let free = load.held + load.reserved + weight <= load.capacity;
                let there = load.connected && load.status == Presence::Available;
                let avoided = story.avoided.get(&account.id).is_some_and(|until| now < *until);
                let meant = direct.is_none_or(|only| *only == account.id);
                if free && there && !avoided && meant && search.admits(&who) {
                    return Err(format!(
                        "law 6: {} waits in {queue} since {} ms beside {} ({load:?})",
                        state.id,
                        now - since,
                        account.id
                    ));
                }
            }
        }
        self.unplaced = unplaced;
        Ok(())
    }
}

/// Whether as many wait, or are offered and keep their place, as the lines have room for.
fn lines_are_full(machine: &Machine, now: Millis) -> bool {
    let placed = |state: &&State| match &state.owner {
        Owner::Offered { .. } => true,
        Owner::Queue { .. } => {
            let from = state.not_before();
            from.is_some_and(|from| from > now) || machine.dispatcher.position(state.id, now).is_some()
        }
        Owner::Bot | Owner::Advisor { .. } | Owner::Closed => false,
    };
    machine.router.states().filter(placed).count() >= house::WAITING
}
