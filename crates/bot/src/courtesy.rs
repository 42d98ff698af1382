//! Courtesy: words that are polite and say nothing else, which the matcher leaves out.

use crate::words::Word;

/// Sequences of stems (folded) that are courtesy, longest first.
const COURTESY: [&[&str]; 34] = [
    &["s", "il", "vous", "plait"],
    &["s", "il", "te", "plait"],
    &["je", "vous", "remercie"],
    &["merci", "beaucoup"],
    &["merci", "bien"],
    &["merci", "d", "avance"],
    &["par", "avance"],
    &["d", "avance"],
    &["thank", "you", "very", "much"],
    &["thank", "you", "so", "much"],
    &["thanks", "in", "advance"],
    &["thank", "you"],
    &["good", "morning"],
    &["good", "afternoon"],
    &["good", "evening"],
    &["excusez", "moi"],
    &["excuse", "me"],
    &["hi", "there"],
    &["bonjour"],
    &["bonsoir"],
    &["salut"],
    &["coucou"],
    &["cordialement"],
    &["madame"],
    &["monsieur"],
    &["merci"],
    &["hello"],
    &["hi"],
    &["hey"],
    &["please"],
    &["thanks"],
    &["regards"],
    &["sir"],
    &["madam"],
];

/// The words of a text without courtesy.
pub(crate) fn without_courtesy(all: &[Word]) -> Vec<Word> {
    let mut rest = Vec::with_capacity(all.len());
    let mut at = 0;
    while at < all.len() {
        let courtesy = COURTESY.iter().find(|phrase| {
            all.len() - at >= phrase.len()
                && phrase.iter().zip(&all[at..]).all(|(word, said)| *word == said.plain)
        });
        match courtesy {
            Some(phrase) => at += phrase.len(),
            None => {
                rest.push(all[at].clone());
                at += 1;
            }
        }
    }
    rest
}
