//! Spaces that must not break, where French wants them, so that scripts may be written with plain ones.

use conversation::Lang;

/// Before and after: narrow before `; ! ?`, wide before `:` and inside « », and between a number and its unit.
const FRENCH: [(&str, &str); 9] = [
    (" ?", "\u{202f}?"),
    (" !", "\u{202f}!"),
    (" ;", "\u{202f};"),
    (" :", "\u{a0}:"),
    ("« ", "«\u{a0}"),
    (" »", "\u{a0}»"),
    (" €", "\u{a0}€"),
    (" %", "\u{a0}%"),
    ("...", "…"),
];

/// The text as the language's printers set it.
pub(crate) fn set(lang: &Lang, text: &str) -> String {
    if lang.as_str() != "fr" {
        return text.to_owned();
    }
    FRENCH.iter().fold(text.to_owned(), |text, (plain, set)| text.replace(plain, set))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_has_its_spaces_and_other_languages_stay_as_they_are() {
        let fr = Lang::new("fr").unwrap();
        assert_eq!(set(&fr, "« Oui » : 5 € ?"), "«\u{a0}Oui\u{a0}»\u{a0}: 5\u{a0}€\u{202f}?");
        assert_eq!(set(&Lang::new("en").unwrap(), "Yes : 5 € ?"), "Yes : 5 € ?");
    }
}
