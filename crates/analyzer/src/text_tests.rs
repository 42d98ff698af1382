//! How a message is cut up.

use super::*;

fn forms(message: &str) -> Vec<String> {
    let text = read(message);
    text.tokens.iter().map(|t| text.form(t).to_owned()).collect()
}

#[test]
fn elisions_are_two_words_and_contractions_are_one() {
    assert_eq!(forms("C'est l'été, don't I’ll"), ["c", "est", "l", "ete", ",", "dont", "ill"]);
}

#[test]
fn lengthening_marks_and_numbers_are_folded() {
    assert_eq!(forms("Nooooon !!! 3e fois, CMD 4521"), ["non", "!!!", "3e", "fois", ",", "cmd", "##"]);
    assert_eq!(forms("? ! ok..."), ["?!", "ok", "..."]);
}

#[test]
fn links_addresses_handles_and_placeholders_are_no_words() {
    assert_eq!(forms("@Free http://x.fr/a?b a.b@c.fr #EMAIL# #fail"), ["@x", "://x", "://x", "#x#", "fail"]);
}

#[test]
fn spans_are_scalar_values_and_quotes_are_known() {
    let text = read("é 😡 «nul» ok");
    let spans: Vec<_> = text.tokens.iter().map(|t| (t.start, t.end, t.quoted)).collect();
    assert_eq!(spans, [(0, 1, false), (2, 3, false), (5, 8, true), (10, 12, false)]);
}

#[test]
fn eight_letters_at_a_time_are_as_one_by_one() {
    let signs = b"aabbzz`{A' 1\x00\xe9";
    let one_by_one = |eight: [u8; 8]| {
        let alike = |at: usize| eight[at..].first_chunk().is_some_and(|[a, b, c]| a == b && b == c);
        (0..8).take_while(|at| eight[*at].is_ascii_lowercase() && !alike(*at)).count()
    };
    let mut lengths = [0; 9];
    for n in 0..200_000 {
        let eight = std::array::from_fn(|at| {
            // Mostly letters, so that long runs come up, too.
            let chance = hash::pair(n, at as u64);
            let among = if chance >> 32 & 7 > 0 { 6 } else { signs.len() as u64 };
            signs[(chance % among) as usize]
        });
        assert_eq!(usual(eight), one_by_one(eight), "{eight:?}");
        lengths[usual(eight)] += 1;
    }
    assert!(lengths.iter().all(|times| *times > 1_000), "{lengths:?}");
}

#[test]
fn long_words_doubled_and_drawn_out_letters_are_folded_wherever_they_stand() {
    for (message, expected) in [
        ("unacceptable reimbursement", vec!["unacceptable", "reimbursement"]),
        ("aggressssive balloon", vec!["aggresive", "balloon"]),
        ("abcdefgghijkl abcdefgggh HELLO", vec!["abcdefgghijkl", "abcdefgh", "hello"]),
        ("ooo aooo", vec!["o", "ao"]),
        ("ддд ъ", vec!["д", "ъ"]),
        ("éléphant réélu", vec!["elephant", "reelu"]),
    ] {
        assert_eq!(forms(message), expected, "{message}");
    }
    let long = "ab".repeat(100);
    assert_eq!(forms(&long), [&long[..WORD_BYTES]]);
}

#[test]
fn emoticons_are_heard() {
    assert_eq!(forms("ok :) :-( ;) 12:30 <3"), ["ok", ":)", ":(", ";)", "##", ":)"]);
}
