//! What `relais check` says about a script beyond its grammar: names that lead nowhere, nodes that nobody
//! reaches, texts whose holes may be empty, intents that are taken for each other.

use crate::ambiguity::{alike, ambiguous};
use crate::condition::{Clause, Condition};
use crate::evidence;
use crate::script::{Node, Script};
use crate::slot::Check;
use settings::{Problems, Written, spelling};
use std::collections::{BTreeMap, BTreeSet};

/// Errors: every name must be somebody's.
pub(crate) fn names(script: &Script, file: &str, problems: &Problems) {
    let check = Names { script, file, problems };
    for intent in &script.intents {
        check.node(&intent.to, &format!("intent \"{}\"", intent.name));
    }
    if let Some(human) = &script.human {
        check.node(human, "`bot.human`");
        if script.nodes.contains_key(&human.value) && !hands_over(script, &human.value) {
            problems.error(
                file,
                human.line,
                format!("node \"{}\" does not hand over", human.value),
                "add `hand_over` to it, or to the node that it leads to",
            );
        }
    }
    for (name, slot) in &script.slots {
        for node in [&slot.without, &slot.leads_to].into_iter().flatten() {
            check.node(node, &format!("slot \"{name}\""));
        }
    }
    for (name, action) in &script.actions {
        if let Some(failed) = &action.failed {
            check.node(failed, &format!("action \"{name}\""));
        }
        let free = action
            .url
            .path_slots()
            .find(|slot| script.slots.get(*slot).is_some_and(|slot| !slot.may_stand_in_path()));
        if let Some(slot) = free {
            let message =
                format!("action \"{name}\" puts the free text `{{{slot}}}` into the path of its address");
            problems.error(
                file,
                action.line,
                message,
                format!("put it into the query, ?q={{{slot}}}, or into the body"),
            );
        }
    }
    for (name, node) in &script.nodes {
        check.in_node(name, node);
    }
    check.silent_cycles();
    evidence::in_examples(script, file, problems);
}

/// Whether a node hands over, itself or where it leads without waiting.
fn hands_over(script: &Script, name: &str) -> bool {
    let mut at = name;
    for _ in 0..=script.nodes.len() {
        let Some(node) = script.nodes.get(at) else { return false };
        if node.hand_over.is_some() {
            return true;
        }
        match &node.to {
            Some(to) => at = &to.value,
            None => return false,
        }
    }
    false
}

struct Names<'a> {
    script: &'a Script,
    file: &'a str,
    problems: &'a Problems,
}

impl Names<'_> {
    fn unknown<'n>(&self, line: u32, message: String, name: &str, known: impl Iterator<Item = &'n str>) {
        self.problems.error(self.file, line, message, spelling::did_you_mean(name, known));
    }

    fn node(&self, to: &Written<String>, from: &str) {
        if !self.script.nodes.contains_key(&to.value) {
            let message = format!("{from} leads to node \"{}\", which does not exist", to.value);
            self.unknown(to.line, message, &to.value, self.script.nodes.keys().map(String::as_str));
        }
    }

    fn slot(&self, name: &str, line: u32, from: &str) -> bool {
        let known = self.script.slots.contains_key(name);
        if !known {
            let message = format!("{from} names slot \"{name}\", which does not exist");
            self.unknown(line, message, name, self.script.slots.keys().map(String::as_str));
        }
        known
    }

    fn action(&self, name: &str, line: u32, from: &str) {
        if !self.script.actions.contains_key(name) {
            let message = format!("{from} names action \"{name}\", which does not exist");
            self.unknown(line, message, name, self.script.actions.keys().map(String::as_str));
        }
    }

    fn in_node(&self, name: &str, node: &Node) {
        let from = format!("node \"{name}\"");
        for slot in &node.needs {
            if self.slot(&slot.value, slot.line, &from) && self.script.slots[&slot.value].ask.is_empty() {
                let message = format!("{from} needs slot \"{}\", which has no question", slot.value);
                self.problems.error(
                    self.file,
                    slot.line,
                    message,
                    format!("add `ask` to [slots.{}]", slot.value),
                );
            }
        }
        for slot in node.forget.iter().chain(&node.takes) {
            self.slot(&slot.value, slot.line, &from);
        }
        for (slot, value) in node.set.iter().chain(node.choices.iter().flat_map(|choice| &choice.set)) {
            self.value(slot, value, node.line, &from);
        }
        if let Some(call) = &node.call {
            self.action(&call.value, call.line, &from);
        }
        for branch in &node.branches {
            self.node(&branch.to, &from);
            self.condition(&branch.condition, branch.line, &from);
        }
        if let Some(to) = &node.to {
            self.node(to, &from);
        }
        for choice in &node.choices {
            if let Some(to) = &choice.to {
                self.node(to, &from);
            }
            let Some(intent) = &choice.intent else { continue };
            match self.script.intents.iter().find(|known| known.name == intent.value) {
                Some(known) if known.label.is_empty() && choice.label.is_empty() => {
                    let message = format!("{from} proposes intent \"{}\", which has no label", intent.value);
                    self.problems.error(self.file, choice.line, message, "add `label` to one of them");
                }
                Some(_) => {}
                None => {
                    let message =
                        format!("{from} proposes intent \"{}\", which does not exist", intent.value);
                    self.unknown(
                        choice.line,
                        message,
                        &intent.value,
                        self.script.intents.iter().map(|known| known.name.as_str()),
                    );
                }
            }
        }
    }

    fn value(&self, slot: &str, value: &str, line: u32, from: &str) {
        if let Some(Check::Choice(values)) = self.script.slots.get(slot).map(|slot| &slot.check)
            && !values.iter().any(|known| known.id == value)
        {
            let message = format!("{from}: \"{value}\" is not a value of slot \"{slot}\"");
            self.unknown(line, message, value, values.iter().map(|known| known.id.as_str()));
        }
    }

    fn condition(&self, condition: &Condition, line: u32, from: &str) {
        for clause in &condition.0 {
            match clause {
                Clause::Is { slot, value, .. } => {
                    if self.slot(slot, line, from) {
                        self.value(slot, value, line, from);
                    }
                }
                Clause::Filled { slot, .. } => {
                    self.slot(slot, line, from);
                }
                Clause::Action { action, .. } => self.action(action, line, from),
                Clause::Language { lang, .. } => {
                    if !self.script.languages.contains(lang) {
                        let message =
                            format!("{from} asks for language \"{lang}\", which the script does not speak");
                        self.unknown(
                            line,
                            message,
                            lang.as_str(),
                            self.script.languages.iter().map(conversation::Lang::as_str),
                        );
                    }
                }
                Clause::Greeted { .. } => {}
            }
        }
    }

    /// Nodes that lead to each other for ever without a question, a call or a condition.
    fn silent_cycles(&self) {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for start in self.script.nodes.keys() {
            let mut path: Vec<&str> = vec![start];
            while let Some(node) = path.last().and_then(|name| self.script.nodes.get(*name)) {
                let Some(to) = &node.to else { break };
                if !node.branches.is_empty() || node.call.is_some() || !node.needs.is_empty() {
                    break;
                }
                if let Some(at) = path.iter().position(|name| *name == to.value) {
                    let cycle = &path[at..];
                    if cycle.iter().all(|name| told.insert(name)) {
                        let names: Vec<String> =
                            cycle.iter().chain(&cycle[..1]).map(|name| format!("\"{name}\"")).collect();
                        let message = format!("nodes lead to each other for ever: {}", names.join(" → "));
                        self.problems.error(
                            self.file,
                            to.line,
                            message,
                            "let one of them wait: remove its `to`",
                        );
                    }
                    break;
                }
                path.push(&to.value);
            }
        }
    }
}

/// Warnings: what is allowed and hardly meant.
pub(crate) fn sense(script: &Script, file: &str, problems: &Problems) {
    unreachable(script, file, problems);
    unused(script, file, problems);
    silent(script, file, problems);
    empty_holes(script, file, problems);
    ambiguous(script, file, problems);
    alike(script, file, problems);
    evidence::against(script, file, problems);
}

/// The nodes that a node leads to, with what is surely filled on that way.
fn ways<'s>(script: &'s Script, node: &'s Node) -> Vec<(&'s str, Vec<&'s str>)> {
    let mut ways: Vec<(&str, Vec<&str>)> = Vec::new();
    for branch in &node.branches {
        ways.push((&branch.to.value, surely(&branch.condition)));
    }
    if let Some(to) = &node.to {
        ways.push((&to.value, Vec::new()));
    }
    for choice in &node.choices {
        let intent = choice
            .intent
            .as_ref()
            .and_then(|name| script.intents.iter().find(|intent| intent.name == name.value));
        if let Some(to) = choice.to.as_ref().or(intent.map(|intent| &intent.to)) {
            ways.push((&to.value, choice.set.keys().map(String::as_str).collect()));
        }
    }
    if let Some(failed) = node.call.as_ref().and_then(|call| script.actions.get(&call.value)?.failed.as_ref())
    {
        ways.push((&failed.value, Vec::new()));
    }
    ways
}

/// The slots that are filled where a condition holds.
fn surely(condition: &Condition) -> Vec<&str> {
    condition
        .0
        .iter()
        .filter_map(|clause| match clause {
            Clause::Is { slot, holds: true, .. } | Clause::Filled { slot, holds: true } => {
                Some(slot.as_str())
            }
            _ => None,
        })
        .collect()
}

/// Where the script is entered from outside the nodes.
fn roots(script: &Script) -> BTreeSet<&str> {
    let mut roots: BTreeSet<&str> = script.intents.iter().map(|intent| intent.to.value.as_str()).collect();
    roots.extend(script.human.as_ref().map(|human| human.value.as_str()));
    roots.extend(
        script
            .slots
            .values()
            .flat_map(|slot| [&slot.without, &slot.leads_to])
            .flatten()
            .map(|node| node.value.as_str()),
    );
    roots.extend(script.nodes.iter().filter(|(_, node)| node.entry).map(|(name, _)| name.as_str()));
    roots
}

fn unreachable(script: &Script, file: &str, problems: &Problems) {
    let mut open: Vec<&str> = roots(script).into_iter().collect();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    while let Some(name) = open.pop() {
        if reached.insert(name)
            && let Some(node) = script.nodes.get(name)
        {
            open.extend(ways(script, node).into_iter().map(|(to, _)| to));
        }
    }
    for (name, node) in script.nodes.iter().filter(|(name, _)| !reached.contains(name.as_str())) {
        let message = format!("node \"{name}\" is never reached");
        problems.warning(
            file,
            node.line,
            message,
            "lead to it, remove it, or write `entry = true` if advisors return conversations there",
        );
    }
}

fn unused(script: &Script, file: &str, problems: &Problems) {
    let called: BTreeSet<&str> =
        script.nodes.values().filter_map(|node| Some(node.call.as_ref()?.value.as_str())).collect();
    for (name, action) in script.actions.iter().filter(|(name, _)| !called.contains(name.as_str())) {
        problems.warning(file, action.line, format!("action \"{name}\" is never called"), "");
    }
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for node in script.nodes.values() {
        used.extend(node.needs.iter().chain(&node.takes).map(|slot| slot.value.as_str()));
        used.extend(holes(node));
        for clause in node.branches.iter().flat_map(|branch| &branch.condition.0) {
            if let Clause::Is { slot, .. } | Clause::Filled { slot, .. } = clause {
                used.insert(slot);
            }
        }
    }
    for action in script.actions.values() {
        used.extend(action.url.slots());
        used.extend(action.body.iter().flat_map(crate::request::JsonTemplate::slots));
    }
    for (name, slot) in script.slots.iter().filter(|(name, _)| !used.contains(name.as_str())) {
        // A slot that any message may fill still goes into the advisor's note.
        if slot.leads_to.is_none()
            && slot.cues.iter().all(Vec::is_empty)
            && !matches!(slot.check, Check::Email | Check::Phone)
        {
            problems.warning(file, slot.line, format!("slot \"{name}\" is never used"), "");
        }
    }
}

/// Nodes that only branch, and say nothing where no branch holds.
fn silent(script: &Script, file: &str, problems: &Problems) {
    for (name, node) in &script.nodes {
        if !node.branches.is_empty()
            && node.say.is_none()
            && node.to.is_none()
            && node.hand_over.is_none()
            && !node.close
        {
            let message = format!("node \"{name}\" says nothing where none of its branches holds");
            problems.warning(
                file,
                node.line,
                message,
                "add `say` or `to` after the branches; until then a person takes over there",
            );
        }
    }
}

fn holes(node: &Node) -> impl Iterator<Item = &str> {
    let notes = node.hand_over.iter().filter_map(|hand_over| hand_over.note.as_ref());
    node.say.iter().chain(notes).flatten().flatten().flat_map(crate::template::Template::slots)
}

/// Texts with a hole that some way to the node leaves empty: there a person would take over.
fn empty_holes(script: &Script, file: &str, problems: &Problems) {
    let roots = roots(script);
    let all: BTreeSet<&str> = script.slots.keys().map(String::as_str).collect();
    // What is filled on every way to a node: begins with everything, and loses what some way does not fill.
    let mut filled: BTreeMap<&str, BTreeSet<&str>> = script
        .nodes
        .keys()
        .map(|name| {
            (name.as_str(), if roots.contains(name.as_str()) { BTreeSet::new() } else { all.clone() })
        })
        .collect();
    let own = |node: &'_ Node, before: &BTreeSet<&str>| -> BTreeSet<String> {
        let mut after: BTreeSet<String> = before.iter().map(|slot| (*slot).to_owned()).collect();
        for slot in &node.forget {
            after.remove(&slot.value);
        }
        after.extend(node.set.keys().cloned());
        after.extend(node.needs.iter().map(|slot| slot.value.clone()));
        if let Some(action) = node.call.as_ref().and_then(|call| script.actions.get(&call.value)) {
            for (slot, _) in &action.save {
                after.remove(slot);
            }
        }
        after
    };
    let mut changed = true;
    while changed {
        changed = false;
        for (name, node) in &script.nodes {
            let after = own(node, &filled[name.as_str()]);
            for (to, more) in ways(script, node) {
                let Some(known) = filled.get_mut(to) else { continue };
                let before = known.len();
                known.retain(|slot| after.contains(*slot) || more.contains(slot));
                changed |= known.len() != before;
            }
        }
    }
    for (name, node) in &script.nodes {
        let after = own(node, &filled[name.as_str()]);
        let mut told = BTreeSet::new();
        let said = node.say.iter().flatten().flatten().flat_map(crate::template::Template::slots);
        for slot in said.filter(|slot| !matches!(*slot, "quote" | "bot") && !after.contains(*slot)) {
            if told.insert(slot) {
                let message = format!("node \"{name}\" says `{{{slot}}}`, which may be empty there");
                problems.warning(
                    file,
                    node.line,
                    message,
                    format!("add it to `needs`, or lead here only if \"{slot} is filled\""),
                );
            }
        }
        if let Some(action) = node.call.as_ref().and_then(|call| script.actions.get(&call.value)) {
            let before: BTreeSet<String> = {
                let mut before: BTreeSet<String> =
                    filled[name.as_str()].iter().map(|slot| (*slot).to_owned()).collect();
                before.extend(node.set.keys().cloned());
                before.extend(node.needs.iter().map(|slot| slot.value.clone()));
                before
            };
            for slot in action.url.slots().filter(|slot| !before.contains(*slot)) {
                let message = format!("node \"{name}\" calls with `{{{slot}}}`, which may be empty there");
                problems.warning(file, node.line, message, format!("add \"{slot}\" to its `needs`"));
            }
        }
    }
}
