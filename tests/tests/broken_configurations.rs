//! Broken configurations of every kind: `relais check` tells all at once, with file and line, and nothing is started.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::{configuration, relais};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

/// A whole configuration; every mistake below changes one of its lines.
const GOOD: &str = r#"version = "1"
default_queue = "care"

[server]
listen = "127.0.0.1:8080"
public_url = "https://chat.example.org"
trusted_proxies = ["127.0.0.1"]
metrics_from = ["10.0.0.0/8"]

[timing]
advisor_lost_after = "5s"
abandon_after = "5m"
idle_after = "30m"

[limits]
per_address = 100
site_per_s = 50
drain = "10s"

[retention]
forget_after = "365d"

[people]
advisors_may_take = true
declines = ["busy"]
outcomes = ["resolved"]

[offers]
expires_s = 20
at_once = 1

[sites.shop]
name = "Boutique"
lang = "fr"
bot = "bots/shop.toml"
queue = "orders"
origins = ["https://www.example.org"]
no_origin = true

[queues.care]
names = { fr = "Service client" }
weight = 2
hard_from = 0.6

[queues.orders]
skills = { orders = 2 }
hard_weight = 3
steps = [{ after_s = 30, add = ["care"], drop = ["orders"] }]

[queues.orders.thresholds]
peak = 0.6

[queues.returns]
skills = { returns = 2 }
"#;

/// A line of [`GOOD`], what stands there instead, and words that the sentence must have.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    ("version = \"1\"", "version = 1", &["version"]),
    ("version = \"1\"", "versoin = \"1\"", &["versoin", "version"]),
    ("default_queue = \"care\"", "default_queue = \"car\"", &["car", "care"]),
    ("default_queue = \"care\"", "default_queue = \"not a name\"", &["default_queue"]),
    ("default_queue = \"care\"", "default_queue = []", &["default_queue"]),
    ("[server]", "[servers]", &["servers", "server"]),
    ("listen = \"127.0.0.1:8080\"", "listen = \"localhost:9000\"", &["listen", "127.0.0.1:9000"]),
    ("listen = \"127.0.0.1:8080\"", "listen = 8080", &["listen", "127.0.0.1:8080"]),
    ("listen = \"127.0.0.1:8080\"", "listen = \"127.0.0.1:80800\"", &["listen"]),
    ("listen = \"127.0.0.1:8080\"", "lisen = \"127.0.0.1:8080\"", &["lisen", "listen"]),
    ("public_url = \"https://chat.example.org\"", "public_url = \"chat\"", &["public_url"]),
    ("public_url = \"https://chat.example.org\"", "public_url = \"https://a.org/path\"", &["public_url"]),
    ("trusted_proxies = [\"127.0.0.1\"]", "trusted_proxies = [\"proxy\"]", &["trusted_proxies", "proxy"]),
    ("trusted_proxies = [\"127.0.0.1\"]", "trusted_proxies = [\"10.0.0.0/40\"]", &["trusted_proxies"]),
    ("metrics_from = [\"10.0.0.0/8\"]", "metrics_from = 10", &["metrics_from"]),
    ("advisor_lost_after = \"5s\"", "advisor_lost_after = \"5 parsecs\"", &["advisor_lost_after"]),
    ("advisor_lost_after = \"5s\"", "advisor_lost_after = \"-5s\"", &["advisor_lost_after"]),
    ("advisor_lost_after = \"5s\"", "advisor_lost_after = \"2h\"", &["advisor_lost_after"]),
    ("abandon_after = \"5m\"", "abandon_after = \"0s\"", &["abandon_after"]),
    ("abandon_after = \"5m\"", "abandon = \"5m\"", &["abandon"]),
    ("per_address = 100", "per_address = 0", &["per_address"]),
    ("per_address = 100", "per_adress = 100", &["per_adress", "per_address"]),
    ("site_per_s = 50", "site_per_s = 0.5", &["site_per_s"]),
    ("drain = \"10s\"", "drain = \"1h\"", &["drain"]),
    ("forget_after = \"365d\"", "forget_after = \"12h\"", &["forget_after"]),
    ("forget_after = \"365d\"", "forget_after = 365", &["forget_after"]),
    ("forget_after = \"365d\"", "forget_aftr = \"365d\"", &["forget_aftr", "forget_after"]),
    ("advisors_may_take = true", "advisors_may_take = \"yes\"", &["advisors_may_take"]),
    ("declines = [\"busy\"]", "declines = []", &["declines"]),
    ("outcomes = [\"resolved\"]", "outcomes = [1]", &["outcomes"]),
    ("expires_s = 20", "expires_s = 0", &["expires_s"]),
    ("expires_s = 20", "expires_s = \"soon\"", &["expires_s"]),
    ("at_once = 1", "at_onec = 1", &["at_onec", "did you mean \\\"at_once"]),
    ("name = \"Boutique\"", "name = true", &["name"]),
    ("lang = \"fr\"", "lang = \"français\"", &["lang"]),
    ("lang = \"fr\"", "lang = \"de\"", &["sites.shop.lang", "fr", "en"]),
    (
        "bot = \"bots/shop.toml\"",
        "bot = \"bots/shopp.toml\"",
        &["no file", "did you mean \\\"bots/shop.toml"],
    ),
    ("bot = \"bots/shop.toml\"", "bot = \"bots\"", &["bots"]),
    ("queue = \"orders\"", "queue = \"orderz\"", &["orderz", "did you mean \\\"orders"]),
    ("origins = [\"https://www.example.org\"]", "origins = [\"example\"]", &["origins", "example"]),
    ("origins = [\"https://www.example.org\"]", "identity_key_file = \"none.key\"", &["none.key"]),
    ("origins = [\"https://www.example.org\"]", "identity_key_file = \"relais.toml.short\"", &["short"]),
    ("no_origin = true", "no_origin = 1", &["no_origin"]),
    ("no_origin = true", "no_orign = true", &["no_orign", "no_origin"]),
    ("names = { fr = \"Service client\" }", "names = \"Service client\"", &["names"]),
    ("weight = 2", "weight = \"two\"", &["weight"]),
    ("weight = 2", "weight = -1", &["weight", "a whole number from 0 to 65535", "as in weight = 2"]),
    ("weight = 2", "hours = { mon = [\"09:00-12:00\"] }", &["queues.care.hours", "[hours.office]"]),
    ("weight = 2", "hours = \"office\"", &["queues.care.hours", "[hours.office]"]),
    ("hard_from = 0.6", "hard_from = 2.0", &["hard_from"]),
    ("skills = { orders = 2 }", "skills = { orders = 9 }", &["skills"]),
    ("skills = { orders = 2 }", "skills = [\"orders\"]", &["skills"]),
    (
        "steps = [{ after_s = 30, add = [\"care\"], drop = [\"orders\"] }]",
        "steps = [{ after_s = 30, add = [\"cares\"] }]",
        &["steps[0].add[0]", "did you mean \\\"care"],
    ),
    (
        "steps = [{ after_s = 30, add = [\"care\"], drop = [\"orders\"] }]",
        "steps = [{ after = 30 }]",
        &["steps[0].after", "after_s"],
    ),
    ("peak = 0.6", "peak = 60", &["peak"]),
    ("peak = 0.6", "peek = 0.6", &["peek", "peak"]),
];

struct Told {
    output: Output,
    problems: Vec<Value>,
}

fn check(file: &Path) -> Told {
    let output = relais(&["check", "--config", &file.display().to_string()]);
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    let problems = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Told { output, problems }
}

impl Told {
    fn errors(&self) -> impl Iterator<Item = &Value> {
        self.problems.iter().filter(|problem| problem["level"] == "error")
    }

    /// Whether an error stands at this line of this file and has all these words.
    fn names(&self, file: &str, line: usize, words: &[&str]) -> bool {
        self.errors().any(|problem| {
            let said = format!("{} {}", problem["message"], problem["suggestion"]);
            problem["file"].as_str().is_some_and(|of| of.ends_with(file))
                && problem["line"] == line
                && words.iter().all(|word| said.contains(word))
        })
    }

    fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

fn line_of(text: &str, part: &str) -> usize {
    1 + text.lines().position(|line| line == part).unwrap_or_else(|| panic!("{part:?} is a line"))
}

/// Writes it beside the shipped bots, with a key that is too short.
fn written(folder: &TempDir, text: &str) -> std::path::PathBuf {
    let file = configuration(folder.path(), text);
    fs::write(folder.path().join("relais.toml.short"), "short").unwrap();
    file
}

/// Starting with it starts nothing: no port is taken, no data folder is made.
fn starts_nothing(folder: &TempDir, file: &Path) {
    // The port is taken: who tried to have it would say so instead.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let data = folder.path().join("data");
    let (config, data_text) = (file.display().to_string(), data.display().to_string());
    let output = relais(&["serve", "--config", &config, "--listen", &listen, "--data", &data_text]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("nothing was started"), "{told}");
    assert!(!told.contains("listen on"), "{told}");
    assert!(!data.exists(), "nothing is written");
}

#[test]
fn a_good_configuration_is_good() {
    let folder = TempDir::new().unwrap();
    let told = check(&written(&folder, GOOD));
    assert_eq!(told.output.status.code(), Some(0), "{}", told.stderr());
    assert_eq!(told.errors().count(), 0);
    let shipped = relais(&["check"]);
    assert_eq!(shipped.status.code(), Some(0), "{}", String::from_utf8_lossy(&shipped.stderr));
}

#[test]
fn every_mistake_is_told_with_its_file_and_line() {
    let folder = TempDir::new().unwrap();
    let mut silent = Vec::new();
    for (good, bad, words) in MISTAKES {
        let text = GOOD.replacen(&format!("{good}\n"), &format!("{bad}\n"), 1);
        assert_ne!(text, GOOD, "{good:?} is a line");
        let told = check(&written(&folder, &text));
        if told.output.status.code() != Some(1) || !told.names("relais.toml", line_of(&text, bad), words) {
            silent.push(format!("{bad:?} at line {}: {}", line_of(&text, bad), told.stderr()));
        }
        for jargon in ["invalid type", "expected ", "struct ", "os error", " u8", " u16", " u32", " f32"] {
            assert!(!told.stderr().contains(jargon), "{bad:?} is told as {}", told.stderr());
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_and_nothing_is_started() {
    let folder = TempDir::new().unwrap();
    let mut text = GOOD.to_owned();
    let mut made = Vec::new();
    for (good, bad, words) in MISTAKES {
        let (old, new) = (format!("{good}\n"), format!("{bad}\n"));
        // One mistake a line; a table's own name would hide what stands in it.
        if text.contains(&old) && !bad.starts_with('[') {
            text = text.replacen(&old, &new, 1);
            made.push((*bad, *words));
        }
    }
    assert!(made.len() >= 20, "{made:?}");
    let file = written(&folder, &text);
    let told = check(&file);
    assert_eq!(told.output.status.code(), Some(1));
    for (bad, words) in made {
        assert!(
            told.names("relais.toml", line_of(&text, bad), words),
            "{bad:?} at line {} is not among:\n{}",
            line_of(&text, bad),
            told.stderr()
        );
    }
    starts_nothing(&folder, &file);
}

#[test]
fn what_is_missing_is_told() {
    let folder = TempDir::new().unwrap();
    for (without, words) in [
        ("default_queue = \"care\"\n", "default_queue"),
        ("bot = \"bots/shop.toml\"\n", "bot"),
        ("queue = \"orders\"\n", "queue"),
    ] {
        let text = GOOD.replacen(without, "", 1);
        let told = check(&written(&folder, &text));
        assert_eq!(told.output.status.code(), Some(1), "without {without:?}: {}", told.stderr());
        let named = told.errors().any(|problem| {
            problem["line"].as_u64() >= Some(1)
                && problem["message"].as_str().is_some_and(|said| said.contains(words))
        });
        assert!(named, "without {without:?}: {}", told.stderr());
    }
    for text in ["", "# nothing\n", "version = \"1\"\n"] {
        let file = written(&folder, text);
        let told = check(&file);
        assert_eq!(told.output.status.code(), Some(1), "{text:?}: {}", told.stderr());
        assert!(
            told.errors().any(|problem| problem.to_string().contains("default_queue")),
            "{}",
            told.stderr()
        );
        assert!(told.errors().any(|problem| problem.to_string().contains("site")), "{}", told.stderr());
        starts_nothing(&folder, &file);
    }
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let folder = TempDir::new().unwrap();
    for (good, bad) in [
        ("version = \"1\"", "version = "),
        ("version = \"1\"", "version = \"1"),
        ("listen = \"127.0.0.1:8080\"", "listen: 127.0.0.1"),
        ("[timing]", "[timing"),
        ("at_once = 1", "expires_s = 20"),
        ("[queues.returns]", "[queues.care]"),
        ("weight = 2", "weight = 2 3"),
    ] {
        let text = GOOD.replacen(&format!("{good}\n"), &format!("{bad}\n"), 1);
        let line = 1 + text.lines().enumerate().filter(|(_, line)| *line == bad).last().unwrap().0;
        let file = written(&folder, &text);
        let told = check(&file);
        assert_eq!(told.output.status.code(), Some(1), "{bad:?}");
        assert!(told.names("relais.toml", line, &[]), "{bad:?} at line {line}: {}", told.stderr());
        starts_nothing(&folder, &file);
    }
    let twice = format!("{GOOD}\n[queues.care]\nweight = 2\nnames = {{ fr = \"Service client\" }}\n");
    let told = check(&written(&folder, &twice));
    assert_eq!(told.errors().count(), 1, "{}", told.stderr());
    let first = format!("line {}", line_of(&twice, "[queues.care]"));
    let last = twice.lines().count() - 2;
    assert!(told.names("relais.toml", last, &["[queues.care]", "twice", &first]), "{}", told.stderr());
}

#[test]
fn what_can_be_used_and_is_hardly_meant_is_a_warning() {
    let folder = TempDir::new().unwrap();
    for (good, bad, file, words) in [
        ("weight = 2", "weight = 0", "relais.toml", ["queues.care.weight", "counts as 1"]),
        (
            "no_origin = true",
            "variables = { hour_fr = \"9 h\" }",
            "relais.toml",
            ["sites.shop.variables.hour_fr", "hours_fr"],
        ),
        (
            "[queues.returns]",
            "[queues.return]",
            "bots/shop.toml",
            ["hand_over.queue", "did you mean \"return\"?"],
        ),
    ] {
        let told = check(&written(&folder, &GOOD.replacen(&format!("{good}\n"), &format!("{bad}\n"), 1)));
        assert_eq!(told.output.status.code(), Some(0), "{bad:?}: {}", told.stderr());
        let here = told.problems.iter().filter(|problem| {
            let said = format!("{} {}", problem["message"], problem["suggestion"]).replace('\\', "");
            problem["file"].as_str().is_some_and(|of| of.ends_with(file))
                && words.iter().all(|word| said.contains(word))
        });
        assert_eq!(here.count(), 1, "{bad:?}: {}", told.stderr());
    }
}

#[test]
fn a_broken_bot_is_told_with_its_own_file_and_line() {
    let folder = TempDir::new().unwrap();
    let file = written(&folder, GOOD);
    let bot = folder.path().join("bots/shop.toml");
    let shipped = fs::read_to_string(&bot).unwrap();
    for (good, bad) in [
        ("languages = [\"fr\", \"en\"]", "languages = \"fr\""),
        ("human = \"human\"", "human = \"nowhere\""),
        ("failures = 2", "failures = \"two\""),
        ("failures = 2", "failuers = 2"),
        ("check = \"order_number\"", "check = \"magic\""),
        ("timeout = \"3s\"", "timeout = \"3 parsecs\""),
        ("failed = \"order_unreachable\"", "failed = \"nowhere\""),
        ("leads_to = \"order_status\"", "leads_to = \"nowhere\""),
        ("return_days = \"30\"", "return_days = "),
    ] {
        let text = shipped.replacen(&format!("{good}\n"), &format!("{bad}\n"), 1);
        assert_ne!(text, shipped, "{good:?} is a line");
        fs::write(&bot, &text).unwrap();
        let told = check(&file);
        assert_eq!(told.output.status.code(), Some(1), "{bad:?}: {}", told.stderr());
        let line = line_of(&text, bad);
        assert!(told.names("bots/shop.toml", line, &[]), "{bad:?} at line {line}: {}", told.stderr());
        starts_nothing(&folder, &file);
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = TempDir::new().unwrap();
    let bytes = folder.path().join("bytes.toml");
    fs::write(&bytes, b"version = \"\xff\"\n").unwrap();
    for file in [folder.path().join("none.toml"), folder.path().to_path_buf(), bytes] {
        let told = check(&file);
        assert_eq!(told.output.status.code(), Some(1), "{}", file.display());
        assert!(told.stderr().contains(&file.display().to_string()), "{}", told.stderr());
        starts_nothing(&folder, &file);
    }
}
