//! Any bytes as a conversation: no panic, spans inside the text, contributions that sum.
#![no_main]

use analyzer::{Analyzer, Context, Replier, Thresholds, cli, transfer};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(Analyzer::embedded);

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = cli::line(&ANALYZER, &Thresholds::default(), None, &text, 1);
    let mut context = Context::default();
    for part in text.split('\u{1}').take(6) {
        let analysis = ANALYZER.customer_turn(&mut context, part, None, None);
        let chars = part.chars().count() as u32;
        assert!(analysis.signals.iter().all(|heard| heard.start < heard.end && heard.end <= chars));
        let p = 1.0 / (1.0 + (-f64::from(analysis.log_odds())).exp());
        assert!((p - f64::from(analysis.frustration)).abs() < 1e-3);
        let _ = transfer(&context, &analysis, &Thresholds::default());
        ANALYZER.reply_turn(&mut context, Replier::Bot, part, None, true);
    }
});
