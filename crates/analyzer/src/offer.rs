//! What a bot's reply offers: people, alone or among other things. A customer's short answer (`the second`, `the call
//! please`, `yes`, `4`) says whom they want only in its light.

use crate::lexicon::Lexicon;
use crate::pattern::{Item, Near};
use crate::text::TokenKind;
use serde::{Deserialize, Serialize};

/// Stems that are remembered of either side of a choice.
const STEMS: usize = 8;
/// Numbered or lettered things that are remembered.
const MARKS: usize = 6;

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
    /// People, by the number or the letter that they stand under.
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

impl Offer {
    /// What a bot's reply offers.
    pub fn of(items: &[Item<'_>], lexicon: &Lexicon) -> Offer {
        let names = |item: &Item<'_>| matches!(item.near, Near::People | Near::Reach);
        if !items.iter().any(names) {
            return Offer::default();
        }
        let mut offer =
            Offer { kind: if asks(items) { Kind::Asked } else { Kind::Named }, ..Offer::default() };
        offer.number(items, names);
        let either = |item: &Item<'_>| lexicon.either.contains_key(&item.hash);
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

    /// Notes what numbered or lettered things are on offer (`1 … 2 …`, `a) … b) …`), and which of them are people.
    fn number(&mut self, items: &[Item<'_>], names: impl Fn(&Item<'_>) -> bool + Copy) {
        const NUMBERS: [&str; MARKS] = ["1", "2", "3", "4", "5", "6"];
        const LETTERS: [&str; MARKS] = ["a", "b", "c", "d", "e", "f"];
        for marks in [NUMBERS, LETTERS] {
            let mut from = 0;
            let places: Vec<usize> = marks
                .iter()
                .map_while(|mark| {
                    from += items.get(from..)?.iter().position(|item| item.form == *mark)? + 1;
                    Some(from)
                })
                .collect();
            if places.len() < 2 {
                continue;
            }
            for (at, place) in places.iter().enumerate() {
                let end = places.get(at + 1).copied().unwrap_or(items.len());
                self.marks[at] = short(&items[place - 1]);
                self.marked |= u8::from(items[*place..end].iter().any(names)) << at;
            }
            return;
        }
    }

    /// The side that a word of the answer takes up; only among the `first` ones may be a number or a letter of the list.
    pub fn side(&self, item: &Item<'_>, first: bool) -> Option<Side> {
        let stem = short(item);
        if first && let Some(at) = self.marks.iter().position(|mark| *mark == stem) {
            return Some(if self.marked >> at & 1 == 1 { Side::MarkedPeople } else { Side::MarkedRest });
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
        let sides = reading::items(&answer, &lexicon, None)
            .iter()
            .filter_map(|item| offer.side(item, true))
            .collect();
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
            ("en", "Choose: a) billing b) agent", "b", (Named, Only, vec![MarkedPeople])),
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
