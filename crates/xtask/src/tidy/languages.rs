//! Every text that a customer or an advisor sees is there in French and in English: the pages' tables of texts have
//! the same keys in both, and so have the tables `fr` and `en` of the configuration that ships.

use super::Complaint;
use crate::tree::Tree;
use std::collections::BTreeSet;

pub fn languages(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = vec![];
    let of_pages = |path: &&String| path.contains("/texts/") && path.ends_with("/fr.ts");
    for french in tree.texts.keys().filter(of_pages) {
        let english = french.replace("/fr.ts", "/en.ts");
        if !tree.texts.contains_key(&english) {
            complaints.push(Complaint::of(french, format!("has no {english} beside it")));
            continue;
        }
        let (fr, en) = (keys(tree.text(french)), keys(tree.text(&english)));
        if fr.is_empty() {
            complaints.push(Complaint::of(french, "has no texts that could be read"));
        }
        complaints.extend(fr.difference(&en).map(|key| Complaint::of(&english, format!("lacks `{key}`"))));
        complaints.extend(en.difference(&fr).map(|key| Complaint::of(french, format!("lacks `{key}`"))));
    }
    for (path, text) in tree.texts.iter().filter(|(path, _)| path.ends_with("/texts/fr.ts")) {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| straight_apostrophe(line)) {
            complaints.push(Complaint::at(
                path,
                at + 1,
                format!("French has ’ between letters: {}", line.trim()),
            ));
        }
    }
    complaints.extend(words_of_people(tree));
    let missing = [("config/lexicon/fr.toml", "config/lexicon/en.toml")];
    for (one, other) in
        missing.iter().filter(|(one, other)| tree.texts.contains_key(*one) && tree.text(other).is_empty())
    {
        complaints.push(Complaint::of(one, format!("has no {other} beside it")));
    }
    complaints
}

/// Reasons to decline and outcomes that ship have a name in the console, or an advisor reads `wrong_skill`.
fn words_of_people(tree: &Tree) -> Vec<Complaint> {
    let texts = "crates/console/web/src/console/texts/fr.ts";
    let named = keys(tree.text(texts));
    let mut complaints = vec![];
    for (path, text) in
        tree.texts.iter().filter(|(path, _)| path.starts_with("config/") && path.ends_with(".toml"))
    {
        let lists = |line: &&str| line.starts_with("declines = ") || line.starts_with("outcomes = ");
        for word in text.lines().filter(lists).flat_map(|line| line.split('"').skip(1).step_by(2)) {
            if !named.contains(word) {
                complaints.push(Complaint::of(texts, format!("lacks `{word}`, which {path} names")));
            }
        }
    }
    complaints
}

/// The names before a colon at the beginning of a line: the keys of an object as our formatter writes it.
fn keys(text: &str) -> BTreeSet<&str> {
    text.lines()
        .filter_map(|line| line.trim_start().split_once(':'))
        .map(|(key, _)| key.trim_matches(['\'', '"']))
        .filter(|key| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-'))
        .collect()
}

/// `l'ordre` inside a text, where it should be `l’ordre`.
fn straight_apostrophe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let Some((_, said)) = code.split_once(['"', '`']) else { return false };
    let letters: Vec<char> = said.chars().collect();
    letters.windows(3).any(|three| three[0].is_alphabetic() && three[1] == '\'' && three[2].is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_the_console_cannot_name_is_found() {
        let tree = Tree::of(&[
            ("config/relais.toml", "declines = [\"busy\", \"tired\"]\n"),
            ("crates/console/web/src/console/texts/fr.ts", "  busy: \"occupé\",\n"),
            ("crates/console/web/src/console/texts/en.ts", "  busy: \"busy\",\n"),
        ]);
        let said: Vec<String> = languages(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].ends_with("lacks `tired`, which config/relais.toml names"), "{said:?}");
    }

    #[test]
    fn a_text_in_one_language_alone_is_found() {
        let french = "export const fr = {\n  send: \"Envoyer\",\n  human: \"L'humain\",\n};\n";
        let english = "export const en = {\n  send: \"Send\",\n};\n";
        let tree =
            Tree::of(&[("web/texts/fr.ts", french), ("web/texts/en.ts", english), ("b/texts/fr.ts", french)]);
        let said: Vec<String> = languages(&tree).iter().map(ToString::to_string).collect();
        assert!(said.contains(&"web/texts/en.ts: lacks `human`".to_owned()), "{said:?}");
        assert!(said.iter().any(|line| line.starts_with("b/texts/fr.ts: has no")), "{said:?}");
        assert!(said.iter().any(|line| line.starts_with("web/texts/fr.ts:3: French has")), "{said:?}");
    }
}
