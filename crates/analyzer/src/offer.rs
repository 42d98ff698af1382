//! What a bot's reply offers: people, alone or among other things. A customer's short answer (`the second`, `the call
//! please`, `yes`, `4`) says whom they want only in its light.

use crate::lexicon::Lexicon;
use crate::pattern::{Item, Near};
use crate::text::TokenKind;
use serde::{Deserialize, Serialize};

/// Stems that are remembered of either side of a choice.
const STEMS: usize = 8;
/// Things with a number or a letter of their own that are remembered.
const MARKS: usize = 8;
/// Words of an answer that chooses by a number or a letter (`number 2 please`).
const CHOICE: usize = 3;

/// Whether people are offered. The numbers are part of every model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// No word of it.
    #[default]
    None = 0,
    /// They are offered.
    Named = 1,
    /// They are offered, and something is asked.
    Asked = 2,
    /// They were offered before the last turn, which took up something else.
    Earlier = 3,
}

/// Where people stand among what may be chosen. The numbers are part of every model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// There is no choice.
    #[default]
    Only = 0,
    /// Before an `or`.
    First = 1,
    /// After it.
    Last = 2,
}

/// What the bot's last reply offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub kind: Kind,
    pub place: Place,
    /// Stems of what is said with the people, 0 where there are no more.
    people: [u32; STEMS],
    /// Stems of the rest.
    rest: [u32; STEMS],
    /// The numbers or letters of the things to choose from, 0 where there are no more.
    #[serde(default)]
    marks: [u32; MARKS],
    /// Which of them stand for people, a bit each.
    #[serde(default)]
    marked: u8,
}

/// Which side of a choice a word of the answer takes up. The numbers are part of every model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    People = 0,
    Rest = 1,
    /// People, by the number or letter that they stand under.
    MarkedPeople = 2,
    /// Something else, by its number or letter.
    MarkedRest = 3,
}

fn short(item: &Item<'_>) -> u32 {
    (item.stem as u32) | 1
}

/// Whether something is asked.
pub(crate) fn asks(items: &[Item<'_>]) -> bool {
    items.iter().any(|item| item.form.starts_with('?'))
}

/// Whether a word stands for people or for a way to reach them.
fn names(item: &Item<'_>) -> bool {
    matches!(item.near, Near::People | Near::Reach)
}

/// Whether a word stands between what may be chosen.
fn either(item: &Item<'_>, lexicon: &Lexicon) -> bool {
    lexicon.either.contains_key(&item.hash)
}

impl Offer {
    /// What a bot's reply offers.
    pub fn of(items: &[Item<'_>], lexicon: &Lexicon) -> Offer {
        if !items.iter().any(names) {
            return Offer::default();
        }
        let mut offer =
            Offer { kind: if asks(items) { Kind::Asked } else { Kind::Named }, ..Offer::default() };
        for (at, (place, thing)) in listed(items, lexicon).into_iter().enumerate() {
            offer.marks[at] = short(&items[place]);
            offer.marked |= u8::from(thing.iter().any(names)) << at;
        }
        let either = |item: &Item<'_>| either(item, lexicon);
        let word =
            |item: &Item<'_>| matches!(item.kind, TokenKind::Word | TokenKind::Number) && !either(item);
        let said =
            |item: &&Item<'_>| word(item) && item.form.len() > 1 && !lexicon.common.contains_key(&item.hash);
        let people = |part: &[Item<'_>]| part.iter().any(names);
        // Each part with whether an `or` stands before it.
        let (mut parts, mut or): (Vec<(bool, &[Item<'_>])>, bool) = (Vec::new(), false);
        for part in items.split_inclusive(|item| item.stops || either(item)) {
            if part.iter().any(|item| said(&item)) {
                parts.push((or, part));
            }
            // `Otherwise` may stand in a part of its own.
            or = part.last().is_some_and(either) || (or && !part.iter().any(word));
        }
        // What was said last is answered first.
        for (at, (or, part)) in parts.iter().enumerate().rev().filter(|(_, (_, part))| people(part)) {
            fill(&mut offer.people, part.iter().filter(said).map(short));
            let next = parts.get(at + 1).filter(|(or, _)| *or).map(|(_, next)| *next);
            let before = at.checked_sub(1).filter(|_| *or).map(|before| parts[before].1);
            for (place, other) in [(Place::Last, before), (Place::First, next)] {
                if let Some(other) = other.filter(|other| !people(other)) {
                    fill(&mut offer.rest, other.iter().filter(said).map(short));
                    offer.place = if offer.place == Place::Only { place } else { offer.place };
                }
            }
        }
        if offer.place == Place::Only {
            // `An adviser is free. Shall I?`
            for (_, part) in parts.iter().rev().filter(|(_, part)| !people(part) && asks(part)) {
                fill(&mut offer.people, part.iter().filter(said).map(short));
            }
        }
        let of_people = offer.people;
        offer.rest.iter_mut().filter(|stem| of_people.contains(stem)).for_each(|stem| *stem = 0);
        offer
    }

    /// The same offer, a turn later.
    pub fn earlier(self) -> Offer {
        match self.kind {
            Kind::Named | Kind::Asked => Offer { kind: Kind::Earlier, ..self },
            Kind::None | Kind::Earlier => Offer::default(),
        }
    }

    /// The side that a word of the answer takes up; a number or a letter only where it is said to choose.
    pub fn side(&self, items: &[Item<'_>], at: usize) -> Option<Side> {
        let stem = short(&items[at]);
        if (items[at].kind == TokenKind::Number || items[at].form.len() == 1)
            && let Some(place) = self.marks.iter().position(|mark| *mark == stem)
            && chooses(items, at)
        {
            return Some(if self.marked >> place & 1 == 1 { Side::MarkedPeople } else { Side::MarkedRest });
        }
        match (self.people.contains(&stem), self.rest.contains(&stem)) {
            (true, _) => Some(Side::People),
            (_, true) => Some(Side::Rest),
            _ => None,
        }
    }

    /// What is said with the people.
    pub fn stems(&self) -> impl Iterator<Item = u32> {
        self.people.into_iter().take_while(|stem| *stem != 0)
    }
}

/// The places of the numbers by which a reply lists things.
fn numbers(items: &[Item<'_>]) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::new();
    for (at, item) in items.iter().enumerate().filter(|(_, item)| item.kind == TokenKind::Number) {
        // The next number, or, behind others, the old key to a person.
        let next = item.form.parse() == Ok(places.len() + 1);
        if places.len() < MARKS && (next || (!places.is_empty() && item.form == "0")) {
            places.push(at);
        }
    }
    places
}

/// The same of letters. `a` is a word, too: only one that `b` follows counts, and of several the last.
fn letters(items: &[Item<'_>]) -> Vec<usize> {
    let is = |at: usize, letter: usize| items[at].form.bytes().eq([b'a' + letter as u8]);
    let Some(second) = (0..items.len()).find(|at| is(*at, 1)) else { return Vec::new() };
    let Some(first) = (0..second).rfind(|at| is(*at, 0)) else { return Vec::new() };
    let mut places = vec![first, second];
    for at in second + 1..items.len() {
        if places.len() < MARKS && is(at, places.len()) {
            places.push(at);
        }
    }
    places
}

/// The things that a reply lists by numbers or letters, each with the place of its own: `1 this, 2 that`, or `for this
/// press 1, for that press 2`. None where a number names nothing (`1 or 2 days`).
fn listed<'i, 't>(items: &'i [Item<'t>], lexicon: &Lexicon) -> Vec<(usize, &'i [Item<'t>])> {
    let mut places = numbers(items);
    if places.len() < 2 {
        places = letters(items);
    }
    let Some(second) = places.get(1).and(places.first()).and_then(|first| items.get(first + 1)) else {
        return Vec::new();
    };
    let word = |item: &Item<'_>| item.kind == TokenKind::Word;
    let after = |at: usize| {
        let things = &items[places[at] + 1..places.get(at + 1).copied().unwrap_or(items.len())];
        let begun = things.iter().position(word).unwrap_or_default();
        let end = things[begun..].iter().position(|item| item.stops).map_or(things.len(), |end| begun + end);
        &things[..end]
    };
    let before = |at: usize| {
        let things = &items[at.checked_sub(1).map_or(0, |before| places[before] + 1)..places[at]];
        &things[things.iter().rposition(|item| item.stops).unwrap_or_default()..]
    };
    let named =
        |item: &Item<'_>| word(item) && !lexicon.common.contains_key(&item.hash) && !either(item, lexicon);
    let mut orders = [
        (0..places.len()).map(|at| (places[at], after(at))).collect::<Vec<_>>(),
        (0..places.len()).map(|at| (places[at], before(at))).collect(),
    ];
    if second.form == "," || either(second, lexicon) {
        // `… press 1, for …`
        orders.reverse();
    }
    let all_named =
        |things: &Vec<(usize, &[Item<'_>])>| things.iter().all(|(_, thing)| thing.iter().any(named));
    orders.into_iter().find(all_named).unwrap_or_default()
}

/// Whether a number or letter of an answer stands by itself or is all but the whole answer.
fn chooses(answer: &[Item<'_>], at: usize) -> bool {
    let words = |item: &&Item<'_>| matches!(item.kind, TokenKind::Word | TokenKind::Number);
    let alone = at == 0 && answer.get(1).is_none_or(|next| next.comma || next.stops);
    alone || answer.iter().filter(words).nth(CHOICE).is_none()
}

/// Puts stems where nothing is yet, each once.
fn fill(slots: &mut [u32; STEMS], stems: impl Iterator<Item = u32>) {
    for stem in stems {
        if slots.contains(&stem) {
            continue;
        }
        let Some(slot) = slots.iter_mut().find(|slot| **slot == 0) else { return };
        *slot = stem;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{embedded, reading, text};

    /// Where people stand in a reply, and the side that the words of an answer take up.
    fn answered(lang: &str, reply: &str, answer: &str) -> (Kind, Place, Vec<Side>) {
        let file = format!("{lang}.toml");
        let (_, source) = embedded::LEXICONS.iter().find(|(name, _)| *name == file).expect("a lexicon");
        let lexicon = Lexicon::parse(&file, source).expect("an embedded lexicon");
        let (reply, answer) = (text::read(reply), text::read(answer));
        let offer = Offer::of(&reading::items(&reply, &lexicon, None), &lexicon);
        let answer = reading::items(&answer, &lexicon, None);
        let sides = (0..answer.len()).filter_map(|at| offer.side(&answer, at)).collect();
        (offer.kind, offer.place, sides)
    }

    #[test]
    fn a_choice_has_two_sides_and_an_answer_takes_one_up() {
        use {Kind::*, Place::*, Side::*};
        for (lang, reply, answer, expected) in [
            (
                "en",
                "Shall I refund it, or would you like the debt team?",
                "debt team pls",
                (Asked, Last, vec![People, People]),
            ),
            (
                "en",
                "Shall I refund it, or would you like the debt team?",
                "refund it",
                (Asked, Last, vec![Rest]),
            ),
            (
                "en",
                "Would you like a call from our broker, or the brochure?",
                "the brochure",
                (Asked, First, vec![Rest]),
            ),
            (
                "en",
                "I can rerun it. Otherwise Pauline, our adviser, is in. Shall I get her?",
                "get Pauline",
                (Asked, Last, vec![People]),
            ),
            (
                "en",
                "I can rerun it. Otherwise Pauline, our adviser, is in. Shall I get her?",
                "rerun it",
                (Asked, Last, vec![Rest]),
            ),
            ("en", "A refund, or not? An adviser is free.", "an adviser", (Asked, Only, vec![People])),
            ("en", "An adviser is free. Should I book it?", "book it", (Asked, Only, vec![People])),
            ("en", "Your parcel left this morning.", "ok", (None, Only, vec![])),
            ("en", "Press 1 for refills, 2 for an agent.", "2", (Named, Only, vec![MarkedPeople])),
            ("en", "Press 1 for refills, 2 for an agent.", "1 please", (Named, Only, vec![MarkedRest])),
            ("en", "For refills press 1, for an agent press 2.", "2", (Named, Only, vec![MarkedPeople])),
            ("en", "For refills press 1, for an agent press 2.", "number 1", (Named, Only, vec![MarkedRest])),
            (
                "en",
                "For refills press 1, for an agent press 2. Have a good day.",
                "2, thanks a lot",
                (Named, Only, vec![MarkedPeople]),
            ),
            ("en", "Choose 1: refund, 2: agent", "2", (Named, Only, vec![MarkedPeople])),
            ("en", "1 billing, 2 faults, 0 for an operator", "0", (Named, Only, vec![MarkedPeople])),
            ("en", "1. Orders 2. Returns. An agent is free, too.", "2", (Named, Only, vec![MarkedRest])),
            ("en", "A) refund a parcel, B) agent", "b", (Named, Only, vec![MarkedPeople])),
            ("en", "A) refund a parcel, B) agent", "A. it broke", (Named, Only, vec![MarkedRest])),
            (
                "en",
                "Is it a fridge, a) yours b) ours? Or c, an agent?",
                "c please",
                (Asked, Last, vec![MarkedPeople]),
            ),
            ("en", "A refund takes a day. An agent is here.", "a refund", (Named, Only, vec![])),
            ("en", "1 refund 2 agent", "I ordered 2 of the shirts", (Named, Only, vec![])),
            ("en", "An agent will call in 1 or 2 hours.", "2 is fine", (Named, First, vec![])),
            (
                "fr",
                "Je relance l'installation ou je vous confie à un technicien ?",
                "confiez",
                (Asked, Last, vec![People]),
            ),
            ("fr", "Un agent est disponible. Je vous le passe ?", "oui passez", (Asked, Only, vec![People])),
            (
                "fr",
                "Un conseiller peut vous rappeler, sinon voici la brochure.",
                "la brochure",
                (Named, First, vec![Rest]),
            ),
        ] {
            assert_eq!(answered(lang, reply, answer), expected, "{reply} – {answer}");
        }
    }
}
