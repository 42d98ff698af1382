//! Payment cards' numbers in what people write: hidden before anything is kept, shown or learned from, all but the
//! last four digits (PCI DSS 4.0, requirement 3.4.1).

use std::borrow::Cow;
use wire::{AdvisorFrame, CustomerFrame};

/// Digits of a card's number, by ISO/IEC 7812 and the brands' own ranges.
const LENGTHS: std::ops::RangeInclusive<usize> = 14..=19;
/// What stands for a hidden digit: one character for one, so that places in the text stay true.
const HIDDEN: char = '•';
/// How many digits stay, so that people can still tell one card from another.
const SHOWN: usize = 4;

/// Hides the numbers of cards in what a customer writes.
pub(crate) fn hide_from_customer(frame: &mut CustomerFrame) {
    match frame {
        CustomerFrame::Message(message) => mask(&mut message.text),
        CustomerFrame::LeaveMessage(left) => {
            mask(&mut left.address);
            left.text.iter_mut().for_each(mask);
        }
        CustomerFrame::Callback(asked) => {
            mask(&mut asked.number);
            asked.text.iter_mut().for_each(mask);
        }
        CustomerFrame::Survey(answer) => answer.comment.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Hides the numbers of cards in what an advisor writes, to the customer or to colleagues.
pub(crate) fn hide_from_advisor(frame: &mut AdvisorFrame) {
    match frame {
        AdvisorFrame::Say(said) => mask(&mut said.text),
        AdvisorFrame::WriteNote(note) => mask(&mut note.text),
        AdvisorFrame::Decline(decline) => decline.note.iter_mut().for_each(mask),
        AdvisorFrame::Transfer(transfer) => transfer.note.iter_mut().for_each(mask),
        AdvisorFrame::GiveFeedback(feedback) => feedback.note.iter_mut().for_each(mask),
        AdvisorFrame::SetPolicy(policy) => mask(&mut policy.reason),
        _ => {}
    }
}

/// Hides every card's number in a text; its length in characters stays.
fn mask(text: &mut String) {
    if text.chars().filter(|c| digit(*c).is_some()).count() < *LENGTHS.start() {
        return;
    }
    let mut chars: Vec<char> = text.chars().collect();
    let mut changed = false;
    let mut from = 0;
    while from < chars.len() {
        let places = number(&chars, from);
        let Some(first) = places.first() else {
            from += 1;
            continue;
        };
        let starts = *first == 0 || digit(chars[first - 1]).is_none();
        let card = LENGTHS.rev().find(|length| starts && is_card(&chars, &places, *length));
        match card {
            Some(length) => {
                places[..length - SHOWN].iter().for_each(|at| chars[*at] = HIDDEN);
                changed = true;
                from = places[length - 1] + 1;
            }
            None => from = first + 1,
        }
    }
    if changed {
        *text = chars.into_iter().collect();
    }
}

/// A digit, also of the full width that some keyboards write.
fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        _ => None,
    }
}

/// The places of the digits of the number that begins at a place, at most as many as a card has, and one more; a single
/// space, line's end, dash, dot or slash may stand between them.
fn number(chars: &[char], from: usize) -> Vec<usize> {
    let mut places = Vec::new();
    let mut apart = 1;
    for (at, c) in chars.iter().enumerate().skip(from) {
        match c {
            c if digit(*c).is_some() => {
                places.push(at);
                apart = 0;
            }
            ' ' | '\n' | '-' | '.' | '/' | '\u{a0}' | '\u{202f}' | '\u{3000}' if apart == 0 => apart = 1,
            _ => break,
        }
        if places.len() > *LENGTHS.end() {
            break;
        }
    }
    places
}

/// Whether the first digits of a number are a card's, of so many digits.
fn is_card(chars: &[char], places: &[usize], length: usize) -> bool {
    let Some(own) = places.get(..length) else { return false };
    // The digits that follow without a space would be of the same number.
    if places.get(length).is_some_and(|next| *next == own[length - 1] + 1) {
        return false;
    }
    let digits: Vec<u32> = own.iter().filter_map(|at| digit(chars[*at])).collect();
    branded(&digits) && luhn(&digits)
}

/// The words with one mark for each hidden number: what is left of a card's digits is no order's number.
pub(crate) fn without_rest(text: &str) -> Cow<'_, str> {
    if !text.contains(HIDDEN) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut hidden = false;
    for c in text.chars() {
        let number = c == HIDDEN || hidden && !c.is_alphabetic() && c != ',' && c != ';';
        match (hidden, number) {
            (_, false) => kept.push(c),
            (false, true) => kept.push(HIDDEN),
            (true, true) => {}
        }
        hidden = number;
    }
    Cow::Owned(kept)
}

/// The ranges of Visa, Mastercard, American Express, Diners, Discover, JCB and UnionPay with their lengths: other
/// numbers of an order or a parcel that happen to pass the check digit stay as they are.
fn branded(digits: &[u32]) -> bool {
    let first = |count: usize| digits[..count].iter().fold(0, |number, digit| number * 10 + digit);
    match digits.len() {
        14 => matches!(first(2), 36 | 38 | 39) || matches!(first(3), 300..=305),
        15 => matches!(first(2), 34 | 37),
        16 => {
            first(1) == 4
                || matches!(first(2), 51..=55 | 62 | 65)
                || matches!(first(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(first(3), 644..=649)
        }
        17 | 18 => first(2) == 62,
        19 => first(1) == 4 || first(2) == 62,
        _ => false,
    }
}

/// The check digit of ISO/IEC 7812-1, annex B.
fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match digit * 2 {
            _ if place % 2 == 0 => *digit,
            double if double > 9 => double - 9,
            double => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::{mask, without_rest};

    #[test]
    fn a_cards_number_keeps_its_last_digits_and_its_place() {
        for (written, kept) in [
            ("ma carte 4111 1111 1111 1111, merci", "ma carte •••• •••• •••• 1111, merci"),
            ("4111111111111111", "••••••••••••1111"),
            ("it is 5555-5555-5555-4444 12/27 cvc 123", "it is ••••-••••-••••-4444 12/27 cvc 123"),
            ("Amex 3782 822463 10005 !", "Amex •••• •••••• •0005 !"),
            ("4111 1111 1111 1111 12 27", "•••• •••• •••• 1111 12 27"),
            ("là 4111\u{a0}1111\u{a0}1111\u{a0}1111 là", "là ••••\u{a0}••••\u{a0}••••\u{a0}1111 là"),
            ("deux : 4111111111111111 et 378282246310005", "deux : ••••••••••••1111 et •••••••••••0005"),
            ("commande 45 4111111111111111", "commande 45 ••••••••••••1111"),
            ("4111/1111/1111/1111", "••••/••••/••••/1111"),
            ("4111\n1111 1111\n1111", "••••\n•••• ••••\n1111"),
            ("４１１１ １１１１ １１１１ １１１１", "•••• •••• •••• １１１１"),
        ] {
            let mut text = written.to_owned();
            mask(&mut text);
            assert_eq!(text, kept);
            assert_eq!(text.chars().count(), written.chars().count());
        }
    }

    #[test]
    fn nothing_is_left_of_it_for_the_bot() {
        for (kept, heard) in [
            ("ma carte •••• •••• •••• 1111, commande 4521", "ma carte •, commande 4521"),
            ("••••-••••-••••-1111 12/27 pour 4521", "•pour 4521"),
            ("commande 4521", "commande 4521"),
        ] {
            assert_eq!(without_rest(kept), heard);
        }
    }

    #[test]
    fn other_numbers_stay() {
        for written in [
            "commande 4521",
            "4111 1111 1111 1112",
            "06 12 34 56 78 ou 01 23 45 67 89",
            "FR76 3000 6000 0112 3456 7890 189",
            "colis 41111111111111110000",
            "EAN 4006381333931",
            "IMEI 490154203237518",
            "1Z 999 AA1 01 2345 6784",
            "4111  1111 1111 1111",
            "",
        ] {
            let mut text = written.to_owned();
            mask(&mut text);
            assert_eq!(text, written);
        }
    }
}
