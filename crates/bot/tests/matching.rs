//! Understanding, measured on phrasings that are no examples of the scripts.
//!
//! Every second phrasing was looked at while the matcher was tuned ('dev'); the others ('test') were not, and are
//! what the floors are held to.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot read its data has failed; figures are printed"
)]

use bot::{Script, Understood};
use conversation::Lang;

/// Figures of one half of one language.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    /// Phrasings that want something.
    wanted: u32,
    /// Of these, understood rightly; a question 'which of these' counts if the right one is among them.
    right: u32,
    /// Of these, taken for something else.
    wrong: u32,
    /// Of these, answered by a question.
    asked: u32,
    /// Phrasings that want nothing that the script knows.
    strange: u32,
    /// Of these, taken for something.
    taken: u32,
}

impl Figures {
    fn accuracy(self) -> f64 {
        f64::from(self.right) / f64::from(self.wanted)
    }
    fn wrong_rate(self) -> f64 {
        f64::from(self.wrong) / f64::from(self.wanted)
    }
    fn false_rate(self) -> f64 {
        f64::from(self.taken) / f64::from(self.strange)
    }
    fn add(&mut self, other: Figures) {
        self.wanted += other.wanted;
        self.right += other.right;
        self.wrong += other.wrong;
        self.asked += other.asked;
        self.strange += other.strange;
        self.taken += other.taken;
    }
}

fn script(name: &str) -> (Script, String) {
    let path = format!("{}/../../config/bots/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    (Script::compile(name, &text).0.unwrap(), text)
}

fn measure(name: &str, lang: &str) -> [Figures; 2] {
    let (script, source) = script(name);
    let path = format!("{}/tests/heldout/{name}.{lang}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let lang = Lang::new(lang).unwrap();
    let mut figures = [Figures::default(); 2];
    let mut intent = String::new();
    let mut at = 0;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut intent);
            continue;
        }
        assert!(!source.contains(&format!("\"{line}\"")), "{line} is in the script");
        at += 1;
        let half = &mut figures[at % 2];
        let understood = script.understand(line, &lang);
        let verdict = match (&understood, intent.as_str()) {
            (Understood::Nothing, "-") => "",
            (_, "-") => {
                half.taken += 1;
                "FALSE"
            }
            (Understood::Intent(found), wanted) if *found == wanted => {
                half.right += 1;
                ""
            }
            (Understood::Several(found), wanted) if found.contains(&wanted) => {
                half.right += 1;
                half.asked += 1;
                "asked"
            }
            (Understood::Nothing, _) => "not understood",
            _ => {
                half.wrong += 1;
                "WRONG"
            }
        };
        if intent == "-" {
            half.strange += 1;
        } else {
            half.wanted += 1;
        }
        if !verdict.is_empty() && (at % 2 == 0 || std::env::var_os("RELAIS_SHOW_TEST_HALF").is_some()) {
            println!(
                "  {verdict}: [{intent}] {line} → {:?}",
                script.scores(line, &lang).iter().take(3).collect::<Vec<_>>()
            );
        }
    }
    figures
}

#[test]
fn unseen_phrasings_are_understood_and_strange_ones_are_not() {
    for lang in ["fr", "en"] {
        let mut halves = [Figures::default(); 2];
        for name in ["shop", "telecom"] {
            let measured = measure(name, lang);
            for (half, figures) in halves.iter_mut().zip(measured) {
                half.add(figures);
            }
            for (half, figures) in ["dev", "test"].iter().zip(measured) {
                println!("{name} {lang} {half}: {figures:?}");
            }
        }
        for (half, figures) in ["dev", "test"].iter().zip(halves) {
            println!(
                "{lang} {half}: {} phrasings, accuracy {:.3}, wrong {:.3}, asked {}; {} strange, false matches {:.3}",
                figures.wanted,
                figures.accuracy(),
                figures.wrong_rate(),
                figures.asked,
                figures.strange,
                figures.false_rate()
            );
        }
        let test = halves[1];
        let all = halves[0].wanted + halves[1].wanted;
        assert!(all >= 150, "{all} phrasings in {lang}");
        assert!(test.accuracy() >= 0.75, "{lang}: {test:?}");
        assert!(test.wrong_rate() <= 0.05, "{lang}: {test:?}");
        assert!(test.false_rate() <= 0.12, "{lang}: {test:?}");
    }
}
