//! Yes and no, as people say them: « oui merci », "yes please", « non, pas du tout ».

use crate::words::fold;
use conversation::Lang;

/// What a short answer says to the bot's question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assent {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// One language's ways, folded.
struct Ways {
    yes: &'static [&'static str],
    no: &'static [&'static str],
    /// What may stand beside them and says neither.
    beside: &'static [&'static str],
}

const FR: Ways = Ways {
    yes: &[
        "oui",
        "ouais",
        "ouep",
        "yes",
        "ok",
        "okay",
        "d accord",
        "dac",
        "volontiers",
        "exact",
        "exactement",
        "c est exact",
        "c est ca",
        "c est bien ca",
        "c est cela",
        "c est bien cela",
        "tout a fait",
        "bien sur",
        "bien sur que oui",
        "avec plaisir",
        "parfait",
        "absolument",
        "carrement",
        "je veux bien",
        "je le veux bien",
        "ca marche",
        "allez y",
        "en effet",
    ],
    no: &[
        "non",
        "nan",
        "no",
        "nope",
        "pas du tout",
        "pas vraiment",
        "pas encore",
        "toujours pas",
        "jamais",
        "surtout pas",
        "bien sur que non",
        "pas la peine",
        "ce n est pas la peine",
        "ce n est pas ca",
        "c est pas ca",
        "ce n est pas cela",
    ],
    beside: &[
        "merci",
        "merci beaucoup",
        "merci bien",
        "merci d avance",
        "svp",
        "stp",
        "s il vous plait",
        "s il te plait",
        "alors",
        "mais",
        "ben",
        "bah",
        "euh",
        "desole",
        "desolee",
        "madame",
        "monsieur",
    ],
};

const EN: Ways = Ways {
    yes: &[
        "yes",
        "yeah",
        "yep",
        "yup",
        "ok",
        "okay",
        "sure",
        "go ahead",
        "please do",
        "correct",
        "exactly",
        "that s it",
        "that is it",
        "thats it",
        "that s right",
        "that is right",
        "thats right",
        "it is",
        "it does",
        "i do",
        "i would",
        "of course",
        "right",
        "absolutely",
        "definitely",
        "indeed",
    ],
    no: &[
        "no",
        "nope",
        "nah",
        "not at all",
        "not really",
        "not yet",
        "never",
        "of course not",
        "no need",
        "it is not",
        "it s not",
        "it isnt",
        "that s not it",
        "that is not it",
        "thats not it",
    ],
    beside: &[
        "thanks",
        "thanks a lot",
        "thank you",
        "thank you very much",
        "please",
        "pls",
        "plz",
        "cheers",
        "well",
        "oh",
        "um",
        "sorry",
        "sir",
        "madam",
    ],
};

fn ways(lang: &Lang) -> Option<&'static Ways> {
    match lang.as_str() {
        "fr" => Some(&FR),
        "en" => Some(&EN),
        _ => None,
    }
}

/// Whether a text (folded, one space between words) says yes or no, and nothing else beside courtesy.
pub(crate) fn assent(lang: &Lang, said: &str) -> Option<Assent> {
    let ways = ways(lang)?;
    let mut rest = said.trim();
    let mut found = None;
    while !rest.is_empty() {
        let of = |phrases: &'static [&'static str], means: Option<Assent>| {
            let fits = phrases.iter().filter(|phrase| begins_with(rest, phrase));
            fits.map(|phrase| phrase.len()).max().map(|length| (length, means))
        };
        let all = [of(ways.yes, Some(Assent::Yes)), of(ways.no, Some(Assent::No)), of(ways.beside, None)];
        let (length, means) = all.into_iter().flatten().max_by_key(|(length, _)| *length)?;
        match (found, means) {
            // "Yes … no": neither.
            (Some(before), Some(now)) if before != now => return None,
            (None, Some(_)) => found = means,
            _ => {}
        }
        rest = rest[length..].trim_start();
    }
    found
}

/// What a proposed answer says, as written: "Yes, please send it". "No service" is no no.
pub(crate) fn label_says(lang: &Lang, label: &str) -> Option<Assent> {
    let first = label.split([',', '.', '!', ';', ':']).next().unwrap_or_default();
    match (lang.as_str(), fold(first).trim()) {
        ("fr", "oui") | ("en", "yes") => Some(Assent::Yes),
        ("fr", "non") | ("en", "no") => Some(Assent::No),
        _ => None,
    }
}

/// Whether a text begins with these words, whole.
fn begins_with(text: &str, words: &str) -> bool {
    text.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lang: &str, text: &str) -> Option<Assent> {
        let said = fold(text).split_whitespace().collect::<Vec<_>>().join(" ");
        assent(&Lang::new(lang).unwrap(), &said)
    }

    #[test]
    fn yes_and_no_may_be_polite() {
        for (lang, text) in [
            ("fr", "oui merci"),
            ("fr", "Oui, c’est ça !"),
            ("fr", "oui oui, tout à fait, merci beaucoup"),
            ("fr", "je veux bien, s’il vous plaît"),
            ("en", "yes please"),
            ("en", "Yes, that's right, thank you"),
            ("en", "sure, go ahead"),
        ] {
            assert_eq!(of(lang, text), Some(Assent::Yes), "{text}");
        }
        for (lang, text) in [
            ("fr", "non merci"),
            ("fr", "Non, ce n’est pas ça, désolé"),
            ("fr", "bien sûr que non"),
            ("en", "no thanks"),
            ("en", "no, it isn't"),
            ("en", "of course not"),
        ] {
            assert_eq!(of(lang, text), Some(Assent::No), "{text}");
        }
        for (lang, text) in [
            ("fr", "merci"),
            ("fr", "oui mais non"),
            ("fr", "oui pour la facture"),
            ("fr", "nonante"),
            ("fr", ""),
            ("en", "no worries"),
            ("en", "it is back"),
            ("en", "please"),
            ("de", "ja"),
        ] {
            assert_eq!(of(lang, text), None, "{text}");
        }
        let (fr, en) = (Lang::new("fr").unwrap(), Lang::new("en").unwrap());
        assert_eq!(label_says(&fr, "Oui, c’est revenu"), Some(Assent::Yes));
        assert_eq!(label_says(&fr, "Non"), Some(Assent::No));
        assert_eq!(label_says(&en, "No service"), None);
    }
}
