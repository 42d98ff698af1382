//! What a file says is read with its lines, and everything that is wrong with it is told at once.

use settings::{Document, Item, Problems, Severity};

fn problems_of(text: &str, read: impl Fn(&settings::Table<'_>)) -> Vec<String> {
    let problems = Problems::new();
    if let Some(document) = Document::parse("a.toml", text, &problems) {
        let root = document.root(&problems);
        read(&root);
        root.finish();
    }
    problems.into_sorted().iter().map(ToString::to_string).collect()
}

#[test]
fn values_come_with_their_lines_in_the_order_of_the_file() {
    let text = "name = \"Lou\"\nwait = \"1m30s\"\nlevel = 3\nshare = 1\non = true\nwords = [\n  \"b\",\n  \"a\",\n]\n\n[z.one]\nx = 1\n[a.two]\n[z.alpha]\n[[step]]\n[[step]]\n";
    let problems = Problems::new();
    let document = Document::parse("a.toml", text, &problems).unwrap();
    let root = document.root(&problems);
    let name = root.required_text("name").unwrap();
    assert_eq!((name.value.as_str(), name.line), ("Lou", 1));
    assert_eq!(*root.duration("wait", 0..=100_000).unwrap(), 90_000);
    assert_eq!(*root.integer("level", 1..=5).unwrap(), 3);
    assert!((*root.float("share", 0.0..=1.0).unwrap() - 1.0).abs() < f64::EPSILON);
    assert!(*root.flag("on").unwrap());
    let words: Vec<(String, u32)> =
        root.texts("words").into_iter().map(|word| (word.value, word.line)).collect();
    assert_eq!(words, [("b".to_owned(), 7), ("a".to_owned(), 8)]);
    let names: Vec<(String, u32)> =
        root.named_tables("z").into_iter().map(|(name, _)| (name.value, name.line)).collect();
    assert_eq!(names, [("one".to_owned(), 11), ("alpha".to_owned(), 14)]);
    assert_eq!(root.tables("step").len(), 2);
    assert_eq!(root.json("words").unwrap().value, serde_json::json!(["b", "a"]));
    assert_eq!(root.text("absent"), None);
    assert!(problems.is_empty());
    root.finish();
    assert_eq!(
        problems.into_sorted()[0].to_string(),
        "a.toml:13: `a` is not a setting (known here: absent, level, name, on, share, step, wait, words, z)"
    );
}

#[test]
fn all_mistakes_are_told_at_once_with_line_and_suggestion() {
    let text = "nam = \"x\"\nlevel = 9\nwait = 20\nshare = \"half\"\non = \"yes\"\nwords = [\"a\", 1]\nmode = \"fats\"\nlist = \"one\"\nlater = \"5 parsecs\"\nid = \"é\"\n[t]\n[t.u]\nn = 4\n";
    let found = problems_of(text, |root| {
        root.required_text("name");
        root.integer("level", 1..=5);
        root.duration("wait", 0..=1000);
        root.float("share", 0.0..=1.0);
        root.flag("on");
        root.texts("words");
        root.word("mode", &[("fast", 1), ("slow", 2)]);
        root.texts("list");
        root.duration("later", 0..=1000);
        root.parsed::<u32>("id");
        let inner = root.table("t").unwrap().table("u").unwrap();
        inner.required_text("n");
        inner.finish();
        root.table("level");
    });
    assert_eq!(
        found,
        [
            "a.toml:1: `nam` is not a setting (did you mean \"name\"?)",
            "a.toml:1: `name` is missing",
            "a.toml:2: `level` is 9, but must be between 1 and 5",
            "a.toml:2: `level` must be a table, not a whole number",
            "a.toml:3: `wait` must be a duration such as \"20s\", not a whole number (write \"20s\" or \"20ms\")",
            "a.toml:4: `share` must be a number, not a text",
            "a.toml:5: `on` must be true or false, not a text (without quotes)",
            "a.toml:6: `words` must hold texts only, not a whole number",
            "a.toml:7: `mode` is \"fats\", but must be one of \"fast\", \"slow\" (did you mean \"fast\"?)",
            "a.toml:8: `list` must be a list of texts, not a text (write [\"one\"])",
            "a.toml:9: `later` is not a duration: \"5 parsecs\" (write a number and a unit: \"250ms\", \"20s\", \"5m\", \"2h\" or \"7d\")",
            "a.toml:10: `id` is \"é\": invalid digit found in string",
            "a.toml:13: `t.u.n` must be a text, not a whole number (write \"4\")",
        ]
    );
}

#[test]
fn every_syntax_error_has_its_line() {
    let found = problems_of("a = 1\nb = = 2\nc = \"open\nd = 1\nd = 2\n", |_| {});
    assert!(found.len() >= 2, "{found:?}");
    assert!(found[0].starts_with("a.toml:2: this is not TOML: "), "{found:?}");
    assert!(found.iter().any(|problem| problem.starts_with("a.toml:3: ")), "{found:?}");
    assert!(found.iter().any(|problem| problem.starts_with("a.toml:5: ")), "{found:?}");
    let big = problems_of("a = 99999999999999999999\n", |_| {});
    assert_eq!(big, ["a.toml:1: 99999999999999999999 is too large a number"]);
}

#[test]
fn lists_may_mix_texts_and_tables_and_nothing_else() {
    let problems = Problems::new();
    let document = Document::parse("a.toml", "steps = [\"a\", { to = \"b\" }, 3]", &problems).unwrap();
    let items = document.root(&problems).items("steps");
    assert!(matches!(&items[0], Item::Text(text) if text.value == "a"));
    assert!(matches!(&items[1], Item::Table(table) if table.path() == "steps[1]"));
    assert_eq!(items.len(), 2);
    let all = problems.into_sorted();
    assert_eq!(all[0].to_string(), "a.toml:1: `steps` must hold tables or texts, not a whole number");
    assert_eq!(all[0].severity, Severity::Error);
}

#[test]
fn deep_nesting_is_refused_not_suffered() {
    let found = problems_of(&format!("a = {}1{}", "[".repeat(5_000), "]".repeat(5_000)), |_| {});
    assert!(found[0].starts_with("a.toml:1: this is not TOML"), "{}", found[0]);
    let found = problems_of(&format!("a{} = 1", ".a".repeat(20_000)), |_| {});
    assert!(found.is_empty() || found[0].starts_with("a.toml:1: "), "{}", found[0]);
}
