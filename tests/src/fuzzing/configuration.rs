//! A configuration and a bot's script, separated by NUL: it is valid, or every mistake is told with its line.

#[allow(dead_code, reason = "the binary keeps its reader to itself; here it only reads")]
#[path = "../../../crates/server/src/config/mod.rs"]
mod config;

use super::texts;
use config::Files;
use std::cell::OnceCell;
use tempfile::TempDir;

/// The bot where the input has none: small, so that many configurations are tried.
const BOT: &str = r#"[bot]
languages = ["fr", "en"]
name = "Lou"
human = "human"
menu = []

[texts]
introduction.fr = "Je suis un robot."
introduction.en = "I am a bot."
greeting.fr = "Bonjour !"
greeting.en = "Hello!"

[nodes.human]
handover = true
"#;

thread_local! {
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

pub fn run(input: &[u8]) {
    let Some(texts) = texts(input) else { return };
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(in_memory).path();
        let bots = folder.join("bots");
        std::fs::create_dir_all(&bots).expect("a folder");
        let main = folder.join("relais.toml");
        std::fs::write(&main, texts[0]).expect("a file");
        std::fs::write(bots.join("shop.toml"), texts.get(1).unwrap_or(&BOT)).expect("a file");
        let (config, problems) = config::read(&Files::Disk(main), "http://127.0.0.1:8080");
        let lines = texts.iter().map(|text| text.lines().count()).max().unwrap_or(0) as u32 + 1;
        for problem in &problems {
            assert!(!problem.message.is_empty(), "{problem:?}");
            assert!(problem.line <= lines.max(BOT.lines().count() as u32), "{problem:?} of {lines} lines");
        }
        let errors = problems.iter().any(|problem| problem.severity == settings::Severity::Error);
        assert_eq!(config.is_none(), errors, "{problems:?}");
        if let Some(config) = config {
            let house = &config.house;
            assert!(house.queues.contains_key(&house.default_queue), "{:?}", house.default_queue);
            assert!(house.sites.values().all(|site| house.queues.contains_key(&site.queue)));
            assert!(config.policy.problems().is_empty());
        }
    });
}

/// A folder in memory, where the system has that: nothing here is worth a disk's time.
pub(super) fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}
