//! Warnings about examples: those that two intents share, or that mean another than their own.

use crate::hearing::{CLOSE, SURE};
use crate::matcher::likeness;
use crate::script::Script;
use settings::Problems;
use std::collections::BTreeMap;

/// Examples of different intents that are nearly the same words. Pairs are many: beyond a few thousand examples
/// only what the matcher itself confuses is told.
pub(crate) fn alike(script: &Script, file: &str, problems: &Problems) {
    for (language, matcher) in script.matchers.iter().enumerate() {
        let lang = &script.languages[language];
        let examples = script
            .intents
            .iter()
            .enumerate()
            .flat_map(|(at, intent)| intent.examples[language].iter().map(move |example| (at, example)));
        let all: Vec<_> = examples
            .map(|(at, example)| {
                (at, example, matcher.key(&example.value), matcher.signature(&example.value))
            })
            .collect();
        if all.len() > COMPARED_EXAMPLES {
            continue;
        }
        for (later, (at, example, key, signature)) in all.iter().enumerate() {
            let twin = all[..later].iter().find(|(other, _, other_key, other_signature)| {
                other != at
                    && likeness(signature, other_signature) >= ALIKE
                    && key != other_key
                    && script.intents[*other].to.value != script.intents[*at].to.value
            });
            if let Some((other, first, ..)) = twin {
                let message = format!(
                    "\"{}\", an example of intent \"{}\", is hardly different from \"{}\", one of \"{}\" ({lang})",
                    example.value, script.intents[*at].name, first.value, script.intents[*other].name
                );
                problems.warning(
                    file,
                    example.line,
                    message,
                    "word it apart, or lead both to one node that asks",
                );
            }
        }
    }
}

/// Examples of a language up to which all pairs are compared.
const COMPARED_EXAMPLES: usize = 2_500;
/// From this likeness on two examples are one for people, too.
const ALIKE: f32 = 0.8;

/// Examples of one intent that are understood as another.
pub(crate) fn ambiguous(script: &Script, file: &str, problems: &Problems) {
    for (language, matcher) in script.matchers.iter().enumerate() {
        let lang = &script.languages[language];
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (at, intent) in script.intents.iter().enumerate() {
            for example in &intent.examples[language] {
                let key = matcher.key(&example.value);
                match seen.get(&key) {
                    Some(first) if *first != at => {
                        let other = &script.intents[*first].name;
                        let message = format!(
                            "\"{}\" is an example of intent \"{}\" and, in these or other words, of \"{other}\" ({lang})",
                            example.value, intent.name
                        );
                        problems.warning(file, example.line, message, "keep it in one of them");
                        continue;
                    }
                    Some(_) => {}
                    None => {
                        seen.insert(key, at);
                    }
                }
                // The example itself is known by heart: what counts is what its words say, since the next customer
                // will put it a little differently.
                let heard = matcher.hear_words(&example.value);
                let own = heard.iter().find(|heard| heard.intent == at).map_or(0.0, |heard| heard.score);
                let rival =
                    heard.iter().find(|heard| script.intents[heard.intent].to.value != intent.to.value);
                if let Some(rival) = rival.filter(|rival| rival.score >= SURE && rival.score > own - CLOSE) {
                    let other = &script.intents[rival.intent].name;
                    let message = format!(
                        "\"{}\", an example of intent \"{}\", is also understood as \"{other}\" ({lang})",
                        example.value, intent.name
                    );
                    problems.warning(
                        file,
                        example.line,
                        message,
                        "word it apart, or lead both to one node that asks",
                    );
                }
                let taken = script.intents.iter().enumerate().find(|(other, rival)| {
                    *other != at
                        && rival.patterns[language]
                            .iter()
                            .any(|pattern| pattern.value.is_match(&example.value))
                });
                if let Some((_, rival)) = taken {
                    let message = format!(
                        "\"{}\", an example of intent \"{}\", fits a pattern of \"{}\" ({lang})",
                        example.value, intent.name, rival.name
                    );
                    problems.warning(file, example.line, message, "make the pattern narrower");
                }
            }
        }
    }
}
