//! What the shipped configuration says in comments is true: with every commented setting in force, nothing is wrong with it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::{configuration, relais, shipped};
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

/// The setting in a commented line: a table, a key with its value, or an entry of a list. `None` for prose.
fn setting(line: &str) -> Option<&str> {
    let inside = line.strip_prefix('#')?;
    let said = inside.trim_start();
    let key = said.split_once(" = ").is_some_and(|(key, _)| {
        !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
    });
    (said.starts_with('[') || said.starts_with("{ ") || key).then_some(said)
}

/// The tables, keys and entries of the text that stand behind a `#`, and the text with these in force.
fn in_force(text: &str) -> (Vec<String>, String) {
    let mut found = Vec::new();
    let lines = text.lines().map(|line| match setting(line) {
        Some(said) => {
            found.push(said.to_owned());
            said
        }
        None => line,
    });
    let whole = lines.collect::<Vec<_>>().join("\n");
    (found, whole)
}

#[test]
fn every_commented_setting_can_be_written_as_it_stands() {
    let text = fs::read_to_string(shipped().join("relais.toml")).unwrap();
    let (found, whole) = in_force(&text);
    // What can be set is in the file, so that whoever looks for it finds it.
    for name in [
        "priority",
        "language",
        "overflow",
        "offers",
        "expires_s",
        "at_once",
        "avoid_s",
        "missed_before_away",
        "direct_s",
        "affinity_s",
        "any_language",
        "[ageing]",
        "priority_s",
        "frustration_s",
        "light_s",
        "[terms]",
        "[offers]",
        "spare",
        "chance",
        "[limits]",
        "drain",
        "forget_after",
        "identity_key_file",
        "peak",
        "zone",
    ] {
        assert!(found.iter().any(|said| said.contains(name)), "{name} is not among {found:#?}");
    }
    let folder = TempDir::new().unwrap();
    let file = configuration(folder.path(), &whole);
    fs::write(folder.path().join("shop.key"), "0123456789abcdef0123456789abcdef").unwrap();
    let output = relais(&["check", "--config", &file.display().to_string()]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}\n{whole}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let problems = stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    // The shipped bot asks the demo's back office, and the checker says so of its file.
    let here = |problem: &Value| problem["file"].as_str().is_none_or(|file| file.ends_with("relais.toml"));
    assert!(!problems.into_iter().any(|problem| here(&problem)), "{told}");
    // They are in force indeed: a mistake in any of these tables is told.
    for (good, bad) in [
        ("priority = 0", "priority = 10"),
        ("missed_before_away = 3", "missed_before_away = -1"),
        ("light_s = 120", "light_s = 3601"),
        ("spare = 60.0", "spare = 1001.0"),
        ("at_once = 2 }", "at_once = 9 }"),
        ("any_language = true", "any_langage = true"),
        ("overflow = { waiting = 0", "overflow = { waiting = -1"),
    ] {
        let text = whole.replacen(good, bad, 1);
        assert_ne!(text, whole, "{good:?} is there");
        fs::write(&file, text).unwrap();
        let output = relais(&["check", "--config", &file.display().to_string()]);
        assert_eq!(output.status.code(), Some(1), "{bad}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
