//! What is kept for people is heard where it is said, and never on side words: `tests/sensitive/*.txt`.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

use bot::{Script, Understood};
use conversation::Lang;

const SENSITIVE: [&str; 5] = ["bereavement", "legal", "data_protection", "hardship", "complaint"];

/// The script and its text, to see that no sentence was learned.
fn script(name: &str) -> (Script, String) {
    let path = format!("{}/../../config/bots/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    (Script::compile(name, &text).0.unwrap(), text)
}

#[test]
fn side_words_call_no_sensitive_intent_and_its_own_words_do() {
    let scripts = ["shop", "telecom"].map(|name| (name, script(name)));
    let mut wrong: Vec<String> = Vec::new();
    for lang in ["fr", "en"] {
        let path = format!("{}/tests/sensitive/{lang}.txt", env!("CARGO_MANIFEST_DIR"));
        let lang = Lang::new(lang).unwrap();
        let (mut harmless, mut heard) = (0, 0);
        let mut section = String::new();
        for line in std::fs::read_to_string(path).unwrap().lines() {
            if line.starts_with('#') || line.is_empty() {
                continue;
            }
            if let Some(name) = line.strip_prefix('[') {
                name.trim_end_matches(']').clone_into(&mut section);
                continue;
            }
            if section == "-" {
                harmless += 1;
            } else {
                heard += 1;
            }
            for (name, (script, source)) in &scripts {
                let scores = || script.scores(line, &lang).into_iter().take(2).collect::<Vec<_>>();
                let all = match script.understand(line, &lang) {
                    Understood::Intent(one) => vec![one],
                    Understood::Several(several) => several,
                    Understood::Nothing => Vec::new(),
                };
                let called = all.iter().any(|intent| SENSITIVE.contains(intent));
                if section == "-" && called || section != "-" && all != [section.as_str()] {
                    wrong.push(format!("{name} {lang} [{section}] {line}: {all:?} {:?}", scores()));
                }
                if section == "-" && source.contains(&format!("\"{line}\"")) {
                    wrong.push(format!("{name} {lang}: \"{line}\" was learned"));
                }
            }
        }
        assert!(harmless >= 60 && heard >= 40, "{lang}: {harmless} harmless, {heard} heard");
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}
